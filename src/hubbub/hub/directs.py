"""Direct conversations: rooms of two to nine people, found again by the same people.

Such a room is named by a hash of its people's ids, so that whoever of them asks finds the same one,
and nobody else can tell that it is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial

from hubbub.domain.commands import Direct
from hubbub.domain.errors import BadMessage, NeedName, NoSuchUser
from hubbub.domain.events import UNSEQUENCED, AnyEvent, DirectBegun
from hubbub.domain.ids import UserId, user_id
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import DirectRoom, Signalled
from hubbub.domain.rules import RoomAccess
from hubbub.domain.state import RoomFacts, RoomSummary
from hubbub.hub.accepting import let_answer, take_disk, unaccepted
from hubbub.hub.access import named
from hubbub.hub.answering import answer_later
from hubbub.hub.moderating import target
from hubbub.hub.ports import Draft
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User
from hubbub.hub.standing import people_of

_NAME_BITS = 100  # of the hash: no two groups of people have the same


def room_of(ids: list[UserId]) -> RoomName:
    """The name of the room of the users with these ids, in whatever order."""
    digest = hashlib.sha256(" ".join(sorted(ids)).encode()).digest()
    return RoomName.parse(f"@{user_id(int.from_bytes(digest) >> (256 - _NAME_BITS))}")


def direct(hub: Services, session: Session, command: Direct, user: User) -> None:
    """Finds the conversation, or begins it."""
    if user.id is None:
        raise NeedName("Your name is one that the server does not know well enough for that.")
    mine = user.id
    people: dict[UserId, UserName] = {mine: user.name}
    for other in command.users:
        about = target(hub, hub.access.directory, other).user
        if about.id is None:
            raise NoSuchUser(f'There is nobody called "{other}" here.')
        people[about.id] = about.name
    if len(people) < 2:
        raise BadMessage("With whom? A conversation needs somebody else.")
    ids = sorted(people)
    name = room_of(ids)
    known = hub.rooms.get(name.key)
    guests = unaccepted(hub, user, people)
    if known is not None and known.head:
        if guests:
            take_disk(hub, session, command, user, guests)
            answer_later(hub, session, command, partial(_go_on, hub, session, mine, guests, known))
        else:
            session.outlet.reply(shown(known, user, command))
        return
    for id in people.keys() - {mine}:
        two = len(people) == 2  # with more, those who are blocked are not heard
        refused = hub.access.blocked if two else hub.access.closed_to
        if (why := refused(user, id, people[id])) is not None:
            raise why
    names = tuple(str(people[id]) for id in ids)
    hub.take_disk(session, command, *names)
    take_disk(hub, session, command, user, guests)
    if known is None:
        hub.check_rooms()
        hub.take_room(session)
    # Theirs alone from the first moment on: who knows the ids can tell the name.
    theirs = RoomSummary(facts=RoomFacts(access=RoomAccess.DIRECT, direct=tuple(ids)))
    room = known or hub.rooms.make(name, theirs)
    room.writes_coming += 1

    async def begin() -> DirectRoom:
        event = DirectBegun(UNSEQUENCED, hub.clock(), user.name, names, tuple(ids), by_id=user.id)
        outcome = await hub.outcome(partial(Draft, name, event))
        room.writes_coming -= 1
        begun = isinstance(outcome.error, BadMessage)  # from the other side, at the same moment
        if begun and hub.whereabouts is not None:
            await hub.whereabouts.reach(room, 1)
        if outcome.error is not None and not (begun and room.head):
            hub.emptied(room)
            raise outcome.error
        await let_answer(hub, session, mine, guests)
        return shown(room, user, command)

    answer_later(hub, session, command, begin)


async def _go_on(
    hub: Services,
    session: Session,
    id: UserId,
    guests: dict[UserId, UserName],
    room: HubRoom,
) -> DirectRoom:
    """Who goes on with a conversation may be answered."""
    await let_answer(hub, session, id, guests)
    return shown(room, named(session))


def shown(room: HubRoom, user: User, command: Direct | None = None) -> DirectRoom:
    """The conversation, as ``user`` is told of it."""
    return DirectRoom(
        re=None if command is None else command.id,
        room=room.name,
        users=people_of(room, user),
        head=room.head,
        new=room.state.silent,
    )


def said(hub: Services, room: HubRoom, events: Sequence[AnyEvent]) -> None:
    """``events`` are new in ``room``: its people hear of it who are connected and not in it, unless
    they have blocked who has said something. Who listens then does so at once, so that they are
    shown it before its author hears that it is saved.
    """
    before, authors = events[0].seq - 1, {one.by_id for one in events if is_message(one)}
    for user, session in [*_elsewhere(hub, room)]:
        if not all(hub.access.has_blocked(user.id, author) for author in authors):
            people = people_of(room, user)
            session.outlet.reply(DirectRoom(room=room.name, users=people, head=before))
            if not session.blocked:
                session.outlet.ready()


def signalled(hub: Services, room: HubRoom, told: Signalled) -> None:
    """A program of somebody in ``room`` tells the others something: the same people hear of it."""
    for user, session in _elsewhere(hub, room):
        blocked = hub.access.has_blocked(user.id, told.by_id)
        if user.id != told.by_id and not blocked and not session.stalled:
            session.outlet.reply(told)


def _elsewhere(hub: Services, room: HubRoom) -> Iterator[tuple[User, Session]]:
    """The sessions of its people that are not in ``room``."""
    for member in room.state.members.values():
        user = hub.users.get(member.name.key)
        if user is None or user.id != member.id:
            continue
        for session in user.sessions:
            if room not in session.rooms and session.arriving is not room:
                yield user, session
