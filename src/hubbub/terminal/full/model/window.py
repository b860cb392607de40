"""The part of a room's timeline that is in memory: without a hole, and bounded."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from typing import cast

from hubbub.client.segment import Segment, seq_of
from hubbub.domain.events import AnyEvent, AuthorForgotten, Event
from hubbub.domain.kinds import floor_of, is_message, texts_of, traits_of
from hubbub.domain.projection import (
    amended,
    forgetting,
    requoted,
    target_of,
    told_of,
    without_past,
)

MAX_WEIGHT = 1500  # events of usual length; their rows fit into a few megabytes
PAGE_SHARE = 3  # of the window: what one page may replace
CHARS_PER_WEIGHT = 100  # a long message weighs as much as the lines it fills


def weigh(event: Event) -> int:
    """How much of the window an event takes."""
    return 1 + sum(map(len, texts_of(event))) // CHARS_PER_WEIGHT


class Window:
    """The part ``first <= seq <= last`` of a room, which it *covers*. ``head`` is the newest event
    that we know to exist.

    ``events`` are the lines of that part, in order: events that are no lines of their own have
    numbers, too, but take no place. The window is *attached* when it covers the head: then it
    covers live events as well. Detached, they only move the head, and `add_newer` brings the window
    after them.
    """

    def __init__(self, most: int = MAX_WEIGHT) -> None:
        self.most = most
        self.events: list[Event] = []
        self.head = 0
        self.weight = 0
        self._covered = range(0)
        self._begins = False
        self._answers: Counter[int] | None = None

    @property
    def first(self) -> int:
        """The first number that is covered; behind the head when none is."""
        return self._covered.start if self._covered else self.head + 1

    @property
    def last(self) -> int:
        """The last number that is covered; the head when none is."""
        return self._covered.stop - 1 if self._covered else self.head

    @property
    def attached(self) -> bool:
        """Whether the newest event is covered."""
        return self.last == self.head

    @property
    def at_beginning(self) -> bool:
        """Whether nothing older is to be had."""
        return self.first == 1 or self._begins

    @property
    def full(self) -> bool:
        """Whether something must go before more may come."""
        return self.weight >= self.most

    def covers(self, seq: int) -> bool:
        """Whether the event ``seq`` is loaded, if it is a line, or known to be none."""
        return seq in self._covered

    def place(self, seq: int) -> int:
        """The place in ``events`` of the first line from ``seq`` on, or behind all of them."""
        return bisect_left(self.events, seq, key=seq_of)

    def get(self, seq: int) -> Event | None:
        """The line with that ``seq``, if it is loaded."""
        place = self.place(seq)
        event = self.events[place] if place < len(self.events) else None
        return event if event is not None and event.seq == seq else None

    def replies(self, seq: int) -> int:
        """How many messages answer that one, as far as they are loaded."""
        if self._answers is None:
            self._answers = Counter(
                event.reply_to
                for event in self.events
                if is_message(event) and event.reply_to is not None and event.redacted is None
            )
        return self._answers[seq]

    def behind(self, seq: int) -> Segment | None:
        """What is covered behind ``seq``; None if ``seq + 1`` is not."""
        if not self.covers(seq + 1):
            return None
        return Segment(seq + 1, self.last, self.events[self.place(seq + 1) :])

    def add(self, events: Sequence[Event], *, hold: bool = False) -> list[Event]:
        """Takes live events; returns the lines among them that are in the window now.

        ``hold``: a full window does not grow; it is detached then. Events behind a hole begin the
        window anew.
        """
        events = [event for event in events if event.seq > self.head]
        if not events:
            return []
        if events[0].seq > self.head + 1 and self.head:
            self.clear()
            self.head = events[0].seq - 1
        attached, begin = self.attached, self.first if self._covered else events[0].seq
        self.head = events[-1].seq
        for forgotten in [event for event in events if isinstance(event, AuthorForgotten)]:
            events = [forgetting(cast("AnyEvent", event), forgotten) for event in events]
            self.forget_author(forgotten)
        if floor := floor_of(events):
            events = [without_past(floor, cast("AnyEvent", event)) for event in events]
            self.lose_past(floor)
            begin = max(begin, floor + 1)
        lines = _lines(events)
        if not attached or (hold and self.full and lines):
            return []
        self._covered = range(begin, self.head + 1)
        self._extend(lines)
        return lines

    def amend(self, events: Sequence[Event]) -> set[int]:
        """Changes messages that are loaded, and what quotes them, as ``events`` say.

        Returns the ``seq`` of the lines that are other ones now, or have another number of replies.
        To be called behind `add`.
        """
        found: dict[int, list[Event]] = {}
        for event in events:
            target = target_of(event)
            if target is not None:
                found.setdefault(target, []).append(event)
        changed: set[int] = set()
        for target, amendments in found.items():
            self._change(target, changed, partial(_amended, amendments))
        rewording = [event for event in events if traits_of(event).rewords]
        if rewording:
            for line in self.events[self.place(min(target_of(one) or 0 for one in rewording)) :]:
                if told_of(cast("AnyEvent", line)) in found:
                    later = [one for one in rewording if one.seq > line.seq]
                    self._change(line.seq, changed, partial(reduce, requoted, later))
        answers = {one.reply_to for one in events if is_message(one) and one.reply_to is not None}
        for seq in changed:
            line = self.events[self.place(seq)]
            if is_message(line) and line.redacted is not None and line.reply_to is not None:
                answers.add(line.reply_to)
        return changed | {seq for seq in answers if self.get(seq) is not None}

    def _change(self, seq: int, changed: set[int], change: Callable[[AnyEvent], AnyEvent]) -> None:
        was = self.get(seq)
        if was is None:
            return
        now = change(cast("AnyEvent", was))
        if now is not was:
            self.events[self.place(seq)] = now
            self.weight += weigh(now) - weigh(was)
            self._answers = None
            changed.add(seq)

    def forget_author(self, forgotten: AuthorForgotten) -> None:
        """Somebody is a former member: what is loaded is as the server has it now."""
        self.events[:] = [forgetting(cast("AnyEvent", event), forgotten) for event in self.events]
        self.weight = sum(map(weigh, self.events))

    def lose_past(self, floor: int) -> None:
        """Events up to ``floor`` are gone: what is loaded is as the server has it now."""
        if self._covered and self._covered.start <= floor:
            self._covered = range(min(floor + 1, self._covered.stop), self._covered.stop)
            self._begins = True
        self.events[:] = [
            without_past(floor, cast("AnyEvent", event))
            for event in self.events[self.place(floor + 1) :]
        ]
        self._answers = None
        self.weight = sum(map(weigh, self.events))

    def add_older(self, page: Segment) -> bool:
        """Takes what ends where the window begins; whether it does."""
        first = self.first
        page = page.before(first)
        if page.empty or page.last != first - 1:
            return False
        self.head = self.head or page.last
        lines = _lines(page.events)
        newest_first = self._share(reversed(lines))
        begin = page.first if len(newest_first) == len(lines) else newest_first[-1].seq
        self._covered = range(begin, self._covered.stop if self._covered else first)
        self.events[:0] = newest_first[::-1]
        self._answers = None
        self.weight += sum(map(weigh, newest_first))
        return True

    def add_newer(self, page: Segment) -> bool:
        """Takes what begins where the window ends; whether it does."""
        page = page.behind(self.last)
        if not self._covered or page.empty or page.first != self.last + 1:
            return False
        lines = _lines(page.events)
        kept = self._share(lines)
        end = page.last if len(kept) == len(lines) else kept[-1].seq
        self._covered = range(self._covered.start, end + 1)
        self._extend(kept)
        self.head = max(self.head, end)
        return True

    def begins_here(self) -> None:
        """There is nothing older on the server."""
        self._begins = True

    def trim_front(self) -> int:
        """Lets go of the oldest lines that are too much; returns how many."""
        gone = 0
        while self.weight > self.most and len(self.events) - gone > 1:
            self.weight -= weigh(self.events[gone])
            gone += 1
        if gone:
            self._begins = False
            self._covered = range(self.events[gone - 1].seq + 1, self._covered.stop)
            del self.events[:gone]
            self._answers = None
        return gone

    def trim_back(self) -> int:
        """Lets go of the newest lines that are too much; returns how many."""
        gone = 0
        while self.weight > self.most and len(self.events) > 1:
            event = self.events.pop()
            self._answers = None
            self.weight -= weigh(event)
            self._covered = range(self._covered.start, event.seq)
            gone += 1
        return gone

    def show(self, page: Segment) -> None:
        """Shows another part of the timeline."""
        self.clear()
        self._covered = range(page.first, page.last + 1)
        self._extend(_lines(page.events))
        self.head = max(self.head, self.last)

    def clear(self) -> None:
        """Nothing is loaded; the head stays."""
        self.events.clear()
        self._answers = None
        self.weight = 0
        self._covered = range(0)
        self._begins = False

    def reset(self) -> None:
        """The log is another one."""
        self.clear()
        self.head = 0

    def _extend(self, lines: Sequence[Event]) -> None:
        self.events.extend(lines)
        self._answers = None
        self.weight += sum(map(weigh, lines))

    def _share(self, lines: Iterable[Event]) -> list[Event]:
        """As many of a page's lines as may come at once, so that those in view can stay."""
        kept: list[Event] = []
        left = self.most // PAGE_SHARE
        for event in lines:
            left -= weigh(event)
            if left < 0 and kept:
                break
            kept.append(event)
        return kept


def _lines(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if traits_of(event).line]


def _amended(amendments: Sequence[Event], event: AnyEvent) -> AnyEvent:
    return amended(event, *amendments)
