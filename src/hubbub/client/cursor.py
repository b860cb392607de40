"""The cursor of one room: what was taken of its log, so that nothing is shown twice or missed."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.domain.events import Event


class Cursor:
    """``seq`` of the newest event that was taken; the next one is ``seq + 1`` and no other.

    ``at`` is the time of that event, as it is logged, if it is known: in another history than this,
    such as a backup that was restored, an event of another time has the number.
    """

    __slots__ = ("at", "seq")

    def __init__(self, seq: int, at: int | None = None) -> None:
        self.seq = seq
        self.at = at

    def take(self, events: Iterable[Event]) -> tuple[list[Event], bool]:
        """The events among ``events`` that are next in the log, and whether a hole came then.

        What was taken before is left out. What comes behind a hole is left out, too: it has to
        be asked for again, from ``seq`` on.
        """
        taken: list[Event] = []
        for event in events:
            if event.seq <= self.seq:
                continue
            if event.seq > self.seq + 1:
                return taken, True
            self.seq, self.at = event.seq, event.at
            taken.append(event)
        return taken, False
