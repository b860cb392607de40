"""When clients come back to the server that takes over: not all in one moment."""

from __future__ import annotations

import random
from collections.abc import Callable

SOONEST_SECONDS = 0.2  # until the new server is there, if all goes quickly
PER_SECOND = 200  # clients that come back: each says hello, and enters its rooms
MOST_SECONDS = 30.0  # until the last one is back, however many there are

SLOW_SECONDS = 5.0  # that a client may take to hear that, and to come in, on a busy computer

Uniform = Callable[[float, float], float]


def last(count: int) -> float:
    """After how many seconds the last of so many clients comes back."""
    return SOONEST_SECONDS + min(count / PER_SECOND, MOST_SECONDS)


def all_back(count: int) -> float:
    """After how many seconds all of so many clients are back that will come back."""
    return last(count) + SLOW_SECONDS


def comebacks(count: int, uniform: Uniform = random.uniform) -> list[float]:
    """After how many seconds each of so many clients is to come back.

    Each has a part of the time for itself, and comes at some moment in it (stratified sampling): so
    never many come at the same time, as they would by chance if each had all of the time.
    """
    part = (last(count) - SOONEST_SECONDS) / max(1, count)
    return [
        round(SOONEST_SECONDS + uniform(place * part, (place + 1) * part), 3)
        for place in range(count)
    ]
