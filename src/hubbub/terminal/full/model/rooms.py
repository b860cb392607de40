"""The rooms one is in, in the order in which they were joined, and the one on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from hubbub.domain.errors import InvalidName
from hubbub.domain.names import RoomName
from hubbub.domain.replies import RoomInfo
from hubbub.domain.rules import RoomAccess
from hubbub.terminal.full.model.ignored import Ignored
from hubbub.terminal.full.model.room import A_TALK, Room


def key_of(name: str) -> str:
    """What a room is known by, however its name is written."""
    try:
        return RoomName.parse(name).key
    except InvalidName:  # by the rules of a newer server it may be one
        return name.casefold()


def label_of(info: RoomInfo) -> str:
    """What people call a room of a list: a direct conversation by who it is with."""
    return ", ".join(info.people) or (A_TALK if is_talk(info) else info.name)


def is_talk(info: RoomInfo) -> bool:
    """Whether it is a direct conversation, also one whose other people are gone."""
    return info.access is RoomAccess.DIRECT or info.name.startswith("@")


class News(NamedTuple):
    """What is unread: ``texts`` in so many ``rooms``, of which ``mentions`` speak of us."""

    texts: int
    rooms: int
    mentions: int


class Rooms:
    """All rooms; ``current`` is on the screen. ``ignored`` gives those whom one
    ignores: what they say is not counted, from the first event of a room on.
    """

    def __init__(self, ignored: Callable[[], Ignored] = Ignored) -> None:
        self._ignored = ignored
        self._rooms: dict[str, Room] = {}
        self._lately: list[Room] = []  # those that were on the screen, the last one last
        self.current: Room | None = None

    def __iter__(self) -> Iterator[Room]:
        return iter(self._in_order())

    def _in_order(self) -> list[Room]:
        """The rooms, and behind them the direct conversations."""
        return sorted(self._rooms.values(), key=lambda room: room.is_direct)

    def __len__(self) -> int:
        return len(self._rooms)

    def get(self, name: str) -> Room | None:
        """The room of that name."""
        return self._rooms.get(key_of(name))

    def label(self, name: str) -> str:
        """What people call the room of that name."""
        room = self.get(name)
        return label_of(RoomInfo(name, 0, 0)) if room is None else room.label

    def add(self, name: str) -> Room:
        """The room of that name, which is there from now on."""
        key = key_of(name)
        if key not in self._rooms:
            room = self._rooms[key] = Room(name)
            room.timeline.restyle(room.timeline.look._replace(ignored=self._ignored()))
        return self._rooms[key]

    def remove(self, room: Room) -> None:
        """It is left; its neighbour comes on the screen if it was there."""
        rooms = self._in_order()
        place = rooms.index(room)
        del self._rooms[key_of(room.name)]
        if room in self._lately:
            self._lately.remove(room)
        if room is self.current:
            rest = self._in_order()
            self.current = None
            if rest:
                self.open(rest[min(place, len(rest) - 1)])

    def rename(self, room: Room, name: str) -> Room | None:
        """``room`` is called ``name`` now. Returns the room that was here by that name, if any,
        which is the same one.
        """
        other = self._rooms.get(key_of(name))
        if other is room:
            other = None
        keys = {key_of(room.name): key_of(name)}
        self._rooms = {
            keys.get(key, key): one for key, one in self._rooms.items() if one is not other
        }
        room.name = name
        if other in self._lately:
            self._lately.remove(other)
        if other is not None and other is self.current:
            self.current = None
            self.open(room)
        return other

    def open(self, room: Room) -> None:
        """Brings a room on the screen."""
        if room is self.current:
            return
        self.current = room
        if room in self._lately:
            self._lately.remove(room)
        self._lately.append(room)
        room.open()

    def at(self, number: int) -> Room | None:
        """The room with that number in the list, from 1 on."""
        rooms = self._in_order()
        return rooms[number - 1] if 0 < number <= len(rooms) else None

    def beside(self, by: int) -> Room | None:
        """The room so many places further in the list, round and round."""
        rooms = self._in_order()
        if not rooms or self.current is None:
            return None
        return rooms[(rooms.index(self.current) + by) % len(rooms)]

    # What is unread

    def elsewhere(self) -> News:
        """What is unread in the rooms that are not on the screen."""
        return news_in(room for room in self if room is not self.current)

    def next_unread(self, *, mentions: bool = False) -> Room | None:
        """The next room in which something is unread; those first where we are spoken of, or, with
        ``mentions``, only those.
        """
        rooms = self._in_order()
        here = rooms.index(self.current) + 1 if self.current else 0
        round_ = [room for room in rooms[here:] + rooms[:here] if room is not self.current]
        named = [room for room in round_ if room.unread.mentions]
        unread = [room for room in round_ if room.unread.texts and not mentions]
        return next(iter(named + unread), None)

    def by_interest(self) -> list[Room]:
        """Those first where we are spoken of, then those with something unread, then those that
        were on the screen lately; the one that is there now comes last.
        """
        lately = {room: place for place, room in enumerate(self._lately, 1)}

        def interest(room: Room) -> tuple[bool, bool, bool, int]:
            unread = room.unread
            return room is self.current, not unread.mentions, not unread.texts, -lately.get(room, 0)

        return sorted(self, key=interest)


def news_in(rooms: Iterable[Room]) -> News:
    """What is unread in ``rooms``."""
    unread = [room.unread for room in rooms if room.unread.texts]
    return News(sum(one.texts for one in unread), len(unread), sum(one.mentions for one in unread))
