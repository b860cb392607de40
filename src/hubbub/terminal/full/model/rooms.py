"""The rooms one is in, in the order in which they were joined, and the one on the screen."""

from __future__ import annotations

from collections.abc import Iterator

from hubbub.domain.errors import InvalidName
from hubbub.domain.names import RoomName
from hubbub.terminal.full.model.room import Room


def key_of(name: str) -> str:
    """What a room is known by, however its name is written."""
    try:
        return RoomName.parse(name).key
    except InvalidName:  # by the rules of a newer server it may be one
        return name.casefold()


class Rooms:
    """All rooms; ``current`` is on the screen, ``previous`` was before it."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self.current: Room | None = None

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    def __len__(self) -> int:
        return len(self._rooms)

    def get(self, name: str) -> Room | None:
        """The room of that name."""
        return self._rooms.get(key_of(name))

    def add(self, name: str) -> Room:
        """The room of that name, which is there from now on."""
        key = key_of(name)
        if key not in self._rooms:
            self._rooms[key] = Room(name)
        return self._rooms[key]

    def remove(self, room: Room) -> None:
        """It is left; its neighbour comes on the screen if it was there."""
        rooms = list(self._rooms.values())
        place = rooms.index(room)
        del self._rooms[key_of(room.name)]
        if room is self.current:
            rest = list(self._rooms.values())
            self.current = None
            if rest:
                self.open(rest[min(place, len(rest) - 1)])

    def open(self, room: Room) -> None:
        """Brings a room on the screen."""
        if room is self.current:
            return
        if self.current is not None:
            self.current.look_away()
        self.current = room
        room.open()

    def at(self, number: int) -> Room | None:
        """The room with that number in the list, from 1 on."""
        rooms = list(self._rooms.values())
        return rooms[number - 1] if 0 < number <= len(rooms) else None

    def beside(self, by: int) -> Room | None:
        """The room so many places further in the list, round and round."""
        rooms = list(self._rooms.values())
        if not rooms or self.current is None:
            return None
        return rooms[(rooms.index(self.current) + by) % len(rooms)]
