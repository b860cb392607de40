"""The directory: the server's own log. Its members are the accounts, its owner owns the server.

It is a room like any other for log, fold and rights: who registers becomes a member of it, its
moderators are the server's administrators, and who is banned from it is banned from the server.
Only administrators may read it, so that it is their record of what was done; nobody enters it or
says anything in it, and no list has it.
"""

from __future__ import annotations

from msgspec.structs import replace

from hubbub.domain.events import AnyEvent, ProfileSet
from hubbub.domain.names import RoomName

DIRECTORY = RoomName.parse("/server")
"""What the directory is called wherever a room is named: no other room can have a slash."""

OPERATOR = "the operator"
"""By whom events are that who keeps the server caused on the server's own computer.

No user can be called that: no name has a space. Such events have no ``by_id``.
"""


def is_directory(room: RoomName) -> bool:
    """Whether ``room`` is the directory."""
    return room.key == DIRECTORY.key


def as_told(event: AnyEvent) -> AnyEvent:
    """``event`` of the directory as administrators read it: without whom somebody has blocked, or
    lets write nevertheless.
    """
    if not isinstance(event, ProfileSet):
        return event
    return replace(event, profile=replace(event.profile, blocked={}, accepted={}))
