"""Who may do what: the only place that answers it, whichever protocol the question comes by.

A room that a viewer may not read does not exist for them: those who look for it hear what they hear
of a room that nobody has made.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from hubbub.domain.errors import NeedName, NoSuchRoom, NotInRoom
from hubbub.domain.names import RoomName
from hubbub.domain.rules import RoomAccess
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms
from hubbub.hub.session import Session, User

Viewer = User | None
"""Who asks. None has said no name: a request of HTTP, or a connection before its hello."""

ANYBODY: Viewer = None
"""Somebody without a name, who may do what everybody may."""


class Action(Enum):
    """What is done in a room, or with it."""

    LIST = auto()
    """Seeing in lists and counts that there is such a room."""
    READ = auto()
    """Reading its events, in whatever form, and who is in it."""
    ENTER = auto()
    SPEAK = auto()
    """Saying a text, and telling that one is about to."""
    TOPIC = auto()
    """Saying what the room is about."""
    LEAVE = auto()
    DELETE = auto()


def may(viewer: Viewer, action: Action, room: HubRoom) -> bool:
    """Whether ``viewer`` may do ``action`` in ``room``."""
    if room.access is RoomAccess.OPEN or action is Action.LEAVE:
        return True
    return viewer is not None and _is_member(viewer, room)


def _is_member(user: User, room: HubRoom) -> bool:
    """By the log. Somebody who had the name before, and is to leave, is another one."""
    member = room.state.members.get(user.name.key)
    return member is not None and member.id == user.id


def readable(viewer: Viewer, rooms: Iterable[HubRoom]) -> list[str]:
    """The keys of those of ``rooms`` that ``viewer`` may read."""
    return [room.name.key for room in rooms if may(viewer, Action.READ, room)]


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
