"""Places in a room by times, not numbers: those of its events grow, as far as clocks let them.

So the place is found by bisection. Where a clock went back, or old messages were moved in, there is
more than one place for a time, and one of them is found.
"""

from __future__ import annotations

from bisect import bisect_left

from msgspec.structs import replace

from hubbub.domain.commands import Timeline
from hubbub.domain.errors import BadMessage
from hubbub.hub.room import HubRoom

BY_TIME = ("before_at", "after_at", "around_at")
_PLACES = ("before", "after", "around", *BY_TIME)


def time_asked(command: Timeline) -> int | None:
    """The first event of which time has to be found, or a later one; None: numbers are given.

    Raises `BadMessage` for more than one place.
    """
    given = [name for name in _PLACES if getattr(command, name) is not None]
    if len(given) > 1:
        raise BadMessage("Give only one of before, after and around, as a number or as a time.")
    if not given or given[0] not in BY_TIME:
        return None
    time: int = getattr(command, given[0])
    return time + 1 if command.after_at is not None else time


def placed(command: Timeline, seq: int) -> Timeline:
    """``command`` with numbers: ``seq`` is the first event that is not before `time_asked`."""
    found = replace(command, before_at=None, after_at=None, around_at=None)
    if command.before_at is not None:
        return replace(found, before=seq)
    if command.after_at is not None:
        return replace(found, after=seq - 1)
    return replace(found, around=seq)


def first_in_memory(room: HubRoom, time: int) -> int | None:
    """The ``seq`` of the first event that is not before ``time``; None if only the log can tell."""
    if room.state.at is None or room.state.at < time:
        return room.head + 1
    after = room.in_memory_after
    events = room.recent(after, room.head)
    if not events or (after > room.floor and events[0].at >= time):
        return None
    return events[0].seq + bisect_left(events, time, key=lambda event: event.at)
