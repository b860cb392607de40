"""A session becomes somebody's: at its hello, or again, when a guest takes another name.

Then it is out of its rooms, and may join them again at once, as who it is by now. A room that the
new user comes into within the grace period is told of a change of name, by the same means as when
an account is renamed; any other one is told of a leave (`hubbub.hub.presence`).
"""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.domain import commands as ask
from hubbub.domain.errors import AlreadyNamed
from hubbub.domain.events import UNSEQUENCED, Joined, Left
from hubbub.domain.ids import UserId
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def check_may_become(session: Session, command: ask.Hello) -> None:
    """Raises `AlreadyNamed` for who is somebody already, and does not want to be, or may not."""
    user = session.user
    if user is None or (command.again and not user.account):
        return
    if command.again:
        raise AlreadyNamed(
            f"You are {user.name}, who has an account. To change its name: /rename NAME"
        )
    raise AlreadyNamed(f"You are {user.name} already on this connection.")


def kept_id(session: Session) -> UserId | None:
    """The id that a guest keeps who takes a name that nobody has; None for a new one.

    Not while they are here by other connections, under the former name: these are somebody else
    from now on.
    """
    user = session.user
    return None if user is None or user.sessions != (session,) else user.id


def spelled_otherwise(session: Session, command: ask.Hello) -> bool:
    """Whether the name is the user's own; then it is written as ``command`` has it from now on."""
    user = session.user
    if user is None or user.name.key != command.user.key:
        return False
    user.name = command.user
    return True


def become(hub: Services, session: Session, user: User) -> None:
    """The session, which `Users` has given to ``user``, is theirs."""
    former = session.user
    if former is None or former is user:
        session.user = user
        _came(hub, user)
        return
    now, rooms = hub.monotonic(), session.rooms
    others = [room for room in hub.belonging.of(former.id) if room not in rooms]
    for room in rooms:
        room.leave(session)
    if former.sessions == (session,):
        hub.presence.renamed(former, user, rooms)
        if former.was is not None:
            hub.presence.let_go(former.was, _known(hub, former.was.rooms))
        for room in rooms:
            hub.presence.step_out(session, room, now)
    else:
        for room in rooms:
            hub.presence.leave(session, room, deliberate=True, now=now)
    mine, theirs = user.comeback, former.comeback
    if former.id == user.id and mine is not None and theirs is not None:
        mine.places = theirs.places
    hub.users.end(session, deliberate=True, now=now)
    session.user = user
    _came(hub, user)
    if not former.connected:
        hub.watchers.came(former)
        hub.access.said_by_guests.becomes(former.id, user.id, user.name.key)
        for room in others:
            _move(hub, room, former, user)


def _came(hub: Services, user: User) -> None:
    if sum(not one.apart for one in user.sessions) == 1:
        hub.watchers.came(user)


def _is_there(room: HubRoom, user: User) -> bool:
    return user.name.key in room.state.members


def _known(hub: Services, keys: Iterable[str]) -> list[HubRoom]:
    return [room for key in keys if (room := hub.rooms.named(key)) is not None]


def _move(hub: Services, room: HubRoom, former: User, user: User) -> None:
    """Who is a member of ``room``, where members stay while they are away, is there as ``user``."""
    if former.id != user.id:
        hub.presence.leave_for_good(room, former)
    if former.id != user.id or not _is_there(room, former):
        return
    at, since = hub.clock(), room.state.since(former.name)
    events = (
        Joined(UNSEQUENCED, at, user.name, former.name, since=since, by_id=user.id),
        Left(UNSEQUENCED, at, former.name, user.name, by_id=user.id),
    )
    for event in events:
        hub.log.append(room.draft(event))
