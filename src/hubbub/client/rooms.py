"""The rooms one is in: the cursor of each, and what must be asked to be up to date again."""

from __future__ import annotations

import enum
from collections.abc import Iterator

from msgspec.structs import replace

from hubbub.client.cursor import Cursor
from hubbub.client.pending import Pending
from hubbub.client.updates import Entered, Happened, RoomReset, Update
from hubbub.domain.errors import InvalidName
from hubbub.domain.events import Event, Joined
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Events, RoomJoined, Standing
from hubbub.domain.rules import KEEPS_MEMBERS, Role, RoomAccess
from hubbub.domain.state import Member, RoomFacts, RoomState, by_key
from hubbub.domain.told import MAX_PEOPLE

MOST_MOVED = 1000  # former names; each is some 100 bytes


def room_key(name: str) -> str:
    """What a room is known by, however its name is written."""
    try:
        return RoomName.parse(name).key
    except InvalidName:  # by the rules of a newer server it may be one
        return name.casefold()


class Stage(enum.Enum):
    """How far we are into a room on this connection."""

    OUT = enum.auto()
    ASKED = enum.auto()
    IN = enum.auto()
    LEAVING = enum.auto()


class Room:
    """One room. ``cursor`` is None until its log is known.

    ``history_head``: events up to it were there before we came. ``catching_up_to``: events up to
    it were there when we were let in last. ``state`` has who is in it; as long as we are out, who
    was. ``waiters`` want to know that we are in. ``standing``: what holds in it, and what we are
    there, as far as it is known. ``password`` and ``invite``, the code of a link: what the next
    join gives.
    ``opened``: whether everybody could read it when the program ended last; None: not known.
    ``leaving``: to be resolved when we are out, and no members any more if it is ``for_good``.
    """

    def __init__(self, name: RoomName, after: int | None = None, at: int | None = None) -> None:
        self.name = name
        self.key = name.key
        self.shown: str = name
        self.cursor = Cursor(after, at) if after is not None else None
        self.opened: bool | None = None
        self.stage = Stage.OUT
        self.behind = False
        self.history_head = 0
        self.catching_up_to = 0
        self.state = RoomState()
        self.entered: Entered | None = None
        self.waiters: list[Pending[Entered]] = []
        self.leaving: Pending[None] | None = None
        self.for_good = True
        self.standing = Standing()
        self.password: str | None = None
        self.invite: str | None = None

    @property
    def is_slow(self) -> bool:
        """Whether we have to wait between two texts."""
        return self.standing.slow > 0 and self.standing.role is Role.MEMBER

    @property
    def was_open(self) -> bool | None:
        """Whether everybody could read it when we were in it last; None if that is not known.

        A room that is not there any more is made anew by a join without a cursor, and is open then:
        what is waiting to be said in a private room is not said there.
        """
        return self.opened if self.entered is None else self.standing.access not in KEEPS_MEMBERS

    @property
    def is_direct(self) -> bool:
        """Whether it is a direct conversation."""
        return self.standing.access is RoomAccess.DIRECT

    @property
    def caught_up(self) -> bool:
        """Whether all was taken that was there when we came in."""
        return (
            self.stage is Stage.IN
            and self.cursor is not None
            and self.cursor.seq >= self.catching_up_to
        )

    @property
    def head(self) -> int:
        """The newest event that we know to be there."""
        return max(self.catching_up_to, self.cursor.seq if self.cursor else 0)

    def joined(self, reply: RoomJoined) -> list[Update]:
        """The server let us in."""
        updates: list[Update] = []
        known = self.cursor
        if known is not None and reply.after > known.seq:
            # Events between are not to be had: what was shown and what comes do not fit together.
            updates.append(self.reset())
            known = None
        if known is None:
            self.cursor = Cursor(reply.after, reply.at)
            self.history_head = reply.head
        elif known.at is None and known.seq == reply.after:
            known.at = reply.at
        if room_key(reply.room) == self.key:  # what is kept must be a name that can be asked for
            self.shown = reply.room
        self.stage = Stage.IN
        self.password = self.invite = None
        self.standing = reply.standing or Standing()
        self.catching_up_to = reply.head
        members = by_key(Member(UserName.recall(name)) for name in reply.users)
        pins = self.standing.pins
        facts = RoomFacts(silent=not reply.head, topic=reply.topic or "", pins=pins)
        self.state = RoomState(reply.head, facts=facts, members=members)
        again = self.entered is not None
        self.entered = Entered(
            self.shown,
            tuple(reply.users),
            reply.head,
            known.seq if known else reply.after,
            again,
            reply.read,
            reply.unread,
            reply.unread if self.is_direct else reply.mentions,
            known.at if known else reply.at,
            reply.new,
            reply.topic or "",
            self.standing,
        )
        updates.append(self.entered)
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            waiter.resolve(self.entered)
        return updates

    def take(self, reply: Events) -> list[Happened]:
        """The events that are new; a hole among them means that we ask again."""
        if self.cursor is None:
            return []
        events, hole = self.cursor.take(reply.events)
        for event in events:
            if event.seq > self.state.head:
                self._apply(event)
        if hole and self.stage is Stage.IN and not self.behind:
            self.stage = Stage.OUT
        head = self.history_head
        return [Happened(self.shown, event, event.seq <= head) for event in events]

    def _apply(self, event: Event) -> None:
        members = self.state.members
        self.state.apply(event)
        if isinstance(event, Joined) and event.was in self.standing.roles:
            roles = dict(self.standing.roles)
            roles[event.by] = roles.pop(event.was)  # no word of the server tells of it
            self.standing = replace(self.standing, roles=roles)
        if self.state.facts.pins != self.standing.pins:
            self.standing = replace(self.standing, pins=self.state.facts.pins)
        if len(members) > MAX_PEOPLE:  # a server that never ends
            members.popitem()

    def stands(self, standing: Standing) -> None:
        """The server has told what holds in the room, and what we are there."""
        self.standing = standing
        if self.state.facts.pins != standing.pins:
            self.state.facts = replace(self.state.facts, pins=standing.pins)

    def reset(self) -> RoomReset:
        """The log is another one: we begin anew."""
        self.cursor = None
        self.entered = None
        self.catching_up_to = 0
        self.stage = Stage.OUT
        self.behind = False
        return RoomReset(self.shown)

    def close(self, error: Exception) -> None:
        """We will not be in it any more: whoever waits is given ``error``."""
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            waiter.reject(error)
        if self.leaving is not None:
            self.leaving.reject(error)


