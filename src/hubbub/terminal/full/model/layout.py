"""Which rows stand at which place of a room's log: the event's own, and what belongs beside it.

A notice, and the line before what is new, have the number of any event as their place, also of one
that is no line of its own: they stand between the lines before and behind that number.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from typing import TypeVar, cast

from hubbub.client.change import Change, Does
from hubbub.domain.events import Event
from hubbub.domain.kinds import is_message
from hubbub.domain.projection import amended
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

E = TypeVar("E", bound=Event)


class Layout:
    """``marker`` is the last event that was read: a line goes behind it.

    ``pins`` are the messages that are pinned; ``waiting``, by message, what is on its way to
    change it, which shows already.
    """

    def __init__(self) -> None:
        self.look = Look()
        self.marker: int | None = None
        self.pins: frozenset[int] = frozenset()
        self.waiting: Mapping[int, Sequence[Change]] = {}
        self._notices: dict[int, list[Notice]] = {}  # those that came first are the first
        self._noted: list[int] = []  # the same numbers in order

    def continues(self, previous: Event, event: Event) -> bool:
        """Whether two lines in a row are people who come or go, with nothing between them."""
        if not (is_coming(previous) and is_coming(event)):
            return False
        if self._marks(previous.seq, event) or self.has_notices(previous.seq, event.seq - 1):
            return False
        if previous.at == event.at:
            return True
        local = self.look.local
        return clock.day(event.at, local) == clock.day(previous.at, local)

    def of_event(
        self,
        event: Event,
        previous: Event | None,
        *,
        after: int,
        upto: int,
        run: Sequence[Event] = (),
        replies: int = 0,
    ) -> list[Row]:
        """The rows of a line with all that belongs to its place.

        ``previous``: the line before it, if that is loaded. ``after``: its number, or the last one
        that is not loaded. ``upto``: the last number before the next line. ``run``: the comings
        and goings in a row that it is one of. Many have one line together, which is the last one's.
        ``replies``: so many answers to it are loaded.
        """
        look = self.look
        rows: list[Row] = []
        if look.compact:
            today = clock.day(event.at, look.local)
            if previous is None or clock.day(previous.at, look.local) != today:
                rows += rule_rows(today, Role.RULE, look)
        if self._marks(after, event):
            rows += rule_rows("new since you left", Role.UNREAD, look)
        if len(run) < FOLDED_FROM:
            rows += event_rows(self.present(event), look, self._beside(event, replies))
        elif event.seq == run[-1].seq:
            rows += folded_rows(run, look)
        rows += self._notices_in(event.seq, upto)
        for row in rows:
            row.seq = event.seq
        return rows

    def present(self, event: E) -> E:
        """``event`` as it is shown: with what is on its way."""
        waiting = self.waiting.get(event.seq)
        if not waiting or not is_message(event):
            return event
        rev, me = event.rev or event.seq, self.look.me
        changes = [one.event(rev + n, event.at, me) for n, one in enumerate(waiting, 1)]
        return cast("E", amended(event, *changes))

    def _beside(self, event: Event, replies: int) -> list[str]:
        """What else is to be told of a message, in words."""
        words = []
        if is_message(event) and (count := max(replies, event.replies)):
            words.append("1 reply" if count == 1 else f"{count:,} replies")
        waiting = self.waiting.get(event.seq, ())
        pins = [one.on for one in waiting if one.does is Does.PIN]
        if pins[-1] if pins else event.seq in self.pins:
            words.append("pinned")
        return [*words, "waiting"] if waiting else words

    def of_head(self, window: Window) -> list[Row]:
        """What is above the first line that is loaded."""
        rows: list[Row] = []
        if window.head and not window.at_beginning:
            rows += rule_rows("scroll up for older messages", Role.RULE, self.look)
        begin = 0 if window.at_beginning else window.first - 1
        end = window.events[0].seq - 1 if window.events else window.last
        return rows + self._notices_in(begin, end)

    def add_notice(self, notice: Notice, seq: int) -> int | None:
        """Puts a notice behind an event. Returns the event whose notices had to go for that."""
        gone = None
        if sum(map(len, self._notices.values())) >= MAX_NOTICES:
            gone = next(iter(self._notices))
            self._forget(gone)
        if seq not in self._notices:
            self._notices[seq] = []
            insort(self._noted, seq)
        self._notices[seq].append(notice)
        return gone

    def remove_notice(self, notice: Notice) -> list[int]:
        """Takes a notice away; returns the events behind which it was."""
        found = [seq for seq, notices in self._notices.items() if notice in notices]
        for seq in found:
            self._notices[seq].remove(notice)
            if not self._notices[seq]:
                self._forget(seq)
        return found

    def clear_notices(self) -> None:
        """Takes all notices away."""
        self._notices.clear()
        self._noted.clear()

    def has_notices(self, first: int, last: int) -> bool:
        """Whether there is a notice behind one of these events."""
        place = bisect_left(self._noted, first)
        return place < len(self._noted) and self._noted[place] <= last

    def _notices_in(self, first: int, last: int) -> list[Row]:
        rows: list[Row] = []
        for place in range(bisect_left(self._noted, first), len(self._noted)):
            seq = self._noted[place]
            if seq > last:
                break
            rows += [row for one in self._notices[seq] for row in notice_rows(one, self.look)]
        return rows

    def _forget(self, seq: int) -> None:
        del self._notices[seq]
        del self._noted[bisect_left(self._noted, seq)]

    def _marks(self, after: int, event: Event) -> bool:
        """Whether the line before what is new goes before ``event``, and behind ``after``."""
        return self.marker is not None and after <= self.marker < event.seq
