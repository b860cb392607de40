"""The queue of a room: a log of its own, of what the room's moderators are asked to decide.

It is a room like any other for log and fold, and for nobody else: no command finds it, no list,
count or search has it, and nobody enters it. It goes where its room goes: another name for that is
another name for this, and both are deleted together.
"""

from __future__ import annotations

from hubbub.domain.directory import is_directory
from hubbub.domain.names import RoomName

PREFIX = "/queue/"
"""What a queue's name begins with: no room can have a slash. Behind it is the key of its room."""

NOWHERE = RoomName.known(PREFIX, PREFIX)
"""Where knocks at rooms go that are not there, or not to be knocked at: it is nobody's queue."""


def queue_of(room: RoomName) -> RoomName:
    """The name of the queue of ``room``."""
    name = PREFIX + room.key
    return RoomName.known(name, name)


def is_queue(room: RoomName) -> bool:
    """Whether ``room`` is the queue of another one."""
    return room.key.startswith(PREFIX)


def is_hidden(room: RoomName) -> bool:
    """Whether ``room`` is a log of the server's own, which nobody enters and no list has."""
    return room.key.startswith("/") and (is_directory(room) or is_queue(room))
