"""Forgets rooms in which nothing was ever said: made by accident, or to use up all rooms."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hubbub.hub.ports import Clock, ForgetRoom, Log, Settled
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms

LOOK_SECONDS = 60.0  # between two looks at all rooms
AT_ONCE = 100  # rooms forgotten in one tick


class SilentRooms:
    """``seconds``: how long such a room stays when nobody is in it; 0 for ever."""

    def __init__(
        self,
        rooms: Rooms,
        log: Log,
        clock: Clock,
        *,
        seconds: float,
        now: float,
        first: str,
        is_unused: Callable[[HubRoom], bool],
        dropped: Callable[[set[str]], None],
        back: Callable[[HubRoom], None],
    ) -> None:
        """``now`` is of the monotonic clock. The room with the key ``first`` always stays.

        ``dropped`` is told of the keys of rooms that go, and ``back`` of one that stays after all.
        """
        self._rooms = rooms
        self._log = log
        self._clock = clock
        self._seconds = seconds
        self._looked_at = now
        self._first = first
        self._is_unused = is_unused
        self._dropped = dropped
        self._back = back
        self.forgotten = 0

    def tick(self, now: float) -> None:
        """Forgets some of them, when it is time."""
        if self._seconds <= 0 or now - self._looked_at < LOOK_SECONDS:
            return
        before = self._clock() - int(self._seconds * 1000)
        empty = [room for room in self._rooms if self._may_go(room, before)]
        going = empty[:AT_ONCE]
        self._dropped({room.name.key for room in going})
        for room in going:
            self._rooms.delete(room)
            forget = ForgetRoom(
                room.name,
                done=partial(self._forgotten, room),
                room_id=room.id,
                head=room.head,  # else somebody has come at another server
            )
            self._log.append(forget)
        if len(empty) <= AT_ONCE:
            self._looked_at = now

    def _forgotten(self, room: HubRoom, outcome: Settled) -> None:
        """A room that could not be forgotten is there again."""
        if outcome.error is None:
            self.forgotten += 1
        else:
            self._rooms.put_back(room)
            self._back(room)

    def _may_go(self, room: HubRoom, before: int) -> bool:
        return (
            room.state.silent
            and room.listable
            and self._is_unused(room)
            and room.state.at is not None
            and room.state.at <= before
            and room.name.key != self._first
        )
