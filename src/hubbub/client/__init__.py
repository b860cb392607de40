"""The client library: a chat that stays connected, loses nothing and shows nothing twice.

`connect` is where to begin; docs/client.md tells the whole story.
"""

from typing import TYPE_CHECKING, Any

from hubbub.client.address import Address, BadAddress
from hubbub.client.errors import (
    ChatClosed,
    ChatFailed,
    ConnectionLost,
    InDoubt,
    QueueFull,
    Unreachable,
)
from hubbub.client.line import Line, LineState, Unsent
from hubbub.client.resume import Resume
from hubbub.client.updates import (
    Connected,
    Disconnected,
    Entered,
    Happened,
    Held,
    NameRefused,
    ReadElsewhere,
    RoomLost,
    RoomReset,
    SomeoneIsTyping,
    Update,
)
from hubbub.domain.errors import ChatError
from hubbub.domain.events import Event, Joined, Left, Quote, Said

if TYPE_CHECKING:
    from hubbub.client.chat import Chat
    from hubbub.client.connecting import connect

__all__ = [
    "Address",
    "BadAddress",
    "Chat",
    "ChatClosed",
    "ChatError",
    "ChatFailed",
    "Connected",
    "ConnectionLost",
    "Disconnected",
    "Entered",
    "Event",
    "Happened",
    "Held",
    "InDoubt",
    "Joined",
    "Left",
    "Line",
    "LineState",
    "NameRefused",
    "QueueFull",
    "Quote",
    "ReadElsewhere",
    "Resume",
    "RoomLost",
    "RoomReset",
    "Said",
    "SomeoneIsTyping",
    "Unreachable",
    "Unsent",
    "Update",
    "connect",
]


def __getattr__(name: str) -> Any:
    """`Chat` and `connect` load a WebSocket library: a program may draw its first screen before."""
    if name == "Chat":
        from hubbub.client.chat import Chat

        return Chat
    if name == "connect":
        from hubbub.client.connecting import connect

        return connect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
