"""A room's timeline: what is above, on and below the screen, and the place one reads at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hubbub.client.change import Change
from hubbub.client.segment import Segment
from hubbub.domain.events import Event, Said
from hubbub.domain.kinds import is_message, traits_of
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
        loaded = self.window.covers(self.window.first) and not self.window.at_beginning
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
        loaded. For one that is no line, it is the next line, or else the last one.
        """
        if not self.window.covers(seq):
            return False
        place = self.blocks.place(min(self.window.place(seq), len(self.window.events) - 1))
        if place is None:
            return True
        above = min(ROWS_ABOVE, self.height // 3) if top else self.height // 3
        self.top = min(max(place - above, self.base), self.lowest_top)
        self._follow(self.top == self.lowest_top and self.window.attached)
        return True

    # What happens

    def add(self, events: Sequence[Event]) -> None:
        """Live events, in order and without a hole."""
        window = self.window
        empty, first, last, head = not window.events, window.first, window.last, window.head
        added = window.add(events, hold=not self.following)
        changed = window.amend(events)
        added = window.events[len(window.events) - len(added) :]
        if not self.following:
            hides = self.look.hides
            self.fresh += sum(
                is_message(event) and event.seq > head and not hides(event) for event in events
            )
        forgets = any(traits_of(event).forgets or traits_of(event).trims for event in events)
        if empty or window.first != first or forgets:
            window.trim_front()
            self._lay_out()
        else:
            self._append(added, last)
            self.lay_again(changed - {one.seq for one in added})
            if self.following:
                self._trim_front()
        self._settle()

    def lay_again(self, seqs: Iterable[int]) -> None:
        """These lines look different now, as far as they are loaded."""
        for seq in seqs:
            if self.window.get(seq) is not None:
                self._lay_again(self.window.place(seq))
        self._settle()

    def add_older(self, page: Segment) -> bool:
        """A page that ends where the loaded part begins; whether it does."""
        lines = len(self.window.events)
        if not self.window.add_older(page):
            return False
        added = len(self.window.events) - lines
        if not lines:
            self._lay_out()
            return True
        if not self.following:
            self.blocks.drop_last(self.window.trim_back())
        self.blocks.prepend(self._lay(0, added))
        self._lay_again(added)
        self._lay_again(len(self.window.events) - 1)
        self.blocks.set_head(self._layout.of_head(self.window))
        self._settle()
        if self._owed:
            self.scroll(-min(self._owed, self.height))
        return True

    def add_newer(self, page: Segment) -> bool:
        """A page that begins where the loaded part ends; whether it does."""
        lines, last = len(self.window.events), self.window.last
        if not self.window.add_newer(page):
            return False
        self._append(self.window.events[lines:], last)
        self._trim_front()
        self._settle()
        return True

    def show(self, page: Segment, *, at: int | None = None) -> None:
        """Another part of the timeline; the newest, or with the event ``at`` in view."""
        self.window.show(page)
        if at is None:
            self.window.trim_front()
        else:
            self.window.trim_back()
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
            self._lay_notices_again(gone)
        self._lay_notices_again(seq)
        self._settle()

    def move_notice(self, notice: Notice, to: int) -> None:
        """Puts a notice behind another event."""
        for seq in self._layout.remove_notice(notice):
            self._lay_notices_again(seq)
        self.note(notice, after=to)

    def mark(self, seq: int | None) -> None:
        """What is behind ``seq`` is new to the reader; None: nothing is."""
        before, self._layout.marker = self.marker, seq
        for one in (before, seq):
            if one is not None:
                self._lay_again(self.window.place(one + 1))
        self._settle()

    def set_waiting(self, waiting: Mapping[int, Sequence[Change]]) -> None:
        """These changes are on their way, by the messages that they change: they show already."""
        before, self._layout.waiting = self._layout.waiting, waiting
        self.lay_again({seq for seq in {*before, *waiting} if before.get(seq) != waiting.get(seq)})

    def set_pins(self, pins: Iterable[int]) -> None:
        """These messages are pinned to the room."""
        before, self._layout.pins = self._layout.pins, frozenset(pins)
        self.lay_again(before ^ self._layout.pins)

    def shown(self, seq: int) -> Said | None:
        """The message with that number as it is shown, if it is loaded."""
        event = self.window.get(seq)
        return self._layout.present(event) if is_message(event) else None

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
        window = self.window
        self.blocks.begin(self._layout.of_head(window), self._lay(0, len(window.events)))
        place = self.blocks.place(window.place(seq)) if window.get(seq) is not None else None
        self.top = self.base if place is None else place + inside
        self._settle()

    def _lay(self, start: int, end: int) -> list[list[Row]]:
        """The rows of each of these lines, given by their places in the window."""
        blocks: list[list[Row]] = []
        begin, run = start, list[Event]()
        for place in range(start, end):
            if place >= begin + len(run):
                begin, run = self._run_at(place)
            blocks.append(self._block(place, run))
        return blocks

    def _block(self, place: int, run: Sequence[Event]) -> list[Row]:
        events = self.window.events
        previous = events[place - 1] if place else None
        return self._layout.of_event(
            events[place],
            previous,
            after=previous.seq if previous is not None else self.window.first - 1,
            upto=events[place + 1].seq - 1 if place + 1 < len(events) else self.window.last,
            run=run,
            replies=self.window.replies(events[place].seq),
        )

    def _run_at(self, place: int) -> tuple[int, list[Event]]:
        """The comings and goings in a row that a line is one of, and the place of the first; if it
        is something else, the line alone.
        """
        events, continues = self.window.events, self._layout.continues
        first = last = place
        while first and continues(events[first - 1], events[first]):
            first -= 1
        while last + 1 < len(events) and continues(events[last], events[last + 1]):
            last += 1
        return first, events[first : last + 1]

    def _lay_again(self, place: int) -> None:
        """Lays out one line again, with the comings and goings around it."""
        events = self.window.events
        if place < len(events):
            self._lay_run(place)
            for beside in (place - 1, place + 1):
                if 0 <= beside < len(events) and is_coming(events[beside]):
                    self._lay_run(beside)

    def _lay_notices_again(self, seq: int) -> None:
        """Lays out again what is above the place of the notices behind an event."""
        place = self.window.place(seq + 1) - 1
        if place < 0:
            self.blocks.set_head(self._layout.of_head(self.window))
        else:
            self._lay_again(place)

    def _lay_run(self, place: int, before: int | None = None) -> None:
        """Lays out a line again, with the comings and goings in a row that it is one of; those
        up to the place ``before``, if that is given.
        """
        first, run = self._run_at(place)
        for number, event in enumerate(run, first):
            inner = len(run) >= FOLDED_FROM and run[0].seq < event.seq < run[-1].seq
            if before is not None and number >= before:
                return
            if inner and not self.blocks.count(number):
                continue  # it has no line of its own already
            self.blocks.replace(number, self._block(number, run), self.top)

    def _append(self, lines: Sequence[Event], last: int) -> None:
        """New lines at the end of the window, of which ``last`` was the last number so far."""
        events = self.window.events
        start = len(events) - len(lines)
        self.blocks.append(self._lay(start, len(events)))
        if not start:
            self.blocks.set_head(self._layout.of_head(self.window))
            return
        joined = bool(lines) and self._layout.continues(events[start - 1], lines[0])
        if joined or self._layout.has_notices(last + 1, self.window.last):
            self._lay_run(start - 1, start)

    def _trim_front(self) -> None:
        gone = self.window.trim_front()
        if gone:
            self.blocks.drop_first(gone)
            if is_coming(self.window.events[0]):
                self._lay_run(0)
            self.blocks.set_head(self._layout.of_head(self.window))

    def _follow(self, following: bool) -> None:
        self.following = following
        if following:
            self.fresh = 0

    def _settle(self) -> None:
        """The top is where it can be, and at the newest while that is followed."""
        lowest = self.lowest_top
        self.top = lowest if self.following else min(max(self.top, self.base), lowest)
