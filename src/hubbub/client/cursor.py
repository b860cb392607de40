"""The cursor of one room: what was taken of its log, so that nothing is shown twice or missed."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.domain.events import Event


class Cursor:
    """``seq`` of the newest event that was taken; the next one is ``seq + 1`` and no other."""

    __slots__ = ("seq",)

    def __init__(self, seq: int) -> None:
        self.seq = seq

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
            self.seq = event.seq
            taken.append(event)
        return taken, False
