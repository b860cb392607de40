"""A session becomes somebody's: at its hello, or again, when a guest takes another name.

Then it is out of its rooms, and may join them again at once, as who it is by now. A room that the
new user comes into within the grace period is told of a change of name, by the same means as when
an account is renamed; any other one is told of a leave (`hubbub.hub.presence`). Who has an account
and logs in to another one is somebody else: the first one has logged out.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from hubbub.domain import commands as ask
from hubbub.domain.errors import AlreadyNamed
from hubbub.domain.ids import UserId
from hubbub.hub.logouts import rename_member
from hubbub.hub.room import LIVE, HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import NOTHING_OWED, Owed, Session, User

MARK_BYTES = 9  # of randomness, by which the log tells changes of a guest's name apart


def check_may_become(session: Session, command: ask.Hello, account: UserId | None = None) -> None:
    """Raises `AlreadyNamed` for who is somebody already, and does not want to be, or may not.

    ``account``: as which they give a proof that they are it.
    """
    user = session.user
    if user is None or (command.again and not user.account):
        return
    if command.again and account not in (None, user.id):
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
    if former.account:
        _change_accounts(hub, session, former, user)
        return
    now, rooms = hub.monotonic(), session.rooms
    others = [room for room in hub.belonging.of(former.id) if room not in rooms]
    session.owed = {room: _owed(session, room) for room in rooms} or NOTHING_OWED
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
        mark = secrets.token_urlsafe(MARK_BYTES)
        for room in others:
            _move(hub, room, former, user, mark)


def _change_accounts(hub: Services, session: Session, former: User, user: User) -> None:
    """The account ``former`` logs out, and is what it was in its rooms; ``user`` is here instead.

    ``session.user`` is the former one as long as rooms are left.
    """
    now, rooms = hub.monotonic(), session.rooms
    hub.note_read(session, rooms)
    hub.readers.ended(former)
    session.owed = NOTHING_OWED
    for room in rooms:
        room.leave(session)
    was = former.was
    hub.users.end(session, deliberate=True, now=now)  # first, so that rooms see who is gone
    for room in rooms:
        hub.presence.leave(session, room, deliberate=True, now=now)
    hub.ended(former, was, deliberate=True)
    session.user, session.device = user, None
    _came(hub, user)


def _owed(session: Session, room: HubRoom) -> Owed:
    """From where on the session has not been given ``room`` yet."""
    cursor = room.cursor(session)
    return Owed(room.head if cursor == LIVE else cursor, tuple(room.said_by(session)))


def goes_on(session: Session, room: HubRoom, after: int, *, asked: bool) -> Owed:
    """Behind what the session, which joins ``room``, is given it. ``asked``: it has named ``after``
    itself. No client can know that it was not given all that there was when it got another name.
    """
    owed = session.owed.get(room)
    if owed is not None:
        left = {other: one for other, one in session.owed.items() if other is not room}
        session.owed = left or NOTHING_OWED
    if owed is None or not asked:
        return Owed(after, ())
    return Owed(min(owed.cursor, after), owed.own)


def _came(hub: Services, user: User) -> None:
    if sum(not one.apart for one in user.sessions) == 1:
        hub.watchers.came(user)


def _is_there(room: HubRoom, user: User) -> bool:
    return user.name.key in room.state.members


def _known(hub: Services, keys: Iterable[str]) -> list[HubRoom]:
    return [room for key in keys if (room := hub.rooms.named(key)) is not None]


def _move(hub: Services, room: HubRoom, former: User, user: User, mark: str) -> None:
    """Who is a member of ``room``, where members stay while they are away, is there as ``user``.

    As far as is known here: another server may have told the room of another name meanwhile, or
    that they have left, so that the log decides. ``mark``: no other change of a name has it.
    """
    if former.id != user.id:
        hub.presence.leave_for_good(room, former)
    elif former.id is not None and _is_there(room, former):
        rename_member(hub, room, former.name, user.name, former.id, mark)
