"""What identifies a message for good, as clients name it: the room's key, a slash, its number."""

from __future__ import annotations

from hubbub.domain.names import RoomName
from hubbub.wire.irc.directory import Directory
from hubbub.wire.irc.names import parse_msgid


def seq_in(directory: Directory, room: RoomName, msgid: str) -> int | None:
    """The number of that message in the ``room``; None if it is none of that room.

    One that was told before the room was called otherwise is the same message.
    """
    found = parse_msgid(msgid)
    if found is None or not found[1]:
        return None
    key, seq = found
    if key == room.key:
        return seq
    former = directory.facts(room).former
    return seq if any(RoomName.recall(name).key == key for name in former) else None