class Rooms:
    """All rooms that we are in or want to be in, by key. They are found by former names, too."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._moved: dict[str, str] = {}  # from the key of a former name to the present one

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    def get(self, name: str) -> Room | None:
        """The room of that name, however it is written."""
        return self.by_key(room_key(name))

    def by_key(self, key: str) -> Room | None:
        """The room with that key."""
        return self._rooms.get(key) or self._rooms.get(self._moved.get(key, key))

    def key_of(self, name: str) -> str:
        """The key of the room of that name, whether we are in it or not."""
        room = self.get(name)
        return room_key(name) if room is None else room.key

    def want(self, name: RoomName, after: int | None = None, at: int | None = None) -> Room:
        """The room; from now on we want to be in it.

        A former name may be another room's by now: the server will say.
        """
        room = self._rooms.get(name.key)
        if room is None:
            self._moved.pop(name.key, None)
            room = self._rooms[name.key] = Room(name, after, at)
        return room

    def move(self, room: Room, name: RoomName) -> Room | None:
        """``room`` is called ``name`` now. Returns the room that had that name here, if another."""
        before = room.key
        self._rooms.pop(before, None)
        other = self._rooms.pop(name.key, None)
        self._lead(before, name.key)
        room.name, room.key, room.shown = name, name.key, str(name)
        self._rooms[name.key] = room
        return other

    def merge(self, room: Room, into: Room) -> None:
        """``room`` turns out to be ``into``, by a former name."""
        self._rooms.pop(room.key, None)
        self._lead(room.key, into.key)

    def _lead(self, former: str, key: str) -> None:
        self._moved.update((old, key) for old, led in self._moved.items() if led == former)
        self._moved[former] = key
        self._moved.pop(key, None)
        if len(self._moved) > MOST_MOVED:
            del self._moved[next(iter(self._moved))]

    def forget(self, room: Room) -> None:
        """We are not in it any more."""
        self._rooms.pop(room.key, None)
        self._moved = {old: key for old, key in self._moved.items() if key != room.key}

    def offline(self) -> None:
        """The connection is gone, and with it all that was asked on it."""
        for room in self._rooms.values():
            room.stage = Stage.OUT
            room.behind = False

    def shed(self, reply: Events) -> None:
        """Events that cannot be taken now; the cursor stays, and we will ask for them again."""
        room = self.get(reply.room)
        if room is not None:
            room.behind = True

    def catch_up(self) -> bool:
        """There is space again: the rooms that are behind ask. Whether there are any."""
        found = False
        for room in self._rooms.values():
            if room.behind:
                room.behind = False
                if room.stage is Stage.IN:
                    room.stage = Stage.OUT
                    found = True
        return found
