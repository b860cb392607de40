"""What events of the directory do to sessions: who is logged out, banned, or called otherwise.

It is done when an event is shown, whichever server has appended it.
"""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.domain.events import (
    UNSEQUENCED,
    AccountClosed,
    AnyEvent,
    Banned,
    DeviceRevoked,
    Joined,
    Kicked,
    Left,
    PasswordSet,
    Renamed,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import Goodbye
from hubbub.hub.access import banned
from hubbub.hub.ports import Draft
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

LOGGED_OUT = "You were logged out from another device. Log in again to go on."


def shown(hub: Services, event: AnyEvent) -> None:
    """``event`` is in the directory, and shown."""
    match event:
        case Renamed(by=by, now=now, by_id=str(id)):
            _renamed(hub, UserName.recall(by), UserName.recall(now), id)
        case AccountClosed(by=by, by_id=str(id)):
            _log_out(_of(hub, id), hub, "Your account is closed. Goodbye.")
            _leave_all(hub, UserName.recall(by), id)
        case PasswordSet(by_id=str(id)):
            _log_out(_of(hub, id), hub, "The password of your account was changed. Log in again.")
        case DeviceRevoked(by_id=str(id), device=device):
            out = [one for one in _of(hub, id) if device is None or one.device == device]
            _log_out(out, hub, LOGGED_OUT)
        case Kicked(user_id=str(id), by=by, reason=reason):
            because = f": {reason}" if reason else "."
            _log_out(_of(hub, id), hub, f"You were put out of this server by {by}{because}")
        case Banned():
            _banned(hub)


def _of(hub: Services, id: UserId) -> list[Session]:
    return [one for one in hub.sessions if one.user is not None and one.user.id == id]


def _log_out(sessions: Iterable[Session], hub: Services, message: str) -> None:
    for session in sessions:
        if session not in hub.kept and not session.ended:
            session.outlet.reply(Goodbye(reason="logged-out", message=message))
            hub.end(session, deliberate=True)
            session.outlet.close()


def _banned(hub: Services) -> None:
    for session in list(hub.sessions):
        user = session.user
        ban = None if user is None else hub.access.ban_of(user, hub.access.directory)
        if ban is not None and not session.ended:
            message = banned(ban, "from this server", hub.clock()).message
            session.outlet.reply(Goodbye(reason="banned", message=message))
            hub.end(session, deliberate=True)
            session.outlet.close()


def _renamed(hub: Services, was: UserName, now: UserName, id: UserId) -> None:
    user = hub.users.get(was.key)
    if user is not None and user.id == id:
        renamed = hub.users.rename(user, now)
        present = hub.presence.rename(user, renamed)
    else:
        present = set()
    if was.key == now.key:
        return
    for room in hub.belonging.of(id):
        if room not in present and was.key in room.state.members:
            at = hub.clock()
            # In this order, so that they are a member all the time.
            hub.log.append(Draft(room.name, Joined(UNSEQUENCED, at, now, was, by_id=id)))
            hub.log.append(Draft(room.name, Left(UNSEQUENCED, at, was, now, by_id=id)))


def _leave_all(hub: Services, name: UserName, id: UserId) -> None:
    for room in hub.belonging.of(id):
        member = room.state.members.get(name.key)
        if member is not None and member.id == id:
            hub.presence.leave_for_good(room, User(name, id))
