"""Sends read markers to the server: only the newest of a room, at most one in two seconds."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from hubbub.client.marks import Marks
from hubbub.client.resume import Mark
from hubbub.client.source import Answered
from hubbub.client.updates import Update
from hubbub.domain.commands import Command, Read
from hubbub.domain.errors import BadCursor
from hubbub.domain.names import RoomName
from hubbub.domain.replies import ReadUpTo, Refused, Reply

PAUSE_SECONDS = 2.0  # between two markers of a room: often enough for counts on other devices


class Reading:
    """A `Source` of read markers. ``supported``: whether the server takes any; ``stamps``: whether
    it checks the times of events. ``marks`` has the markers of all rooms.
    """

    def __init__(self, marks: Marks | None = None) -> None:
        self.marks = marks or Marks({})
        self.supported = False
        self.stamps = False
        self._wanted: dict[str, tuple[RoomName, int, int | None]] = {}
        self._known: dict[str, int] = {}
        self._not_before: dict[str, float] = {}

    def read(self, room: RoomName, seq: int, at: int | None = None) -> None:
        """The room was read up to the event ``seq``; ``at`` is the event's time, if known."""
        self.marks.move(room, seq, at)
        known = max(self._known.get(room.key, 0), self._wanted.get(room.key, (room, 0))[1])
        if seq > known:
            self._wanted[room.key] = room, seq, at

    def server_marker(self, room: RoomName, seq: int, at: int | None = None) -> None:
        """The server's marker is at ``seq``; if ours is further, it is sent."""
        _, mine = self.marks.get(room.key) or (room, Mark(0))
        if mine.seq > seq:
            self.read(room, mine.seq, mine.at)
        else:
            self.marks.move(room, seq, at)

    def room_moved(self, key: str, name: RoomName) -> None:
        """The room with that key is called ``name`` now."""
        self.marks.room_moved(key, name)
        wanted, known = self._wanted.pop(key, None), self._known.pop(key, None)
        self._not_before.pop(key, None)
        if wanted is not None:
            self._wanted[name.key] = name, *wanted[1:]
        if known is not None:
            self._known[name.key] = known

    def forget(self, key: str) -> None:
        """The room has another log now."""
        self.marks.forget(key)
        self._wanted.pop(key, None)
        self._known.pop(key, None)

    def next(self, now: float) -> tuple[Command, Answered] | None:
        for key, (room, seq, at) in self._wanted.items():
            if self.supported and self._not_before.get(key, 0.0) <= now:
                del self._wanted[key]
                self._not_before[key] = now + PAUSE_SECONDS
                self._known[key] = seq
                read = Read(room=room, seq=seq, at=at if self.stamps else None)
                return read, partial(self._answered, key)
        return None

    def due(self, now: float) -> float | None:
        if not self.supported:
            return None
        return min((self._not_before.get(key, 0.0) for key in self._wanted), default=None)

    def disconnected(self) -> None:
        # Markers in flight may be lost; the next one includes them.
        self._known.clear()
        self._not_before.clear()

    def close(self, error: Exception) -> None:
        self._wanted.clear()

    def _answered(self, key: str, reply: Reply, now: float) -> Iterable[Update]:
        if not isinstance(reply, ReadUpTo):
            self._known.pop(key, None)
            if isinstance(reply, Refused) and reply.code == BadCursor.code:
                self.marks.forget(key)
        return ()
