"""Suggests room names that are similar to a mistyped one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import inf

from hubbub.domain.names import RoomName

MOST = 5  # suggestions
SLIPS = 2  # edits between the two names, at most; one in a name of less than SHORT letters
SHORT = 4

_SIGNS = re.compile(r"[\s\-_.]+")


def joined(name: str) -> str:
    """The key of a name with every run of separators (space, "-", "_", ".") as one "-"."""
    return _SIGNS.sub("-", RoomName.recall(name.strip()).key)


def alike(typed: str, names: Iterable[str]) -> list[str]:
    """Those of ``names`` within `SLIPS` edits of ``typed``, the nearest first; at most `MOST`."""
    wish = joined(typed)
    most = 1 if len(wish) < SHORT else SLIPS
    far = {name: slips(wish, joined(name), most) for name in names}
    return sorted((name for name in far if far[name] <= most), key=far.__getitem__)[:MOST]


def slips(one: str, other: str, most: int) -> float:
    """The edit distance with swaps of neighbours (optimal string alignment distance).

    Infinity if it is more than ``most``.
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
