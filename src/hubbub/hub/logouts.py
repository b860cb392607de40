"""What events of the directory do to sessions: who is logged out, banned, or called otherwise.

It is done when an event is shown, whichever server has appended it. So each server does it; what it
appends to rooms has a nonce, by which the log knows it again.
"""

from __future__ import annotations

import logging

from msgspec.structs import replace

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
    Registered,
    Renamed,
    RoleGiven,
    RoomForgotten,
    Unbanned,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Goodbye
from hubbub.domain.rules import Role
from hubbub.hub import forgetting, lending, serverroles
from hubbub.hub.access import banned
from hubbub.hub.presence import renaming_nonce
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

logger = logging.getLogger(__name__)

LOGGED_OUT = "You were logged out from another device. Log in again to go on."
NEW_PASSWORD = "The password of your account was changed. Log in again."  # noqa: S105 - a sentence


def shown(hub: Services, event: AnyEvent) -> None:
    """``event`` is in the directory, and shown."""
    match event:
        case Registered(by=by, by_id=str(id)):
            _take_name(hub, UserName.recall(by), id)
            hub.watchers.changed(UserName.recall(by).key)
            if hub.made_account is not None:
                hub.made_account(UserName.recall(by), id)
        case Renamed(by=by, now=now, by_id=str(id), seq=seq):
            _renamed(hub, UserName.recall(by), UserName.recall(now), id, seq)
        case AccountClosed():
            _closed(hub, event)
        case PasswordSet(by_id=str(id), kept=kept):
            _log_out(hub, id, NEW_PASSWORD, but=kept, by=event)
        case DeviceRevoked(by_id=str(id), device=None, kept=kept):
            _log_out(hub, id, LOGGED_OUT, but=kept, by=event)
        case DeviceRevoked(by_id=str(id), device=device):
            _log_out(hub, id, LOGGED_OUT, only=device)
        case Kicked(user_id=str(id), by=by, reason=reason):
            because = f": {reason}" if reason else "."
            _log_out(hub, id, f"You were put out of this server by {by}{because}")
            _forget_guest(hub, id)
        case Banned(user=user, by=by, until=until):
            logger.info("%s was banned from the server by %s", user, by, extra={"until": until})
            _banned(hub)
        case Unbanned(user=user, by=by):
            logger.info("The ban of %s from the server was ended by %s", user, by)
        case RoleGiven(user_id=str(id), role=role):
            if role is Role.OWNER:
                hub.owner_code = None
            serverroles.told(hub, id)
        case RoomForgotten(room=name):
            room = hub.rooms.named(RoomName.recall(name).key)
            if room is not None:  # maybe one that is newer, and has only its name
                hub.doubt(room)


# Sessions


def _log_out(
    hub: Services,
    id: UserId,
    message: str,
    *,
    only: str | None = None,
    but: str | None = None,
    by: AnyEvent | None = None,
) -> None:
    """Ends the sessions of ``id``: those on the device ``only``, or all but those on ``but``.

    Not the one that has appended ``by``, the event of which this is done.

    Who is about to come in, on any device, has to begin anew: it was proved before this.
    """
    for session, whose in list(hub.coming.items()):
        if whose == id:
            del hub.coming[session]
    if only is None:
        lending.take_back(hub, id)
    mine = [one for one in hub.sessions if one.user is not None and one.user.id == id]
    own = None if by is None else replace(by, seq=UNSEQUENCED)
    for session in mine:
        device, doing = session.device, hub.kept.get(session)
        stays = (doing is not None and doing == own) or (but is not None and device == but)
        if not stays and (only is None or device == only):
            hang_up(hub, session, "logged-out", message)


def _forget_guest(hub: Services, id: UserId) -> None:
    """No token leads back to the guest ``id``: none of the names that are held for them is."""
    for user in [one for one in hub.users if one.id == id and not one.account]:
        hub.users.free(user.name)


def hang_up(hub: Services, session: Session, reason: str, message: str) -> None:
    """Ends the session with these last words, unless it has ended."""
    if not session.ended:
        session.outlet.reply(Goodbye(reason=reason, message=message))
        hub.end(session, deliberate=True)
        session.outlet.close()


