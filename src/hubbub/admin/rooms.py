"""Tasks about rooms: which there are, what holds in them, and making one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from hubbub.admin.paging import After, Limit, Query, page
from hubbub.admin.tasks import Arguments, Call, Result
from hubbub.domain.commands import GiveRole, SetRules, SetTopic
from hubbub.domain.errors import BadMessage, NameTaken
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rights import Action
from hubbub.domain.rules import HistoryFor, Newcomers, Role, RoomAccess, Speakers, shortest
from hubbub.hub.directory import settled
from hubbub.hub.keeping import account_named
from hubbub.hub.ports import MakeRoom
from hubbub.hub.room import HubRoom

MAX_NAMED = 500  # people of a room that are told


class RoomRow(Result, frozen=True, kw_only=True):
    """A room. ``events``: how many its log has. ``at``: when the newest came (ms).

    ``members``: who is in it by its log; ``here``: how many of them are connected. ``waiting``:
    things in its queue. ``direct``: it is a conversation of these people alone.
    """

    name: str
    access: RoomAccess = RoomAccess.OPEN
    events: int = 0
    at: int | None = None
    members: int = 0
    here: int = 0
    owners: Sequence[str] = ()
    topic: str = ""
    archived: bool = False
    waiting: int = 0
    direct: Sequence[str] = ()


class ListRooms(Arguments, frozen=True, kw_only=True):
    """``direct``: direct conversations, too, of which nothing is told but who is in them, how much
    was said, and when.
    """

    query: Query | None = None
    after: After | None = None
    limit: Limit = 100
    direct: bool = False


class RoomPage(Result, frozen=True, kw_only=True):
    """Rooms by name. ``next``: the ``after`` of the next page. ``total``: how many fit in all."""

    rooms: list[RoomRow]
    next: str | None = None
    total: int = 0


async def list_rooms(call: Call, asked: ListRooms) -> RoomPage:
    """Lists the rooms that whoever asks may know of."""

    def fits(room: HubRoom) -> bool:
        return (asked.direct or not room.state.facts.direct) and may_know(call, room)

    found, next, total = await page(
        call.hub.rooms,
        lambda room: room.name.key,
        query=asked.query,
        after=asked.after,
        limit=asked.limit,
        fits=fits,
    )
    return RoomPage(rooms=[_row(call, room) for room in found], next=next, total=total)


def may_know(call: Call, room: HubRoom) -> bool:
    """Whether whoever asks may know of the room, and of who is in it."""
    may = call.hub.access.may
    if call.by.at_hand:
        return may(call.by.user, Action.LIST, room)
    return may(call.by.user, Action.LIST, room) and may(call.by.user, Action.READ, room)


def _row(call: Call, room: HubRoom) -> RoomRow:
    facts, access = room.state.facts, call.hub.access
    owners = [access.account_of(id) for id, role in facts.roles.items() if role is Role.OWNER]
    return RoomRow(
        name=str(room.name),
        access=facts.access,
        events=room.head - facts.floor,
        at=room.state.at,
        members=len(room.state.members),
        here=call.hub.presence.count(room),
        owners=sorted(str(one.name) for one in owners if one is not None),
        topic="" if facts.direct else facts.topic,
        archived=facts.archived,
        waiting=len(room.waiting),
        direct=list(room.names()) if facts.direct else [],
    )


class Which(Arguments, frozen=True, kw_only=True):
    """A room, by its name."""

    room: RoomName


class RoomDetails(Result, frozen=True, kw_only=True):
    """What holds in a room, and who is in it. ``roles``: by names. ``links``: how many are good.

    ``keep_days``: days after which what is said is gone, by the rule of the room or of the server;
    0: never.
    """

    room: RoomRow
    speak: Speakers = Speakers.ALL
    slow: int = 0
    guests: bool = True
    history: HistoryFor = HistoryFor.ALL
    newcomers: Newcomers = Newcomers.FREE
    keep_days: int = 0
    roles: dict[str, Role]
    users: Sequence[str] = ()
    former: Sequence[str] = ()
    banned: int = 0
    muted: int = 0
    filters: int = 0
    links: int = 0


async def show_room(call: Call, asked: Which) -> RoomDetails:
    """Tells of one room."""
    return _details(call, call.hub.access.room_named(call.by.user, Action.READ, asked.room))


def _details(call: Call, room: HubRoom) -> RoomDetails:
    facts, now = room.state.facts, call.hub.clock()
    accounts = ((call.hub.access.account_of(id), role) for id, role in facts.roles.items())
    return RoomDetails(
        room=_row(call, room),
        speak=facts.speak,
        slow=facts.slow,
        guests=facts.guests,
        history=facts.history,
        newcomers=facts.newcomers,
        keep_days=shortest(facts.keep_days, call.hub.access.directory.state.facts.keep_days),
        roles={str(one.name): role for one, role in accounts if one is not None},
        users=list(room.names()[:MAX_NAMED]),
        former=list(facts.former),
        banned=sum(not ban.is_over(now) for ban in facts.bans),
        muted=sum(until is None or until > now for until in facts.muted.values()),
        filters=len(facts.filters),
        links=sum(not one.is_over(now) for one in facts.tickets),
    )


class MakeRoomNow(Arguments, frozen=True, kw_only=True):
    """``owner``: an account that owns it. ``access``: `locked` needs a password, which is set
    with the command ``rules`` by ``do``.
    """

    room: RoomName
    owner: UserName | None = None
    access: RoomAccess = RoomAccess.OPEN
    topic: Annotated[str, Meta(max_length=2000)] | None = None


async def make_room(call: Call, asked: MakeRoomNow) -> RoomDetails:
    """Makes a room without being in it."""
    hub, name = call.hub, asked.room
    if asked.access in (RoomAccess.DIRECT, RoomAccess.LOCKED):
        raise BadMessage(f'A room is not made "{asked.access.value}". Make it, and set its rules.')
    if hub.rooms.named(name.key) is not None:
        raise NameTaken(f'There is a room "{name}" already.')
    if asked.owner is not None:
        account_named(hub, asked.owner)
    hub.check_name(name)
    hub.check_rooms()
    hub.disk.check()
    room = hub.rooms.make(name)
    await settled(hub, lambda done: MakeRoom(name, done))
    if asked.owner is not None:
        await call.ask(GiveRole(room=name, user=asked.owner, role=Role.OWNER))
    if asked.topic:
        await call.ask(SetTopic(room=name, topic=asked.topic))
    if asked.access is not RoomAccess.OPEN:  # last: by it the room may be closed to who asks, too
        await call.ask(SetRules(room=name, access=asked.access))
    return _details(call, room)
