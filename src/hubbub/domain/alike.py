"""Names of rooms that somebody may have meant who typed another one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import inf

from hubbub.domain.names import RoomName

MOST = 5  # names that are worth a look
SLIPS = 2  # of the keyboard, at most; one in a name of less than SHORT letters
SHORT = 4

_SIGNS = re.compile(r"[\s\-_.]+")


def joined(name: str) -> str:
    """What is left of a name when it does not matter how its words are joined."""
    return _SIGNS.sub("-", RoomName.recall(name.strip()).key)


def alike(typed: str, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that are a slip or two away from ``typed``, the nearest first."""
    wish = joined(typed)
    most = 1 if len(wish) < SHORT else SLIPS
    far = {name: slips(wish, joined(name), most) for name in names}
    return sorted((name for name in far if far[name] <= most), key=far.__getitem__)[:MOST]


def slips(one: str, other: str, most: int) -> float:
    """How many letters are to be changed, put in, left out or swapped with the next (optimal
    string alignment); more than ``most`` is infinity.
    """
    if abs(len(one) - len(other)) > most:
        return inf
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for place, facing in enumerate(other, 1):
            cost = min(last[place - 1] + (letter != facing), last[place] + 1, now[-1] + 1)
            if row > 1 and place > 1 and letter == other[place - 2] and one[row - 2] == facing:
                cost = min(cost, before[place - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return inf
        before, last = last, now
    return last[-1]
