"""What the server tells one session: answers to commands, and notices that are not logged.

The structs are what the JSON protocol shows: ``{"type": "ack", "re": 4, …}``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from msgspec import Struct

from hubbub.domain.commands import RequestId
from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent
from hubbub.domain.numbers import Seq
from hubbub.domain.text import MAX_TEXT_LINES


class Reply(Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower, omit_defaults=True):
    """Base of all replies. ``re`` is the ``id`` of the command that is answered."""

    re: RequestId = None


class Limits(Struct, frozen=True):
    """The server's limits, so that a client can keep to them.

    ``text``: characters of a message. ``line``: bytes of a frame or line. ``rate``: commands a
    second (0: unlimited) with a ``burst``. ``rooms``: rooms of one session. ``history``: events
    in one page. ``lines``: lines of a message.
    """

    text: int
    line: int
    rate: float
    burst: int
    rooms: int
    history: int
    lines: int = MAX_TEXT_LINES  # servers that do not tell it have this one


class Welcome(Reply, frozen=True, kw_only=True):
    """The session is ``user`` now. ``token`` makes the next connection the same user.

    ``log`` is the id of the server's database: another id means another log, with other events
    behind the same numbers.
    """

    user: str
    token: str | None = None
    server: str
    log: str
    limits: Limits
    features: Sequence[str] = ()


MOST_UNREAD = 1000
"""So many unread texts are counted, and no more: it means "this many or more"."""


class RoomInfo(Struct, frozen=True, omit_defaults=True):
    """One room of the list. ``head``: ``seq`` of its newest event. ``at``: its time, in ms.

    For a user who has been there: ``read`` is the ``seq`` up to which it was read, ``unread``
    the texts of others behind it up to ``head`` (at most `MOST_UNREAD`), ``mentions`` how many of
    them speak of the user.
    """

    name: str
    users: int
    head: Seq
    at: int | None = None
    topic: str | None = None
    read: Seq | None = None
    unread: int | None = None
    mentions: int | None = None


class RoomList(Reply, frozen=True, kw_only=True, tag="rooms"):
    """Rooms, those with the most users first, and behind them those where the user was before.

    ``next`` is where to go on; without it that was all. ``total``: how many there are.
    """

    rooms: Sequence[RoomInfo]
    next: str | None = None
    total: int | None = None


class RoomJoined(Reply, frozen=True, kw_only=True, tag="joined"):
    """The session is in the room. Events with ``seq > after`` follow, without a hole.

    ``head`` is the newest event at this moment: what comes up to it is history. ``read``,
    ``unread`` and ``mentions`` are those of `RoomInfo`.
    """

    room: str
    users: Sequence[str]
    head: Seq
    after: Seq
    read: Seq | None = None
    unread: int | None = None
    mentions: int | None = None


class RoomLeft(Reply, frozen=True, kw_only=True, tag="left"):
    """The session is no longer in the room."""

    room: str


class Events(Reply, frozen=True, kw_only=True, tag="events"):
    """Events of a room in order: history after a join, and live ones."""

    room: str
    events: Sequence[AnyEvent]


class Ack(Reply, frozen=True, kw_only=True, tag="ack"):
    """The text is saved as event ``seq``. A resend gets the first one's ``seq`` and ``at``."""

    room: str
    seq: Seq
    at: int
    nonce: str | None = None


class Page(Reply, frozen=True, kw_only=True, tag="history"):
    """A page of a room's log, oldest first. ``head`` is the room's newest ``seq``."""

    room: str
    events: Sequence[AnyEvent]
    head: Seq


class Members(Reply, frozen=True, kw_only=True, tag="who"):
    """Who is in the room, in alphabetical order."""

    room: str
    users: Sequence[str]


class ReadUpTo(Reply, frozen=True, kw_only=True, tag="read"):
    """The user has read the room up to ``seq``, on this session or another one.

    ``unread`` and ``mentions``: as in `RoomInfo`.
    """

    room: str
    seq: Seq
    unread: int | None = None
    mentions: int | None = None


class Result(Struct, frozen=True, omit_defaults=True):
    """A text that was found. ``excerpt``: plain and marked pieces in turn, a plain one first."""

    room: str
    seq: Seq
    at: int
    by: str
    excerpt: Sequence[str]
    reply_to: Seq | None = None


class Found(Reply, frozen=True, kw_only=True):
    """What a search has found, newest first. ``next`` is where to go on; without it that was all.

    ``behind``: so many of the newest events cannot be found yet, when that is worth a word.
    """

    results: Sequence[Result]
    next: str | None = None
    behind: int | None = None


class SomeoneTyping(Reply, frozen=True, kw_only=True, tag="typing"):
    """Someone is writing."""

    room: str
    by: str


class Pong(Reply, frozen=True, kw_only=True):
    """The answer to a ping, after all that went before it."""


class Goodbye(Reply, frozen=True, kw_only=True, tag="bye"):
    """The last words on a connection. ``reason`` is a code: ``bye``, ``shutting-down``, …"""

    reason: str
    message: str


class Refused(Reply, frozen=True, kw_only=True, tag="error"):
    """A command was not done. ``nonce`` is that of the `Say` that was refused."""

    code: str
    message: str
    suggestion: str | None = None
    retry_after: float | None = None
    room: str | None = None
    nonce: str | None = None

    @classmethod
    def of(
        cls,
        error: ChatError,
        re: RequestId = None,
        *,
        room: str | None = None,
        nonce: str | None = None,
    ) -> Self:
        """The reply that tells of ``error``."""
        return cls(
            re=re,
            code=error.code,
            message=error.message,
            suggestion=error.suggestion,
            retry_after=error.retry_after,
            room=room,
            nonce=nonce,
        )


AnyReply = (
    Welcome
    | RoomList
    | RoomJoined
    | RoomLeft
    | Events
    | Ack
    | Page
    | Members
    | ReadUpTo
    | Found
    | SomeoneTyping
    | Pong
    | Goodbye
    | Refused
)
