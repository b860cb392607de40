"""A room's timeline as rows: what is above, on and below the screen, and the place one reads at.

Rows have absolute numbers (`base` is that of the first) that stay with them while older ones come
and go at the front, so that a selection and the place of reading stay where they are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice

from hubbub.domain.events import Event, Said
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.lines import (
    Look,
    Notice,
    event_rows,
    notice_rows,
    rule_rows,
)
from hubbub.terminal.full.model.rows import Role, Row, copied
from hubbub.terminal.full.model.window import Window

MAX_NOTICES = 300
FIRST_ROW = 1 << 30  # rows come in front of it, and their numbers should not be negative


class Timeline:
    """``top`` is the row at the top of the screen; while *following*, the newest is in view.

    ``marker`` is the last event that was read: a line goes behind it. ``fresh`` counts what was
    said below the screen since one scrolled up.
    """

    def __init__(self, window: Window | None = None) -> None:
        self.window = window or Window()
        self.look = Look()
        self.height = 1
        self.base = self.top = FIRST_ROW
        self.following = True
        self.fresh = 0
        self.marker: int | None = None
        self.rows: list[Row] = []
        self.tail: list[Row] = []
        self._head_rows: list[Row] = []
        self._blocks: deque[int] = deque()  # how many rows each event has
        self._notices: dict[int, list[Notice]] = {}
        self._owed = 0  # rows that could not be scrolled, for want of older ones

    # What is in view

    @property
    def end(self) -> int:
        """The number behind the last row."""
        return self.base + len(self.rows) + len(self.tail)

    @property
    def lowest_top(self) -> int:
        """The top when the last row is in view."""
        return max(self.base, self.end - self.height)

    def row(self, number: int) -> Row | None:
        """The row with that number."""
        place = number - self.base
        if place < 0:
            return None
        if place < len(self.rows):
            return self.rows[place]
        place -= len(self.rows)
        return self.tail[place] if place < len(self.tail) else None

    def number_at(self, y: int) -> int:
        """The number of the row at ``y`` on the screen. A short timeline stands at the bottom."""
        return self.top + y - max(0, self.height - (self.end - self.base))

    def view(self) -> list[tuple[int, Row | None]]:
        """The rows on the screen with their numbers."""
        numbers = [self.number_at(y) for y in range(self.height)]
        return [(number, self.row(number)) for number in numbers]

    @property
    def wants_older(self) -> bool:
        """Whether the reader comes near the oldest row that is loaded."""
        return not self.window.at_beginning and self.top - self.base < 2 * self.height

    @property
    def wants_newer(self) -> bool:
        """Whether the reader comes near the newest row that is loaded, and there are newer."""
        return not self.window.attached and self.end - self.top < 3 * self.height

    def copy(self, start: tuple[int, int] | None, end: tuple[int, int] | None) -> str:
        """The text between two places, (row number, character); None is the first or last."""
        first, left = start or (self.base, 0)
        last, right = end or (self.end - 1, None)
        found: list[tuple[Row, int, int | None]] = []
        for number in range(max(first, self.base), min(last, self.end - 1) + 1):
            row = self.row(number)
            if row is not None:
                begin = left if number == first else 0
                found.append((row, begin, right if number == last else None))
        return copied(found)

    def found(self) -> list[int]:
        """The events in which there is what is sought, in order."""
        seqs = {row.seq for row in self.rows if any(run.role is Role.MATCH for run in row.runs)}
        return sorted(seqs - {0})

    # Moving

    def resize(self, width: int, height: int) -> None:
        """The screen has another size."""
        self.height = max(1, height)
        if width != self.look.width:
            self.restyle(self.look._replace(width=width))
        self._settle()

    def restyle(self, look: Look) -> None:
        """Lines look different now; the place stays."""
        if look == self.look:
            return
        self.look = look
        self.lay_out()

    def scroll(self, rows: int) -> None:
        """Moves so many rows down, or up if negative."""
        wanted = self.top + rows
        self._owed = max(0, self.base - wanted) if self.wants_older else 0
        self.top = min(max(wanted, self.base), self.lowest_top)
        at_end = self.top == self.lowest_top and self.window.attached
        self._follow(at_end and (rows >= 0 or self.lowest_top == self.base))

    def to_oldest(self) -> None:
        """To the oldest row that is loaded."""
        self.scroll(self.base - self.top)
        if self.end - self.base > self.height:
            self._follow(False)

    def to_newest(self) -> bool:
        """Follows the newest; False when that is not loaded, and is to be shown with `show`."""
        if not self.window.attached:
            return False
        self._follow(True)
        self._settle()
        return True

    def to_event(self, seq: int) -> bool:
        """Brings an event into the middle of the screen; False when it is not loaded."""
        place = self._place(seq)
        if place is None:
            return False
        self.top = min(max(self.base + place - self.height // 3, self.base), self.lowest_top)
        self._follow(self.top == self.lowest_top and self.window.attached)
        return True

    # What happens

    def add(self, events: Sequence[Event]) -> None:
        """Live events, in order and without a hole."""
        empty = not self.window.events
        head = self.window.head
        added = self.window.add(events, hold=not self.following)
        if not self.following:
            self.fresh += sum(isinstance(event, Said) and event.seq > head for event in events)
        if not added:
            return
        if empty or added[0].seq == self.window.first:
            self.window.trim_front()
            self.lay_out()
        else:
            self._append(added)
            if self.following:
                self._trim_front()
        self._settle()

    def add_older(self, events: Sequence[Event]) -> None:
        """A page that ends where the loaded part begins."""
        front = self.window.first
        added = self.window.add_older(events)
        if not added:
            return
        if front > self.window.last:
            self.lay_out()
            return
        gone = self.window.trim_back() if not self.following else 0
        count = sum(self._blocks.pop() for _ in range(gone))
        del self.rows[len(self.rows) - count :]
        rows, counts = self._lay(added, None)
        self._blocks.extendleft(reversed(counts))
        heads = len(self._head_rows)
        self._splice(heads, heads, rows, keep=True)
        self._lay_again(front)
        self._lay_head()
        self._settle()
        if self._owed:
            self.scroll(-min(self._owed, self.height))

    def add_newer(self, events: Sequence[Event]) -> None:
        """A page that begins where the loaded part ends."""
        added = self.window.add_newer(events)
        if added:
            self._append(added)
            self._trim_front()
            self._settle()

    def show(self, events: Sequence[Event], *, at: int | None = None) -> None:
        """Another part of the log; the newest, or with the event ``at`` in view."""
        self.window.show(events)
        self.window.trim_front()
        self.following = at is None
        if self.following:
            self.fresh = 0
        self.lay_out()
        if at is not None:
            self.to_event(at)

    def begins_here(self) -> None:
        """There is nothing older."""
        self.window.begins_here()
        self._lay_head()

    def note(self, notice: Notice, *, after: int | None = None) -> None:
        """The client says something, behind the event ``after`` (None: the newest)."""
        seq = self.window.head if after is None else after
        if sum(map(len, self._notices.values())) >= MAX_NOTICES:
            oldest = next(iter(self._notices))
            del self._notices[oldest]
            self._lay_again(oldest)
        self._notices.setdefault(seq, []).append(notice)
        self._lay_again(seq)
        self._settle()

    def move_notice(self, notice: Notice, to: int) -> None:
        """Puts a notice behind another event."""
        for seq, notices in list(self._notices.items()):
            if notice in notices:
                notices.remove(notice)
                if not notices:
                    del self._notices[seq]
                self._lay_again(seq)
        self.note(notice, after=to)

    def mark(self, seq: int | None) -> None:
        """What is behind ``seq`` is new to the reader; None: nothing is."""
        before, self.marker = self.marker, seq
        for one in (before, seq):
            if one is not None:
                self._lay_again(one + 1)
        self._settle()

    def set_tail(self, rows: list[Row]) -> None:
        """What is not in the log yet, and goes behind all else."""
        self.tail = rows
        self._settle()

    def clear(self) -> None:
        """Takes all off the screen; older lines can be scrolled to again."""
        self.window.clear()
        self._notices.clear()
        self.following = True
        self.fresh = 0
        self.lay_out()

    def reset(self) -> None:
        """The log is another one."""
        self.window.reset()
        self.marker = None
        self.clear()

    # Laying out

    def lay_out(self) -> None:
        """Lays out all that is loaded, and keeps the place."""
        row = self.row(self.top)
        seq = row.seq if row else 0
        inside = 0
        while seq and (above := self.row(self.top - inside - 1)) and above.seq == seq:
            inside += 1
        self._head_rows = self._make_head()
        rows, counts = self._lay(self.window.events, None)
        self.rows = [*self._head_rows, *rows]
        self._blocks = deque(counts)
        self.base = FIRST_ROW
        place = self._place(seq) if seq else None
        self.top = self.base + (place + inside if place is not None else 0)
        self._settle()

    def _append(self, events: Sequence[Event]) -> None:
        rows, counts = self._lay(events, self.window.get(events[0].seq - 1))
        self.rows += rows
        self._blocks += counts

    def _lay(self, events: Iterable[Event], previous: Event | None) -> tuple[list[Row], list[int]]:
        """The rows of events that follow ``previous``, and how many each has."""
        rows: list[Row] = []
        counts: list[int] = []
        for event in events:
            block = self._block(event, previous)
            rows += block
            counts.append(len(block))
            previous = event
        return rows, counts

    def _block(self, event: Event, previous: Event | None) -> list[Row]:
        """The rows of an event with all that belongs to its place."""
        look = self.look
        rows: list[Row] = []
        if look.compact:
            today = clock.day(event.at, look.local)
            if previous is None or clock.day(previous.at, look.local) != today:
                rows += rule_rows(today, Role.RULE, look)
        if self.marker is not None and event.seq == self.marker + 1:
            rows += rule_rows("new since you left", Role.UNREAD, look)
        rows += event_rows(event, look)
        for notice in self._notices.get(event.seq, ()):
            rows += notice_rows(notice, look)
        for row in rows:
            row.seq = event.seq
        return rows

    def _make_head(self) -> list[Row]:
        """What is above the first event."""
        if self.window.events and not self.window.at_beginning:
            return rule_rows("older lines: scroll up", Role.RULE, self.look)
        seq = 0 if self.window.events else self.window.head
        rows = [row for one in self._notices.get(seq, ()) for row in notice_rows(one, self.look)]
        if not self.window.events and self.window.head:
            return rule_rows("older lines: scroll up", Role.RULE, self.look) + rows
        return rows

    def _lay_head(self) -> None:
        old = len(self._head_rows)
        self._head_rows = self._make_head()
        self._splice(0, old, self._head_rows, keep=True)

    def _lay_again(self, seq: int) -> None:
        """Lays out one event again."""
        event = self.window.get(seq)
        if event is None:
            if seq == 0 or not self.window.events:
                self._lay_head()
            return
        place = seq - self.window.first
        start = len(self._head_rows) + sum(islice(self._blocks, place))
        block = self._block(event, self.window.get(seq - 1))
        before = self._blocks[place]
        self._blocks[place] = len(block)
        self._splice(start, start + before, block)

    def _splice(self, start: int, end: int, rows: Sequence[Row], *, keep: bool = False) -> None:
        """Replaces rows. What is on the screen stays there when that happens above it."""
        above = self.base + end <= self.top
        self.rows[start:end] = rows
        if above or keep:
            self.base -= len(rows) - (end - start)

    def _trim_front(self) -> None:
        gone = self.window.trim_front()
        if gone:
            count = sum(self._blocks.popleft() for _ in range(gone))
            heads = len(self._head_rows)
            self._splice(heads, heads + count, (), keep=True)
            self._lay_head()

    def _place(self, seq: int) -> int | None:
        """The place in `rows` of an event's first row."""
        place = seq - self.window.first
        if not 0 <= place < len(self._blocks):
            return None
        return len(self._head_rows) + sum(islice(self._blocks, place))

    def _follow(self, following: bool) -> None:
        self.following = following
        if following:
            self.fresh = 0

    def _settle(self) -> None:
        """The top is where it can be, and at the newest while that is followed."""
        lowest = self.lowest_top
        self.top = lowest if self.following else min(max(self.top, self.base), lowest)
