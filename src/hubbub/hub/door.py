"""The door that every command goes through: what is checked once for all of them.

A `Handler` is what a command needs, and what it does then. A command without one does not exist for
the hub, and the tests ask each of them of every kind of room as every kind of viewer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hubbub.domain.errors import NeedName, NoSuchRoom, NotInRoom
from hubbub.domain.names import RoomName
from hubbub.hub.access import Action, Viewer, may
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms
from hubbub.hub.session import Session
from hubbub.hub.users import User

if TYPE_CHECKING:
    from hubbub.hub.hub import Hub


@dataclass(frozen=True, slots=True)
class Handler:
    """Does a command: ``do(hub, session, command)``, which raises a `ChatError` to refuse it.

    ``free``: no rate limit holds it back. ``pipelined``: it may be on its way to the log while
    others of its kind are, and is answered by its nonce.
    """

    do: Callable[[Hub, Session, Any], None]
    free: bool = False
    pipelined: bool = False


def for_anybody(run: Callable[[Hub, Session, Any], None], *, free: bool = False) -> Handler:
    """A command that needs nothing."""
    return Handler(run, free)


def for_named(
    run: Callable[[Hub, Session, Any, User], None], *, pipelined: bool = False
) -> Handler:
    """A command of somebody who has said hello."""

    def do(hub: Hub, session: Session, command: Any) -> None:
        run(hub, session, command, named(session))

    return Handler(do, pipelined=pipelined)


def in_any_room(action: Action, run: Callable[[Hub, Session, Any, User, HubRoom], None]) -> Handler:
    """A command about a room, in which one need not be."""

    def do(hub: Hub, session: Session, command: Any) -> None:
        user = named(session)
        run(hub, session, command, user, room_named(hub.rooms, user, action, command.room))

    return Handler(do)


def in_own_room(
    action: Action, run: Callable[[Hub, Session, Any, User, HubRoom], None], *, free: bool = False
) -> Handler:
    """A command in a room that the session is in."""

    def do(hub: Hub, session: Session, command: Any) -> None:
        user = named(session)
        run(hub, session, command, user, own_room(hub.rooms, session, action, command.room))

    return Handler(do, free)


def named(session: Session) -> User:
    """Whose session it is; raises `NeedName`."""
    if session.user is None:
        raise NeedName("Say hello first: the server does not know your name yet.")
    return session.user


def room_named(rooms: Rooms, viewer: Viewer, action: Action, name: RoomName) -> HubRoom:
    """The room of that name; raises `NoSuchRoom`."""
    room = rooms.get(name.key)
    if room is None or not may(viewer, Action.READ, room) or not may(viewer, action, room):
        raise NoSuchRoom(f'There is no room "{name}". Joining it would make it.')
    return room


def own_room(rooms: Rooms, session: Session, action: Action, name: RoomName) -> HubRoom:
    """The room of that name, which the session is in; raises `NotInRoom`."""
    room = rooms.get(name.key)
    if room is None or room not in session.rooms or not may(session.user, action, room):
        raise NotInRoom(f"You are not in {name}. Join it first.")
    return room


def room_to_make(rooms: Rooms, viewer: Viewer, action: Action, name: RoomName) -> HubRoom | None:
    """The room of that name; None: it is to be made. Raises `NoSuchRoom`.

    That a name is taken is all that can be learned of a room that one may not read.
    """
    room = rooms.get(name.key)
    if room is not None and not may(viewer, action, room):
        raise NoSuchRoom(f'There is no room "{name}" for you, and none can be made of that name.')
    return room
