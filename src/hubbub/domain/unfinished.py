"""Rooms that are being moved in: logs that nobody sees before they are whole.

Such a log stands under a name of its own, which no list of rooms has, and gets that of the room
when the last event is in it. So a move that stops in the middle has made no half a room, and goes
on where it was.
"""

from __future__ import annotations

from hashlib import sha256

from hubbub.domain.names import RoomName

PREFIX = "/import/"
"""What the name of such a log begins with: no room can have a slash."""


def unfinished(source: str) -> RoomName:
    """The name of the log of the room that is called ``source`` where it comes from."""
    name = PREFIX + sha256(source.encode(errors="surrogatepass")).hexdigest()[:32]
    return RoomName.known(name, name)


def is_unfinished(key: str) -> bool:
    """Whether the room with that key is not whole yet."""
    return key.startswith(PREFIX)
