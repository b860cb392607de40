"""The client library: a chat that stays connected, loses nothing and shows nothing twice.

`connect` is where to begin; docs/client.md tells the whole story.
"""

from hubbub.client.address import Address, BadAddress
from hubbub.client.chat import Chat
from hubbub.client.connecting import connect
from hubbub.client.errors import ChatClosed, ConnectionLost, QueueFull, Unreachable
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

__all__ = [
    "Address",
    "BadAddress",
    "Chat",
    "ChatClosed",
    "ChatError",
    "Connected",
    "ConnectionLost",
    "Disconnected",
    "Entered",
    "Event",
    "Happened",
    "Held",
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
