"""The part of a room's log that is in memory: without a hole, and bounded however long the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from hubbub.domain.events import Event
from hubbub.domain.kinds import texts_of

MAX_WEIGHT = 1500  # events of usual length; their rows fit into a few megabytes
PAGE_SHARE = 3  # of the window: what one page may replace
CHARS_PER_WEIGHT = 100  # a long message weighs as much as the lines it fills


def weigh(event: Event) -> int:
    """How much of the window an event takes."""
    return 1 + sum(map(len, texts_of(event))) // CHARS_PER_WEIGHT


class Window:
    """Events with consecutive ``seq``. ``head`` is the newest event that we know to exist.

    It is *attached* when its last event is the head: then live events are added. Detached, they
    only move the head, and `add_newer` brings the window after them.
    """

    def __init__(self, most: int = MAX_WEIGHT) -> None:
        self.most = most
        self.events: deque[Event] = deque()
        self.head = 0
        self.weight = 0
        self._begins = False

    @property
    def first(self) -> int:
        """``seq`` of the first event; behind the head when there is none."""
        return self.events[0].seq if self.events else self.head + 1

    @property
    def last(self) -> int:
        """``seq`` of the last event; the head's when there is none."""
        return self.events[-1].seq if self.events else self.head

    @property
    def attached(self) -> bool:
        """Whether the last event is the newest one."""
        return self.last == self.head

    @property
    def at_beginning(self) -> bool:
        """Whether nothing older is to be had."""
        return self.first == 1 or self._begins

    @property
    def full(self) -> bool:
        """Whether something must go before more may come."""
        return self.weight >= self.most

    def get(self, seq: int) -> Event | None:
        """The event with that ``seq``, if it is loaded."""
        place = seq - self.first
        return self.events[place] if 0 <= place < len(self.events) else None

    def add(self, events: Sequence[Event], *, hold: bool = False) -> list[Event]:
        """Takes live events; returns those that are in the window now.

        ``hold``: a full window does not grow; it is detached then. Events behind a hole begin the
        window anew.
        """
        events = [event for event in events if event.seq > self.head]
        if not events:
            return []
        attached = self.attached
        if events[0].seq > self.head + 1 and self.head:
            self.clear()
            attached = True
        self.head = events[-1].seq
        if not attached or (hold and self.full):
            return []
        self._extend(events)
        return events

    def add_older(self, events: Sequence[Event]) -> list[Event]:
        """Takes a page that ends where the window begins; returns what was added."""
        events = [event for event in events if event.seq < self.first]
        if not events or events[-1].seq != self.first - 1:
            return []
        self.head = self.head or events[-1].seq
        newest_first = self._share(reversed(events))
        self.events.extendleft(newest_first)
        self.weight += sum(map(weigh, newest_first))
        return newest_first[::-1]

    def add_newer(self, events: Sequence[Event]) -> list[Event]:
        """Takes a page that begins where the window ends; returns what was added."""
        events = [event for event in events if event.seq > self.last]
        if not self.events or not events or events[0].seq != self.last + 1:
            return []
        events = self._share(events)
        self._extend(events)
        self.head = max(self.head, self.last)
        return events

    def begins_here(self) -> None:
        """There is nothing older on the server."""
        self._begins = True

    def trim_front(self) -> int:
        """Lets go of the oldest events that are too much; returns how many."""
        gone = 0
        while self.weight > self.most and len(self.events) > 1:
            self.weight -= weigh(self.events.popleft())
            gone += 1
        if gone:
            self._begins = False
        return gone

    def trim_back(self) -> int:
        """Lets go of the newest events that are too much; returns how many."""
        gone = 0
        while self.weight > self.most and len(self.events) > 1:
            self.weight -= weigh(self.events.pop())
            gone += 1
        return gone

    def show(self, events: Sequence[Event]) -> None:
        """Shows another part of the log."""
        self.events.clear()
        self.weight = 0
        self._begins = False
        self._extend(events)
        self.head = max(self.head, self.last)

    def clear(self) -> None:
        """Nothing is loaded; the head stays."""
        self.events.clear()
        self.weight = 0
        self._begins = False

    def reset(self) -> None:
        """The log is another one."""
        self.clear()
        self.head = 0

    def _extend(self, events: Sequence[Event]) -> None:
        self.events.extend(events)
        self.weight += sum(map(weigh, events))

    def _share(self, events: Iterable[Event]) -> list[Event]:
        """As many of a page's events as may come at once, so that those in view can stay."""
        kept: list[Event] = []
        left = self.most // PAGE_SHARE
        for event in events:
            left -= weigh(event)
            if left < 0 and kept:
                break
            kept.append(event)
        return kept
