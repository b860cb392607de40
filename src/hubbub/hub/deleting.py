"""Deletes rooms: who owns one, with all that is in it; everybody, one in which nothing was ever
said, as when its name was mistyped.

Decided and done at once: nobody can come in between the look and the deed. Only the disk takes its
time, and if it refuses, the room is there again. The log of a room that was deleted stays, under no
name, where no command, search or count finds it. What an owner deletes is told in the directory.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from hubbub.domain.commands import Delete
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import ChatError, NoSuchRoom, RoomHasTexts, RoomInUse, RoomStays
from hubbub.domain.events import UNSEQUENCED, RoomForgotten
from hubbub.domain.replies import RoomDeleted, RoomLeft
from hubbub.domain.rules import Role
from hubbub.hub.attendance import Attendance
from hubbub.hub.ports import Draft, ForgetRoom, Settled
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

COMING_SECONDS = 1.0  # in which a join or a leave is on disk, if the disk is well


def delete(hub: Services, session: Session, command: Delete, user: User, room: HubRoom) -> None:
    """Deletes the room; all sessions in it are out of it by that."""
    owns = hub.access.role(user, room) is Role.OWNER
    if room.name.key == hub.first_room:
        raise RoomStays(f"{room.name} is the room with which this server begins. It stays.")
    if not owns:
        _check(hub, room, user)
    hub.journal.check_not_frozen(room)
    hub.disk.check()
    inside = [
        one
        for here in hub.presence.in_room(room).values()
        for one in here.sessions
        if room in one.rooms
    ]
    elsewhere = _members_elsewhere(hub, room)
    event = RoomForgotten(UNSEQUENCED, hub.clock(), user.name, str(room.name), by_id=user.id)
    vacated = dropped(hub, room, by_us=True)
    session.busy = True
    done = partial(_deleted, hub, session, command, room, inside, elsewhere, vacated)
    # By others only if nothing has come since, at another server.
    forget = ForgetRoom(room.name, room_id=room.id, head=None if owns else room.head)
    if owns:
        hub.log.append(Draft(DIRECTORY, event, done=done, also=(forget,)))
    else:
        hub.log.append(replace(forget, done=done))


def deleted_elsewhere(hub: Services, room: HubRoom) -> list[Attendance]:
    """Another server has deleted the room, and who was in it is told. Returns as `dropped`."""
    inside = [one for one in hub.sessions if room in one.rooms]
    told = (*inside, *_members_elsewhere(hub, room))
    vacated = dropped(hub, room)
    for one in told:
        one.outlet.reply(RoomDeleted(room=room.name))
    return vacated


def dropped(
    hub: Services, room: HubRoom, *, by_us: bool = False, because: ChatError | None = None
) -> list[Attendance]:
    """The room is no more; who was in it, or about to come in, is not, ``because`` of that.

    Returns who that was, for `Presence.resume`.
    """
    for one in [*room.behind, *(one for live in room.live.values() for one in live)]:
        room.leave(one)
    vacated = hub.presence.vacate(room)
    if by_us:
        hub.rooms.delete(room)
    else:
        hub.rooms.drop(room)
    hub.belonging.gone(room)
    hub.reading.forget_rooms(hub.users, {room.name.key})
    for one, join in [waiting for here in vacated for waiting in here.arriving]:
        if not one.ended:
            one.arriving = None
            gone = because or NoSuchRoom(f"{room.name} was deleted a moment ago.")
            hub.refuse(one, join, gone)
            hub.done(one)
    return vacated


def _members_elsewhere(hub: Services, room: HubRoom) -> list[Session]:
    """Sessions of members that are not in the room, which is in their lists."""
    if not room.keeps_members:
        return []
    users = (hub.users.get(key) for key in room.state.members)
    here = (user for user in users if user is not None and room.has_member(user.id))
    return [one for user in here for one in user.sessions if room not in one.rooms]


def _deleted(
    hub: Services,
    session: Session,
    command: Delete,
    room: HubRoom,
    inside: Sequence[Session],
    elsewhere: Sequence[Session],
    vacated: Sequence[Attendance],
    outcome: Settled,
) -> None:
    """The log has forgotten the room, in which ``inside`` were, or could not."""
    if outcome.error is None:
        for one in (*inside, *elsewhere):
            # Who has made another one of that name meanwhile was told of that already.
            again = any(other.name.key == room.name.key for other in one.rooms)
            if one is not session and not one.ended and not again:
                one.outlet.reply(RoomDeleted(room=room.name))
        if not session.ended:
            session.outlet.reply(RoomDeleted(re=command.id, room=room.name))
    else:
        hub.rooms.put_back(room)
        if room.listable:
            hub.belonging.changed(room)
        hub.doubt(room)
        if not room.gone:
            hub.presence.reconcile(room)  # by the log the user is in it
            hub.presence.resume(room, vacated)
        elif hub.whereabouts is not None:  # another one was made meanwhile, or is this one
            hub.whereabouts.vacated(room, vacated)
        for one in inside:
            if not one.ended:
                one.outlet.reply(RoomLeft(room=room.name))
        if not session.ended:
            hub.refuse(session, command, outcome.error)
    hub.done(session)


def _check(hub: Services, room: HubRoom, user: User) -> None:
    """Raises the error that says why the room cannot be deleted."""
    name = room.name
    if not room.state.silent or room.writes_coming:
        raise RoomHasTexts(
            f"{name} was not deleted: something was said there, and what was said stays. "
            "You can leave the room instead."
        )
    here = hub.presence.who_stays(room)
    others = sorted(str(other) for other in here if other.key != user.name.key)
    if others:
        who = others[0] if len(others) == 1 else f"{others[0]} and {len(others) - 1} more"
        verb = "is" if len(others) == 1 else "are"
        raise RoomInUse(
            f"{name} was not deleted: {who} {verb} in it. You can leave the room instead."
        )
    if hub.presence.is_changing(room) or any(one.arriving is room for one in user.sessions):
        raise RoomInUse(
            f"{name} was not deleted: somebody is just coming or going there. "
            "Please try again in a moment.",
            retry_after=COMING_SECONDS,
        )
