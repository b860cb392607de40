"""What a chat tells the program that uses it, in the order in which it came about."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from hubbub.domain.errors import ChatError
from hubbub.domain.events import Event
from hubbub.domain.ids import UserId
from hubbub.domain.replies import Limits


class Update(Struct, frozen=True):
    """Base of all updates."""


class Connected(Update, frozen=True):
    """The server knows us as ``user``. ``again``: not for the first time.

    ``log`` is the id of the server's database, for programs that keep what they were shown.
    ``user_id``: what our own events have as ``by_id``; None from an older server.
    """

    user: str
    server: str
    log: str
    limits: Limits
    features: Sequence[str] = ()
    again: bool = False
    user_id: UserId | None = None


class Disconnected(Update, frozen=True):
    """There is no connection, for ``reason``; the next attempt is in ``retry_in`` seconds.

    Told when a connection is lost and again for each attempt that fails. ``code`` is one of
    ``lost``, ``unreachable``, or what the server said: ``shutting-down`` and the like. ``attempt``
    counts, from 1.
    """

    reason: str
    code: str
    retry_in: float
    attempt: int


class NameRefused(Update, frozen=True):
    """On coming back, the server did not give us ``name`` again; ``error`` says why.

    `Chat.hello` with another name is the answer. Without one, the same name is tried again in
    ``retry_in`` seconds: it may be free then.
    """

    name: str
    error: ChatError
    retry_in: float


class Entered(Update, frozen=True):
    """We are in ``room``, with ``users``. What follows are its events with ``seq > after``.

    ``head`` is its newest event at this moment. ``again``: we were in it before, and are back
    after a lost connection; nothing was missed. ``read``, ``unread`` and ``mentions``: how far we
    had read it, anywhere, and how many texts of others are behind that up to ``head`` (at most
    1,000), and speak of us; None when the server does not say. ``at``: the time of the event
    ``after``, if it is known. ``new``: we have made the room.
    """

    room: str
    users: Sequence[str]
    head: int
    after: int
    again: bool = False
    read: int | None = None
    unread: int | None = None
    mentions: int | None = None
    at: int | None = None
    new: bool = False


class Happened(Update, frozen=True):
    """``event`` is the next one in the log of ``room``.

    ``history``: it was there before we joined the room. An event of a kind that this version does
    not know is a plain `Event`, and means nothing but its place in the log.
    """

    room: str
    event: Event
    history: bool = False


class ReadElsewhere(Update, frozen=True):
    """We have read ``room`` up to ``seq``, on another connection of ours.

    ``unread`` and ``mentions`` are what is behind it; None when the server cannot count.
    """

    room: str
    seq: int
    unread: int | None = None
    mentions: int | None = None


class SomeoneIsTyping(Update, frozen=True):
    """``by`` is writing something in ``room``."""

    room: str
    by: str


class Held(Update, frozen=True):
    """The server cannot take lines now, for ``reason``; they are tried again in ``retry_in`` s."""

    reason: str
    retry_in: float


class RoomReset(Update, frozen=True):
    """The log of ``room`` is another one than before: restored from a backup, or emptied.

    What was shown of it is not valid any more. `Entered` and the new log's events follow.
    """

    room: str


class RoomLost(Update, frozen=True):
    """We are not in ``room`` any more; ``error`` says why.

    On coming back the server did not let us in, or we deleted it on another connection.
    """

    room: str
    error: ChatError
