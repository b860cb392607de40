"""Finds what a process keeps of something that it does again and again."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

CYCLES = 100
NEARLY_ALL = 0.9
WINDOWS = 8  # a leak grows in each; what only warms up has ceased to by then
CANCELLED_TIMERS = 1000  # more than there are others, see `_drop_cancelled_timers`
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
    await _drop_cancelled_timers()
    weight = _count()  # a count itself takes memory: there is one at each of the next two
    before = _count()
    del weight
    for _ in range(CYCLES):
        await cycle()
    await _drop_cancelled_timers()
    after = _count()
    after.subtract(before)
    return +after


async def _drop_cancelled_timers() -> None:
    """asyncio keeps the timers that were cancelled until they are more than half of all.

    So their number goes up and down, by two hundred pieces of memory: a rise from one count to the
    next looked like a leak on some Pythons, and a fall would hide one.
    """
    loop = asyncio.get_running_loop()
    for _ in range(CANCELLED_TIMERS):
        loop.call_later(3600, print).cancel()
    await asyncio.sleep(0)


def _count() -> Counter[str]:
    gc.collect()
    # Text, bytes and numbers are in no list of objects; each takes a block of memory.
    blocks = sys.getallocatedblocks()
    found = Counter(type(thing).__name__ for thing in gc.get_objects())
    found["blocks of memory"] = blocks
    return found
