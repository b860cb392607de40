"""Finds what a process keeps of something that it does again and again."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

from hubbub.storage.rows import id_of, name_of

CYCLES = 100
NEARLY_ALL = 0.9
WINDOWS = 8  # a leak grows in each; what only warms up has ceased to by then
# Python's cache of attributes, 4,096 entries, keeps their names: each accept of a WebSocket makes
# new ones by way of `datetime.timetuple` (for its Date header), from Python 3.12 on.
_clear_caches = getattr(sys, "_clear_internal_caches", None) or sys._clear_type_cache
MANY_TIMERS = 1000  # more than asyncio keeps, and than the tests have that are not cancelled
Cycle = Callable[[], Awaitable[object]]


async def leaks(cycle: Cycle, *, warm_up: int = CYCLES, windows: int = WINDOWS) -> dict[str, float]:
    """What grows with each ``cycle``: objects by type, and pieces of memory; per cycle.

    What is kept once, or for a while, is no leak: the least growth of several windows counts, and
    something has to be left behind by nearly every cycle.
    """
    for _ in range(warm_up):
        await cycle()
    least = await _growth(cycle)
    for _ in range(windows - 1):
        if not _kept(least):
            break
        least &= await _growth(cycle)  # the minimum of each
    return {name: count / CYCLES for name, count in _kept(least).items()}


def _kept(growth: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in growth.items() if count >= NEARLY_ALL * CYCLES}


async def _growth(cycle: Cycle) -> Counter[str]:
    weight = await _count()  # a count itself takes memory: there is one at each of the next two
    before = await _count()
    del weight
    for _ in range(CYCLES):
        await cycle()
    after = await _count()
    after.subtract(before)
    return +after


async def _count() -> Counter[str]:
    await _without_cancelled_timers()
    _clear_caches()
    for cache in (id_of, name_of):  # of so many names, and no more
        cache.cache_clear()
    gc.collect()
    # Text, bytes and numbers are in no list of objects; each takes a block of memory.
    blocks = sys.getallocatedblocks()
    found = Counter(type(thing).__name__ for thing in gc.get_objects())
    found["blocks of memory"] = blocks
    return found


async def _without_cancelled_timers() -> None:
    """Lets the loop forget timers that were cancelled, which it does when they are many.

    Until then there are some more with each connection, and in the next window none.
    """
    loop = asyncio.get_running_loop()
    for _ in range(MANY_TIMERS):
        loop.call_later(3600, _nothing).cancel()
    await asyncio.sleep(0)


def _nothing() -> None:
    pass
