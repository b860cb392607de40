"""The cursor of one room: the last event that was taken, so that none is doubled or missed."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.domain.events import Event


class Cursor:
    """``seq`` is the newest event that was taken; the next one has to be ``seq + 1``.

    ``at`` is that event's logged time in ms, if known. It tells histories apart: after a backup is
    restored, another event with another time may have the same ``seq``.
    """

    __slots__ = ("at", "seq")

    def __init__(self, seq: int, at: int | None = None) -> None:
        self.seq = seq
        self.at = at

    def take(self, events: Iterable[Event]) -> tuple[list[Event], bool]:
        """The events of ``events`` that follow without a gap, and whether there is a gap then.

        Events that were taken before are skipped. Events after a gap are skipped, too: they have
        to be requested again, from ``seq`` on.
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
