"""The client library: a chat that stays connected, loses nothing and shows nothing twice.

Programs begin with `connect`; see docs/client.md.
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
from hubbub.client.resume import Mark, Resume
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
from hubbub.domain.errors import (
    AlreadyNamed,
    BadCursor,
    BadMessage,
    ChatError,
    EmptyText,
    InvalidName,
    LineTooLong,
    LogUnavailable,
    NameTaken,
    NeedName,
    NoSuchRoom,
    NotInRoom,
    RateLimited,
    RoomHasTexts,
    RoomInUse,
    RoomStays,
    SearchUnavailable,
    ShuttingDown,
    SignOnFailed,
    TextTooLong,
    TooManyRooms,
    TooManySessions,
    WeakPassword,
)
from hubbub.domain.events import Event, Joined, Left, Quote, Said
from hubbub.domain.replies import Ack, Found, Limits, Page, Result, RoomInfo, RoomList

if TYPE_CHECKING:
    from hubbub.client.chat import Chat
    from hubbub.client.connecting import connect

__all__ = [
    "Ack",
    "Address",
    "AlreadyNamed",
    "BadAddress",
    "BadCursor",
    "BadMessage",
    "Chat",
    "ChatClosed",
    "ChatError",
    "ChatFailed",
    "Connected",
    "ConnectionLost",
    "Disconnected",
    "EmptyText",
    "Entered",
    "Event",
    "Found",
    "Happened",
    "Held",
    "InDoubt",
    "InvalidName",
    "Joined",
    "Left",
    "Limits",
    "Line",
    "LineState",
    "LineTooLong",
    "LogUnavailable",
    "Mark",
    "NameRefused",
    "NameTaken",
    "NeedName",
    "NoSuchRoom",
    "NotInRoom",
    "Page",
    "QueueFull",
    "Quote",
    "RateLimited",
    "ReadElsewhere",
    "Result",
    "Resume",
    "RoomHasTexts",
    "RoomInUse",
    "RoomInfo",
    "RoomList",
    "RoomLost",
    "RoomReset",
    "RoomStays",
    "Said",
    "SearchUnavailable",
    "ShuttingDown",
    "SignOnFailed",
    "SomeoneIsTyping",
    "TextTooLong",
    "TooManyRooms",
    "TooManySessions",
    "Unreachable",
    "Unsent",
    "Update",
    "WeakPassword",
    "connect",
]


def __getattr__(name: str) -> Any:
    """Loads `Chat` and `connect` when they are used: their WebSocket library loads slowly."""
    if name == "Chat":
        from hubbub.client.chat import Chat

        return Chat
    if name == "connect":
        from hubbub.client.connecting import connect

        return connect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
