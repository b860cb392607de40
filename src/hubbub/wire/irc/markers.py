"""Up to which time users have read, as their clients have said it.

The hub knows numbers of events, and keeps them; so what is here may be forgotten: then it is the
time of the event up to which somebody has read, instead of the time between two events.
"""

from __future__ import annotations

from msgspec import Struct

from hubbub.domain.ids import UserId

MOST = 10_000  # of all users together: two MB


class Mark(Struct, frozen=True):
    """The time ``at`` (ms), told when the hub had ``seq``. None: nothing was read."""

    seq: int
    at: int | None


class Markers:
    """The newest of them."""

    def __init__(self) -> None:
        self._marks: dict[tuple[UserId | None, str], Mark] = {}

    def get(self, user: UserId | None, target: str) -> Mark | None:
        """The marker of ``user``; ``target``: a channel or a nickname, by its key."""
        return self._marks.get((user, target))

    def put(self, user: UserId | None, target: str, mark: Mark) -> None:
        """Remembers it, and forgets the one that was not touched for the longest time."""
        self._marks.pop((user, target), None)
        self._marks[user, target] = mark
        if len(self._marks) > MOST:
            del self._marks[next(iter(self._marks))]
