"""Who may do what: the only place that answers it, whichever protocol the question comes by.

A room that a viewer may not read does not exist for them: `hubbub.hub.door` raises for it what it
raises for a room that nobody has made.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from hubbub.domain.state import RoomAccess
from hubbub.hub.room import HubRoom
from hubbub.hub.users import User

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
    LEAVE = auto()
    DELETE = auto()


def may(viewer: Viewer, action: Action, room: HubRoom) -> bool:
    """Whether ``viewer`` may do ``action`` in ``room``."""
    if room.access is RoomAccess.OPEN or action is Action.LEAVE:
        return True
    return viewer is not None and room.has(viewer)


def readable(viewer: Viewer, rooms: Iterable[HubRoom]) -> list[str]:
    """The keys of those of ``rooms`` that ``viewer`` may read."""
    return [room.name.key for room in rooms if may(viewer, Action.READ, room)]
