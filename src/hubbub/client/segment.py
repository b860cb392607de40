"""A part of a room's timeline: which numbers it covers, and the events among them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from msgspec import Struct

from hubbub.domain.events import Event
from hubbub.domain.replies import Page

seq_of = attrgetter("seq")
"""The key by which events are in order."""


class Segment(Struct, frozen=True):
    """The part ``first <= seq <= last`` of a room's timeline, with its ``events`` in order.

    Where a number in that range has no event, there is nothing to be shown: it is that of an event
    that is no line of its own. So two segments join where ``last + 1`` of one is ``first`` of the
    other, whatever their events are. With ``last`` below ``first`` the segment covers nothing.
    """

    first: int
    last: int
    events: Sequence[Event] = []

    @classmethod
    def of(cls, page: Page) -> Segment:
        """What a page covers. From an older server, which does not tell: from event to event."""
        events = page.events
        if page.first is not None and page.last is not None:
            first, last = max(1, page.first), page.last
        elif events:
            first, last = events[0].seq, events[-1].seq
        else:
            return NOTHING
        kept: list[Event] = []
        for event in events:  # whatever a server says, they are in range and in order
            if (kept[-1].seq if kept else first - 1) < event.seq <= last:
                kept.append(event)
        return cls(first, last, kept)

    @property
    def empty(self) -> bool:
        """Whether nothing is covered."""
        return self.last < self.first

    def before(self, seq: int) -> Segment:
        """The part before ``seq``."""
        if self.last < seq:
            return self
        end = bisect_left(self.events, seq, key=seq_of)
        return Segment(self.first, seq - 1, self.events[:end])

    def behind(self, seq: int) -> Segment:
        """The part behind ``seq``."""
        if self.first > seq:
            return self
        begin = bisect_left(self.events, seq + 1, key=seq_of)
        return Segment(seq + 1, self.last, self.events[begin:])


NOTHING = Segment(1, 0)
"""The segment that covers nothing."""
