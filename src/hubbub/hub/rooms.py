"""All rooms: by name, and in the order in which they are listed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence

from hubbub.domain.errors import BadMessage
from hubbub.domain.names import RoomName
from hubbub.domain.queues import PREFIX, is_queue, queue_of
from hubbub.domain.state import Member, RoomSummary
from hubbub.hub.room import HubRoom
from hubbub.hub.tails import Tails

MOST_LOOKED_AT = 20_000  # names that one request looks at,
MOST_COMPARED = 20_000  # and words that it looks for in them: a millisecond

MOST_GOING = 10_000  # rooms deleted of late: a look at the log, begun before, has them yet

Place = tuple[int, str, str]
"""Where a room stands in the list: minus the number of users, the name in lower case, the key."""

_AFTER_ALL_KEYS = "\U0010ffff"


class Rooms:
    """The rooms of a hub. Those with the most users come first, and then by name.

    The order is kept, not made for each request: ten thousand rooms take longer to sort than
    anybody else should wait.
    """

    def __init__(self, tails: Tails) -> None:
        self._tails = tails
        self._by_key: dict[str, HubRoom] = {}
        self._order: list[Place] = []
        self._places: dict[str, Place] = {}
        self._moved: set[str] = set()
        self._restricted: set[HubRoom] = set()
        self._formerly: dict[str, HubRoom] = {}
        self._by_id: dict[int, HubRoom] = {}
        self.going: OrderedDict[int, None] = OrderedDict()
        """The ids of rooms that this server has deleted of late, or is about to."""
        self._hidden = 0  # of all that are here, those that are no rooms to people

    def __len__(self) -> int:
        return len(self._by_key) - self._hidden

    def __iter__(self) -> Iterator[HubRoom]:
        """All but the directory and queues."""
        return (room for room in self._by_key.values() if room.listable)

    @property
    def everything(self) -> Collection[HubRoom]:
        """All rooms, with the directory and queues."""
        return tuple(self._by_key.values())

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def __getitem__(self, key: str) -> HubRoom:
        return self._by_key[key]

    def get(self, key: str) -> HubRoom | None:
        """The room with that key, or which had it formerly, if no other one has it now."""
        return self._by_key.get(key) or self._formerly.get(key)

    def people(self, name: RoomName) -> Collection[Member]:
        """Whose direct conversation the room of that name is; nobody's if it is none."""
        room = self.get(name.key)
        return room.state.members.values() if room and room.state.facts.direct else ()

    def named(self, key: str) -> HubRoom | None:
        """The room that has that key now."""
        return self._by_key.get(key)

    def with_id(self, id: int | None) -> HubRoom | None:
        """The room that has that id in the log."""
        return None if id is None else self._by_id.get(id)

    def identify(self, room: HubRoom, id: int | None) -> bool:
        """The log has ``room`` as the one with that id; False if there is another one with it.

        That was called otherwise a moment ago, while this one was about to be made.
        """
        if id is None or room.id is not None:
            return True
        if id in self._by_id:
            return False
        room.id = id
        self._by_id[id] = room
        return True

    def make(
        self, name: RoomName, known: RoomSummary | None = None, id: int | None = None
    ) -> HubRoom:
        """A room that was not here before; ``known``: the end of its log, unless that is empty."""
        room = HubRoom(name, self._tails, self._move, known or RoomSummary())
        self.identify(room, id)
        self.put_back(room)
        whose = self.of_queue(room)
        if whose is not None:
            whose.queue = room
        elif room.listable:
            room.queue = self._by_key.get(queue_of(name).key)
        return room

    def of_queue(self, room: HubRoom) -> HubRoom | None:
        """The room whose queue ``room`` is; None if it is none, or nobody's."""
        return self._by_key.get(room.name.key.removeprefix(PREFIX)) if is_queue(room.name) else None

    def rename(self, room: HubRoom, name: RoomName) -> None:
        """``room`` has another name, and is found by its former ones, too."""
        self._rename(room, name)
        if room.queue is not None:
            self._rename(room.queue, queue_of(name))
        self.know_former(room)

    def _rename(self, room: HubRoom, name: RoomName) -> None:
        was = room.name
        if self._by_key.get(was.key) is room:
            del self._by_key[was.key]
        room.name = room.state.name = name
        self._by_key[name.key] = room
        self._moved |= {was.key, name.key}

    def await_name(self, room: HubRoom, name: RoomName) -> Callable[[], None]:
        """Lets ``room`` be found by the name that it is about to get, too.

        Returns what undoes that.
        """
        before = self._formerly.get(name.key)
        self._formerly[name.key] = room

        def undo() -> None:
            if self._formerly.get(name.key) is room:
                del self._formerly[name.key]
                if before is not None and not before.gone:
                    self._formerly[name.key] = before

        return undo

    def know_former(self, room: HubRoom, names: Sequence[str] = ()) -> None:
        """Lets ``room`` be found by its former names; ``names`` will be among them."""
        for former in (*room.state.facts.former, *names):
            key = RoomName.recall(former).key
            if key != room.name.key:
                self._formerly[key] = room

    def put_back(self, room: HubRoom) -> None:
        """Takes a room that was dropped, as the log could not forget it.

        Where another one was made meanwhile, that one has the log, or this one if it never begins.
        """
        for one in (room, room.queue):
            if one is not None and one.id is not None:
                self.going.pop(one.id, None)
        other = self._by_key.get(room.name.key)
        if other is not None:
            other.instead_of = room
            return
        room.gone = False
        if room.id is not None:
            self._by_id[room.id] = room
        self._by_key[room.name.key] = room
        self._moved.add(room.name.key)
        self._hidden += not room.listable
        self.know_former(room)
        if room.queue is not None:
            self.put_back(room.queue)

    def delete(self, room: HubRoom) -> None:
        """As `drop`; this server has the log forget it, which others may not have noticed yet."""
        for one in (room, room.queue):
            if one is not None and one.id is not None:
                self.going[one.id] = None
                if len(self.going) > MOST_GOING:
                    self.going.popitem(last=False)
        self.drop(room)

    def drop(self, room: HubRoom) -> None:
        """The room is no more."""
        room.gone = True
        if room.id is not None:
            self._by_id.pop(room.id, None)
        if self._by_key.get(room.name.key) is room:
            del self._by_key[room.name.key]
            self._hidden -= not room.listable
        if room.queue is not None:
            self.drop(room.queue)
        formerly = [key for key, other in self._formerly.items() if other is room]
        for key in formerly:
            del self._formerly[key]
        for other in self if formerly else ():  # one that had the name even before
            names = other.state.facts.former
            keys = {RoomName.recall(name).key for name in names} - {other.name.key}
            self._formerly.update(dict.fromkeys(keys.intersection(formerly), other))
        self._restricted.discard(room)
        self._moved.add(room.name.key)
        room.forget()
        if room.instead_of is not None and room.head == 0:
            self.put_back(room.instead_of)

    @property
    def listed(self) -> int:
        """How many rooms everybody may know of."""
        self._sort()
        return len(self._order)

    @property
    def all_plain(self) -> bool:
        """Whether everybody may read every room."""
        return not self._restricted

    def page(
        self, *, query: str | None = None, after: str | None = None, limit: int
    ) -> tuple[list[HubRoom], str | None]:
        """At most ``limit`` rooms whose names have all words of ``query``, and where to go on.

        Only those that everybody may know of.
        ``after`` is where the page before said to go on. Raises `BadMessage` if it is not.
        There may be few rooms, or none, and yet more to come.
        """
        self._sort()
        # The longest first, which few names have: then hardly any is looked at for the others.
        words = _words(query)
        most = min(MOST_LOOKED_AT, max(1, MOST_COMPARED // len(words))) if words else limit
        start = bisect_right(self._order, _place(after)) if after is not None else 0
        found = self._order[start : start + most]
        end = start + len(found) - 1
        for word in words:  # one comparison for each name, and nothing around it: quicker by far
            found = [place for place in found if word in place[1]]
        if len(found) >= limit:
            found = found[:limit]
            end = bisect_left(self._order, found[-1])
        rooms = [self._by_key[key] for _, _, key in found]
        if end + 1 >= len(self._order):
            return rooms, None
        users, name, _ = self._order[end]
        return rooms, f"{-users} {name}"

    def _move(self, room: HubRoom) -> None:
        if room.listable and not room.plain:
            self._restricted.add(room)
        else:
            self._restricted.discard(room)
        self._moved.add(room.name.key)

    def _sort(self) -> None:
        """Puts the rooms in their places whose number of users has changed."""
        moved, self._moved = self._moved, set()
        if len(moved) * 8 > len(self._order):  # an insertion moves all that is behind it
            self._places = {
                key: _place_of(room) for key, room in self._by_key.items() if room.listed
            }
            self._order = sorted(self._places.values())
            return
        for key in moved:
            before = self._places.pop(key, None)
            if before is not None:
                del self._order[bisect_left(self._order, before)]
            room = self._by_key.get(key)
            if room is not None and room.listed:
                place = self._places[key] = _place_of(room)
                insort(self._order, place)


def _place_of(room: HubRoom) -> Place:
    return -len(room.state.members), room.name.lower(), room.name.key


def _place(after: str) -> Place:
    users, space, name = after.partition(" ")
    if not (space and users.isascii() and users.isdecimal() and len(users) < 10):
        raise BadMessage('"after" is the "next" of the list before, and nothing else.')
    return -int(users), name, _AFTER_ALL_KEYS


def _words(query: str | None) -> list[str]:
    return sorted(set(query.lower().split()), key=len, reverse=True) if query else []


def fits(room: HubRoom, query: str | None) -> bool:
    """Whether the room's name has all words of ``query``."""
    name = room.name.lower()
    return all(word in name for word in _words(query))