def _banned(hub: Services) -> None:
    lending.end_for_banned(hub)
    for session in list(hub.sessions):
        user = session.user
        ban = None if user is None else hub.access.ban_of(user, hub.access.directory)
        if ban is not None:
            message = banned(ban, "from this server", hub.clock()).message
            hang_up(hub, session, "banned", message)


# Names


def _take_name(hub: Services, name: UserName, id: UserId) -> None:
    """The account ``id`` has that name; whoever is here under it is theirs, or has to go."""
    user = hub.users.get(name.key)
    if user is not None and user.id == id:
        hub.users.register(user)
        # Of a guest who could not come back nothing was kept: what is said from here on is unread.
        for session in user.sessions:
            for room in session.rooms:
                hub.reading.enter(user, room)
    elif user is not None:
        _give_up_name(hub, name)
    # What a guest was called before is no other way into the account.
    for former in [one for one in hub.users if one.id == id and one.name.key != name.key]:
        _give_up_name(hub, former.name)


def _give_up_name(hub: Services, name: UserName) -> None:
    """A guest has a name that is an account's by now: it got it on another server, say."""
    user = hub.users.get(name.key)
    for session in () if user is None else user.sessions:
        message = f'The name "{name}" belongs to an account by now. Please choose another one.'
        hang_up(hub, session, "name-taken", message)
    hub.users.free(name)


def _renamed(hub: Services, was: UserName, now: UserName, id: UserId, seq: int) -> None:
    taken = hub.users.get(now.key)
    if was.key != now.key and taken is not None:
        _give_up_name(hub, now)
    user = hub.users.get(was.key)
    present: set[HubRoom] = set()
    if user is not None and user.id == id:
        renamed = hub.users.rename(user, now, hub.monotonic())
        present = hub.presence.rename(user, renamed, seq)
        if was.key != now.key and renamed.connected:
            hub.watchers.came(User(was, id))
            hub.watchers.came(renamed)
    if was.key != now.key:
        hub.users.keep_former(was, id, hub.monotonic())
        for room in hub.belonging.of(id):
            if room not in present and was.key in room.state.members:
                rename_member(hub, room, was, now, id, seq)


def rename_member(
    hub: Services, room: HubRoom, was: UserName, now: UserName, id: UserId, mark: int | str
) -> None:
    """Gives a member who is away another name. ``mark``: see `renaming_nonce`."""
    at = hub.clock()
    # In this order, so that they are a member all the time.
    since = room.state.since(was)
    for event in (Joined(0, at, now, was, since=since, by_id=id), Left(0, at, was, now, by_id=id)):
        hub.log.append(room.draft(event, nonce=renaming_nonce(event, room, mark)))


# Closed accounts


def _closed(hub: Services, event: AccountClosed) -> None:
    id, name = event.by_id, UserName.recall(event.by)
    if id is None:
        return
    present = [room for room in hub.rooms if name.key in hub.presence.in_room(room)]
    _log_out(hub, id, "Your account is closed. Goodbye.")
    _leave_all(hub, name, id, event.seq)

    def gone() -> None:
        hub.spawn(forgetting.forget(hub, event))

    hub.presence.when_gone(User(name, id), present, gone, hub.monotonic())


def _leave_all(hub: Services, name: UserName, id: UserId, seq: int) -> None:
    """The account is no member of any room any more, and is nothing in any."""
    hub.users.free(name)
    for room in hub.belonging.of(id):
        member = room.state.members.get(name.key)
        if member is not None and member.id == id:
            event: AnyEvent = Left(UNSEQUENCED, hub.clock(), name, by_id=id)
            hub.log.append(room.draft(event, nonce=f" closed {seq} {room.first_key}"))
    for room in hub.rooms:
        if id in room.state.facts.roles:
            event = RoleGiven(UNSEQUENCED, hub.clock(), name, name, id, role=Role.MEMBER, by_id=id)
            hub.log.append(room.draft(event, nonce=f" role {seq} {room.first_key}"))
