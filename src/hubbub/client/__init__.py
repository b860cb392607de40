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
from hubbub.client.moderation import SERVER
from hubbub.client.resume import Mark, Resume
from hubbub.client.updates import (
    Connected,
    Disconnected,
    Entered,
    Happened,
    Held,
    Invited,
    LoggedOut,
    NameRefused,
    ReadElsewhere,
    Renamed,
    RoomLost,
    RoomMoved,
    RoomReset,
    SomeoneIsTyping,
    StandingChanged,
    Update,
)
from hubbub.domain.errors import (
    AlreadyNamed,
    BadCursor,
    BadMessage,
    BadTicket,
    ChatError,
    EmptyText,
    Forbidden,
    GuestsOff,
    InvalidName,
    LineTooLong,
    LogUnavailable,
    NameTaken,
    NeedAccount,
    NeedCode,
    NeedName,
    NeedPassword,
    NoSuchRoom,
    NoSuchUser,
    NotAllowed,
    NotInRoom,
    RateLimited,
    RegistrationClosed,
    RoomHasTexts,
    RoomInUse,
    RoomStays,
    SearchUnavailable,
    ShuttingDown,
    SignOnFailed,
    TextTooLong,
    TooMany,
    TooManyRooms,
    TooManySessions,
    WeakPassword,
    WrongPassword,
    WrongToken,
)
from hubbub.domain.events import Event, Joined, Left, Quote, Said
from hubbub.domain.replies import (
    Ack,
    BanList,
    Device,
    DirectRoom,
    Found,
    Limits,
    Page,
    Result,
    RoomInfo,
    RoomList,
    Standing,
)
from hubbub.domain.rights import Action
from hubbub.domain.rules import HistoryFor, Role, RoomAccess, Speakers

if TYPE_CHECKING:
    from hubbub.client.chat import Chat
    from hubbub.client.connecting import connect

__all__ = [
    "SERVER",
    "Ack",
    "Action",
    "Address",
    "AlreadyNamed",
    "BadAddress",
    "BadCursor",
    "BadMessage",
    "BadTicket",
    "BanList",
    "Chat",
    "ChatClosed",
    "ChatError",
    "ChatFailed",
    "Connected",
    "ConnectionLost",
    "Device",
    "DirectRoom",
    "Disconnected",
    "EmptyText",
    "Entered",
    "Event",
    "Forbidden",
    "Found",
    "GuestsOff",
    "Happened",
    "Held",
    "HistoryFor",
    "InDoubt",
    "InvalidName",
    "Invited",
    "Joined",
    "Left",
    "Limits",
    "Line",
    "LineState",
    "LineTooLong",
    "LogUnavailable",
    "LoggedOut",
    "Mark",
    "NameRefused",
    "NameTaken",
    "NeedAccount",
    "NeedCode",
    "NeedName",
    "NeedPassword",
    "NoSuchRoom",
    "NoSuchUser",
    "NotAllowed",
    "NotInRoom",
    "Page",
    "QueueFull",
    "Quote",
    "RateLimited",
    "ReadElsewhere",
    "RegistrationClosed",
    "Renamed",
    "Result",
    "Resume",
    "Role",
    "RoomAccess",
    "RoomHasTexts",
    "RoomInUse",
    "RoomInfo",
    "RoomList",
    "RoomLost",
    "RoomMoved",
    "RoomReset",
    "RoomStays",
    "Said",
    "SearchUnavailable",
    "ShuttingDown",
    "SignOnFailed",
    "SomeoneIsTyping",
    "Speakers",
    "Standing",
    "StandingChanged",
    "TextTooLong",
    "TooMany",
    "TooManyRooms",
    "TooManySessions",
    "Unreachable",
    "Unsent",
    "Update",
    "WeakPassword",
    "WrongPassword",
    "WrongToken",
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
