"""A room's timeline: what is above, on and below the screen, and the place one reads at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import cast

from hubbub.domain.events import Event
from hubbub.domain.kinds import is_message
from hubbub.terminal.comings import FOLDED_FROM, is_coming
from hubbub.terminal.full.model.blocks import Blocks
from hubbub.terminal.full.model.layout import Layout
from hubbub.terminal.full.model.lines import Look, Notice
from hubbub.terminal.full.model.rows import Role, Row, copied
from hubbub.terminal.full.model.window import Window

ROWS_ABOVE = 2  # of what is read already, above what is to be read: so that one knows the place


class Timeline:
    """``top`` is the row at the top of the screen; while *following*, the newest is in view.

    ``fresh`` counts what was said below the screen since one scrolled up. ``tail`` are rows of
    what is not in the log yet, behind all else. ``chosen`` is the event that stands out.
    """

    def __init__(self, window: Window | None = None) -> None:
        self.window = window or Window()
        self.blocks = Blocks()
        self.height = 1
        self.top = self.blocks.base
        self.following = True
        self.fresh = 0
        self.chosen: int | None = None
        self.tail: list[Row] = []
        self._layout = Layout()
        self._owed = 0  # rows that could not be scrolled, for want of older ones

    @property
    def look(self) -> Look:
        """How lines look."""
        return self._layout.look

    @property
    def marker(self) -> int | None:
        """The last event that was read, if there is a line behind it."""
        return self._layout.marker

    @property
    def base(self) -> int:
        """The number of the first row."""
        return self.blocks.base

    # What is in view

    @property
    def end(self) -> int:
        """The number behind the last row."""
        return self.base + len(self.blocks) + len(self.tail)

    @property
    def lowest_top(self) -> int:
        """The top when the last row is in view."""
        return max(self.base, self.end - self.height)

    def row(self, number: int) -> Row | None:
        """The row with that number."""
        place = number - self.base
        if place < 0:
            return None
        if place < len(self.blocks):
            return self.blocks.rows[place]
        place -= len(self.blocks)
        return self.tail[place] if place < len(self.tail) else None

    def number_at(self, y: int) -> int:
        """The number of the row at ``y`` on the screen. A short timeline stands at the bottom."""
        return self.top + y - max(0, self.height - (self.end - self.base))

    def view(self) -> list[tuple[int, Row | None]]:
        """The rows on the screen with their numbers."""
        numbers = [self.number_at(y) for y in range(self.height)]
        return [(number, self.row(number)) for number in numbers]

    def seen(self) -> tuple[int, int] | None:
        """The first and the last event on the screen; None when there is none."""
        seqs = [row.seq for _, row in self.view() if row is not None and row.seq]
        return (seqs[0], seqs[-1]) if seqs else None

    @property
    def wants_older(self) -> bool:
        """Whether the reader comes near the oldest row that is loaded."""
        return not self.window.at_beginning and self.top - self.base < 2 * self.height

    @property
    def is_short(self) -> bool:
        """Whether all that is loaded does not fill the screen, and there is more."""
        loaded = bool(self.window.events) and not self.window.at_beginning
        return loaded and self.end - self.base < self.height

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
        seqs = {
            row.seq for row in self.blocks.rows if any(run.role is Role.MATCH for run in row.runs)
        }
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
        if look != self.look:
            self._layout.look = look
            self._lay_out()

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

    def point(self, seq: int, words: Sequence[str]) -> None:
        """An event stands out, and in it these words, until `unpoint`."""
        self.chosen = seq
        self.restyle(self.look._replace(found=(seq, tuple(word.casefold() for word in words))))

    def unpoint(self) -> None:
        """Nothing stands out any more."""
        if self.look.found[0]:
            self.chosen = None
            self.restyle(self.look._replace(found=(0, ())))

    def to_newest(self) -> bool:
        """Follows the newest; False when that is not loaded, and is to be shown with `show`."""
        if not self.window.attached:
            return False
        self._follow(True)
        self._settle()
        return True

    def to_event(self, seq: int, *, top: bool = False) -> bool:
        """Brings an event into the middle of the screen, or near its ``top``; False when it is not
        loaded.
        """
        place = self.blocks.place(seq - self.window.first)
        if place is None:
            return False
        above = min(ROWS_ABOVE, self.height // 3) if top else self.height // 3
        self.top = min(max(place - above, self.base), self.lowest_top)
        self._follow(self.top == self.lowest_top and self.window.attached)
        return True

    # What happens

    def add(self, events: Sequence[Event]) -> None:
        """Live events, in order and without a hole."""
        empty = not self.window.events
        head = self.window.head
        added = self.window.add(events, hold=not self.following)
        if not self.following:
            hides = self.look.hides
            self.fresh += sum(
                is_message(event) and event.seq > head and not hides(event.by) for event in events
            )
        if not added:
            return
        if empty or added[0].seq == self.window.first:
            self.window.trim_front()
            self._lay_out()
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
            self._lay_out()
            return
        if not self.following:
            self.blocks.drop_last(self.window.trim_back())
        self.blocks.prepend(self._lay(added))
        self._lay_again(front)
        self._lay_again(self.window.last)
        self.blocks.set_head(self._layout.of_head(self.window))
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
        self._lay_out()
        if at is not None:
            self.to_event(at)

    def begins_here(self) -> None:
        """There is nothing older."""
        self.window.begins_here()
        self.blocks.set_head(self._layout.of_head(self.window))
        self._settle()

    def note(self, notice: Notice, *, after: int | None = None) -> None:
        """The client says something, behind the event ``after`` (None: the newest)."""
        seq = self.window.head if after is None else after
        gone = self._layout.add_notice(notice, seq)
        if gone is not None:
            self._lay_again(gone)
        self._lay_again(seq)
        self._settle()

    def move_notice(self, notice: Notice, to: int) -> None:
        """Puts a notice behind another event."""
        for seq in self._layout.remove_notice(notice):
            self._lay_again(seq)
        self.note(notice, after=to)

    def mark(self, seq: int | None) -> None:
        """What is behind ``seq`` is new to the reader; None: nothing is."""
        before, self._layout.marker = self.marker, seq
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
        self._layout.clear_notices()
        self.following = True
        self.fresh = 0
        self._lay_out()

    def reset(self) -> None:
        """The log is another one."""
        self.window.reset()
        self._layout.marker = None
        self.clear()

    # Laying out

    def _lay_out(self) -> None:
        """Lays out all that is loaded, and keeps the place."""
        row = self.row(self.top)
        seq = row.seq if row else 0
        inside = 0
        while seq and (above := self.row(self.top - inside - 1)) and above.seq == seq:
            inside += 1
        blocks = self._lay(self.window.events)
        self.blocks.begin(self._layout.of_head(self.window), blocks)
        place = self.blocks.place(seq - self.window.first) if seq else None
        self.top = self.base if place is None else place + inside
        self._settle()

    def _lay(self, events: Iterable[Event]) -> list[list[Row]]:
        """The rows of each event; they follow one another in the window."""
        blocks: list[list[Row]] = []
        run: list[Event] = []
        for event in events:
            if not run or event.seq > run[-1].seq:
                run = self._run_at(event)
            blocks.append(self._layout.of_event(event, self.window.get(event.seq - 1), run))
        return blocks

    def _run_at(self, event: Event) -> list[Event]:
        """The comings and goings in a row that an event is one of; else the event alone."""
        if not is_coming(event):
            return [event]
        run = deque([event])
        while self._layout.continues(one := self.window.get(run[0].seq - 1), run[0]):
            run.appendleft(cast(Event, one))
        while self._layout.continues(run[-1], one := self.window.get(run[-1].seq + 1)):
            run.append(cast(Event, one))
        return list(run)

    def _lay_again(self, seq: int) -> None:
        """Lays out one event again, with the comings and goings around it; or what is above all,
        when that is its place.
        """
        event = self.window.get(seq)
        if event is not None:
            self._lay_run(self._run_at(event))
            for beside in (self.window.get(seq - 1), self.window.get(seq + 1)):
                if beside is not None and is_coming(beside):
                    self._lay_run(self._run_at(beside))
        elif seq == 0 or not self.window.events:
            self.blocks.set_head(self._layout.of_head(self.window))

    def _lay_run(self, run: Sequence[Event], before: int | None = None) -> None:
        """Lays these out again; those up to ``before``, if that is given."""
        for event in run:
            number = event.seq - self.window.first
            inner = len(run) >= FOLDED_FROM and run[0].seq < event.seq < run[-1].seq
            if before is not None and event.seq >= before:
                return
            if inner and not self.blocks.count(number):
                continue  # it has no line of its own already
            block = self._layout.of_event(event, self.window.get(event.seq - 1), run)
            self.blocks.replace(number, block, self.top)

    def _append(self, events: Sequence[Event]) -> None:
        first = events[0]
        self.blocks.append(self._lay(events))
        if self._layout.continues(self.window.get(first.seq - 1), first):
            self._lay_run(self._run_at(first), first.seq)

    def _trim_front(self) -> None:
        gone = self.window.trim_front()
        if gone:
            self.blocks.drop_first(gone)
            first = self.window.events[0]
            if is_coming(first):
                self._lay_run(self._run_at(first))
            self.blocks.set_head(self._layout.of_head(self.window))

    def _follow(self, following: bool) -> None:
        self.following = following
        if following:
            self.fresh = 0

    def _settle(self) -> None:
        """The top is where it can be, and at the newest while that is followed."""
        lowest = self.lowest_top
        self.top = lowest if self.following else min(max(self.top, self.base), lowest)
