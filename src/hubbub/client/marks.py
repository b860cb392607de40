"""The read marker of each room. They outlive the server's memory of a guest.

The server keeps a guest's markers until the guest's token expires. Then we are somebody new to it,
and all markers are sent to it before any room is joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from hubbub.client.resume import Mark
from hubbub.client.rooms import room_key
from hubbub.client.source import Answered
from hubbub.client.updates import Update
from hubbub.domain.commands import Command, Read
from hubbub.domain.errors import BadCursor
from hubbub.domain.events import Event
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Refused, Reply

MOST = 1000  # rooms: as many as the server keeps of one guest


class Marks:
    """For the key of each room: its name and its marker."""

    def __init__(self, marks: Mapping[str, Mark]) -> None:
        self._marks = {room_key(room): (RoomName.parse(room), mark) for room, mark in marks.items()}

    def all(self) -> dict[str, Mark]:
        """The markers by the room's name."""
        return {str(room): mark for room, mark in self._marks.values()}

    def keys(self) -> list[str]:
        """The keys of the rooms."""
        return list(self._marks)

    def get(self, key: str) -> tuple[RoomName, Mark] | None:
        """The room with that key, and its marker."""
        return self._marks.get(key)

    def move(self, room: RoomName, seq: int, at: int | None) -> None:
        """Moves a marker forward to the event ``seq``; ``at`` is the event's time, if known."""
        _, known = self._marks.pop(room.key, (room, Mark(0)))
        if seq > known.seq or (seq == known.seq and known.at is None):
            known = Mark(seq, at)
        self._marks[room.key] = room, known
        if len(self._marks) > MOST:
            del self._marks[next(iter(self._marks))]

    def learn(self, key: str, events: Sequence[Event]) -> None:
        """Takes the time of a marker's event, if that is among ``events``."""
        room, mark = self._marks.get(key, (None, None))
        if room is None or mark is None or mark.at is not None or not events:
            return
        place = mark.seq - events[0].seq
        if 0 <= place < len(events) and events[place].seq == mark.seq:
            self._marks[key] = room, Mark(mark.seq, events[place].at)

    def room_moved(self, key: str, name: RoomName) -> None:
        """The room with that key is called ``name`` now."""
        _, mark = self._marks.pop(key, (None, None))
        if mark is not None:
            self.move(name, mark.seq, mark.at)

    def forget(self, key: str) -> None:
        """Drops the marker: the room has another log now."""
        self._marks.pop(key, None)


class MarkResend:
    """A `Source` that sends markers again. ``todo`` has the keys of the rooms.

    ``mine`` tells which of them this source sends: those of rooms to be joined go first.
    """

    def __init__(self, marks: Marks, todo: dict[str, None], mine: Callable[[str], object]) -> None:
        self._marks = marks
        self._todo = todo
        self._mine = mine
        self._in_flight: dict[str, None] = {}

    def next(self, now: float) -> tuple[Command, Answered] | None:
        for key in list(self._todo):
            if not self._mine(key):
                continue
            del self._todo[key]
            room, mark = self._marks.get(key) or (None, None)
            if room is None or mark is None or mark.at is None:
                continue  # the server cannot check a marker without the time
            self._in_flight[key] = None

            def answered(reply: Reply, now: float, key: str = key) -> Iterable[Update]:
                self._in_flight.pop(key, None)
                if isinstance(reply, Refused) and reply.code == BadCursor.code:
                    self._marks.forget(key)
                return ()

            return Read(room=room, seq=mark.seq, at=mark.at), answered
        return None

    def due(self, now: float) -> float | None:
        return now if any(map(self._mine, self._todo)) else None

    def disconnected(self) -> None:
        self._todo.update(self._in_flight)
        self._in_flight.clear()

    def close(self, error: Exception) -> None:
        self._todo.clear()
