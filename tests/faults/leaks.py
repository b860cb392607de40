"""Finds what a process keeps of something that it does again and again."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

CYCLES = 100
NEARLY_ALL = 0.9
WINDOWS = 2
Cycle = Callable[[], Awaitable[object]]


async def leaks(cycle: Cycle, *, warm_up: int = CYCLES) -> dict[str, float]:
    """What grows with each ``cycle``: objects by type, and pieces of memory; per cycle.

    What is kept once, or for a while, is no leak: the least growth of a few windows counts, and
    something has to be left behind by nearly every cycle.
    """
    for _ in range(warm_up):
        await cycle()
    windows = [await _growth(cycle) for _ in range(WINDOWS)]
    least = windows[0]
    for window in windows[1:]:
        least &= window  # the minimum of each
    return {name: count / CYCLES for name, count in least.items() if count >= NEARLY_ALL * CYCLES}


async def _growth(cycle: Cycle) -> Counter[str]:
    weight = _count()  # a count itself takes memory: there is one at each of the next two
    before = _count()
    del weight
    for _ in range(CYCLES):
        await cycle()
    after = _count()
    after.subtract(before)
    return +after


def _count() -> Counter[str]:
    gc.collect()
    # Text, bytes and numbers are in no list of objects; each takes a block of memory.
    blocks = sys.getallocatedblocks()
    found = Counter(type(thing).__name__ for thing in gc.get_objects())
    found["blocks of memory"] = blocks
    return found
