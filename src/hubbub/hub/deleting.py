"""Deletes a room in which nothing was ever said, as when its name was mistyped.

Decided and done at once: nobody can come in between the look and the deed. Only the disk takes its
time, and if it refuses, the room is there again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hubbub.domain.commands import Delete
from hubbub.domain.errors import RoomHasTexts, RoomInUse, RoomStays
from hubbub.domain.replies import RoomDeleted, RoomLeft
from hubbub.hub.ports import ForgetRoom, Settled
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

COMING_SECONDS = 1.0  # in which a join or a leave is on disk, if the disk is well


def delete(hub: Services, session: Session, command: Delete, user: User, room: HubRoom) -> None:
    """Deletes the room; the user's sessions in it are out of it by that."""
    _check(hub, room, user)
    hub.disk.check()
    inside = [one for one in user.sessions if room in one.rooms]
    for one in inside:
        room.leave(one)
    hub.presence.vacate(room)
    hub.rooms.drop(room)
    hub.reading.forget_rooms(hub.users, {room.name.key})
    session.busy = True
    done = partial(_deleted, hub, session, command, room, inside)
    hub.log.append(ForgetRoom(room.name, done=done))


def _deleted(
    hub: Services,
    session: Session,
    command: Delete,
    room: HubRoom,
    inside: Sequence[Session],
    outcome: Settled,
) -> None:
    """The log has forgotten the room, in which ``inside`` were, or could not."""
    others = [one for one in inside if one is not session and not one.ended]
    if outcome.error is None:
        for one in others:
            one.outlet.reply(RoomDeleted(room=room.name))
        if not session.ended:
            session.outlet.reply(RoomDeleted(re=command.id, room=room.name))
    else:
        hub.rooms.put_back(room)
        if not room.gone:
            hub.presence.reconcile(room)  # by the log the user is in it
        for one in inside:
            if not one.ended:
                one.outlet.reply(RoomLeft(room=room.name))
        if not session.ended:
            hub.refuse(session, command, outcome.error)
    hub.done(session)


def _check(hub: Services, room: HubRoom, user: User) -> None:
    """Raises the error that says why the room cannot be deleted."""
    name = room.name
    if name.key == hub.first_room:
        raise RoomStays(f"{name} is the room with which this server begins. It stays.")
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
