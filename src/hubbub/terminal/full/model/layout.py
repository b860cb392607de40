"""Which rows stand at which place of a room's log: the event's own, and what belongs before it."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.domain.events import Event
from hubbub.terminal.comings import FOLDED_FROM, is_coming
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.lines import (
    Look,
    Notice,
    event_rows,
    folded_rows,
    notice_rows,
    rule_rows,
)
from hubbub.terminal.full.model.rows import Role, Row
from hubbub.terminal.full.model.window import Window

MAX_NOTICES = 300


class Layout:
    """``marker`` is the last event that was read: a line goes behind it."""

    def __init__(self) -> None:
        self.look = Look()
        self.marker: int | None = None
        self._notices: dict[int, list[Notice]] = {}

    def continues(self, previous: Event | None, event: Event | None) -> bool:
        """Whether both are people who come or go, with nothing between them."""
        if previous is None or event is None or not (is_coming(previous) and is_coming(event)):
            return False
        parted = self.marker == previous.seq or previous.seq in self._notices
        if parted or previous.at == event.at:
            return not parted
        local = self.look.local
        return clock.day(event.at, local) == clock.day(previous.at, local)

    def of_event(
        self, event: Event, previous: Event | None, run: Sequence[Event] = ()
    ) -> list[Row]:
        """The rows of an event with all that belongs to its place.

        ``run``: the comings and goings in a row that it is one of. Many have one line together,
        which is the last one's.
        """
        look = self.look
        rows: list[Row] = []
        if look.compact:
            today = clock.day(event.at, look.local)
            if previous is None or clock.day(previous.at, look.local) != today:
                rows += rule_rows(today, Role.RULE, look)
        if self.marker is not None and event.seq == self.marker + 1:
            rows += rule_rows("new since you left", Role.UNREAD, look)
        if len(run) < FOLDED_FROM:
            rows += event_rows(event, look)
        elif event.seq == run[-1].seq:
            rows += folded_rows(run, look)
        rows += self._notices_behind(event.seq)
        for row in rows:
            row.seq = event.seq
        return rows

    def of_head(self, window: Window) -> list[Row]:
        """What is above the first event that is loaded."""
        rows: list[Row] = []
        if window.head and not window.at_beginning:
            rows += rule_rows("scroll up for older messages", Role.RULE, self.look)
        if not window.events:
            rows += self._notices_behind(window.head)
        elif window.at_beginning:
            rows += self._notices_behind(0)
        return rows

    def add_notice(self, notice: Notice, seq: int) -> int | None:
        """Puts a notice behind an event. Returns the event whose notices had to go for that."""
        gone = None
        if sum(map(len, self._notices.values())) >= MAX_NOTICES:
            gone = next(iter(self._notices))
            del self._notices[gone]
        self._notices.setdefault(seq, []).append(notice)
        return gone

    def remove_notice(self, notice: Notice) -> list[int]:
        """Takes a notice away; returns the events behind which it was."""
        found = [seq for seq, notices in self._notices.items() if notice in notices]
        for seq in found:
            self._notices[seq].remove(notice)
            if not self._notices[seq]:
                del self._notices[seq]
        return found

    def clear_notices(self) -> None:
        """Takes all notices away."""
        self._notices.clear()

    def _notices_behind(self, seq: int) -> list[Row]:
        return [row for one in self._notices.get(seq, ()) for row in notice_rows(one, self.look)]
