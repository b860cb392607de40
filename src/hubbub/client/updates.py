"""The updates that a chat gives to the program, in order."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from hubbub.domain.errors import ChatError
from hubbub.domain.events import Event
from hubbub.domain.ids import UserId
from hubbub.domain.replies import Limits, Standing
from hubbub.domain.rules import Profile, Role, Status


class Update(Struct, frozen=True):
    """Base of all updates."""


class Connected(Update, frozen=True):
    """There is a connection, on which we are ``user``. ``again``: not the first one.

    ``log`` is the id of the server's database, for programs that cache events. ``user_id`` is the
    ``by_id`` of our own events; None from an older server. ``account``: there is a password for the
    name. ``role``: ours on the whole server. ``profile``: what the account says of itself, and whom
    it has blocked; None for a guest.
    """

    user: str
    server: str
    log: str
    limits: Limits
    features: Sequence[str] = ()
    again: bool = False
    user_id: UserId | None = None
    account: bool = False
    role: Role = Role.MEMBER
    profile: Profile | None = None


class Disconnected(Update, frozen=True):
    """There is no connection, for ``reason``; the next attempt is in ``retry_in`` seconds.

    Comes when a connection is lost, and for each attempt that fails. ``code`` is ``lost``,
    ``unreachable``, that of a key which is not accepted (`hubbub.client.errors.UNTRUSTED`), or the
    server's, such as ``shutting-down``. ``attempt`` counts from 1.
    ``planned``: the server restarts and will be back by then, so that nobody has to be alarmed.
    """

    reason: str
    code: str
    retry_in: float
    attempt: int
    planned: bool = False


class NameRefused(Update, frozen=True):
    """On a new connection the server refused our ``name``; ``error`` says why.

    The program may call `Chat.hello` with another name. Otherwise the same name is tried again in
    ``retry_in`` seconds: it may be free then.
    """

    name: str
    error: ChatError
    retry_in: float


class LoggedOut(Update, frozen=True):
    """The server does not let us in as ``user`` any more; ``error`` says why.

    `NeedPassword`, for example, when our device was logged out from another one, or `Forbidden`.
    Nothing is tried again by itself. What waits to be sent is kept, and is sent after a
    `Chat.hello` with the password.
    """

    user: str
    error: ChatError


class Renamed(Update, frozen=True):
    """We are called ``user`` from now on, and were called ``was``; we stay who we are."""

    user: str
    was: str


class Entered(Update, frozen=True):
    """We are in ``room``, with ``users``. Its events with ``seq > after`` follow.

    ``head`` is its newest event now. ``again``: we are back after a lost connection, and no event
    was missed. ``read`` is our read marker, from all our connections; ``unread`` is the number of
    texts of others between it and ``head`` (at most 1,000), of which ``mentions`` mention us; None
    if the server does not say. ``at`` is the time of the event ``after``, if known. ``new``: we
    have made the room. ``topic`` is what the room is about; "" if nobody has said so. ``standing``
    is what holds in the room, and what we are there. In a direct conversation each text counts as
    one that mentions us.
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
    topic: str = ""
    standing: Standing = Standing()


class StandingChanged(Update, frozen=True):
    """What holds in ``room``, or what we are there, has changed."""

    room: str
    standing: Standing


class PresenceChanged(Update, frozen=True):
    """In ``room``, ``user`` wants to be seen otherwise, or has come or gone, and stays a member.

    ``here``: they are connected. ``status``: whether they are away, or busy; ``note``: why.
    """

    room: str
    user: str
    here: bool = True
    status: Status = Status.HERE
    note: str = ""


class ProfileChanged(Update, frozen=True):
    """What our account says of itself has changed, here or on another device: ``profile``."""

    profile: Profile


class RoomMoved(Update, frozen=True):
    """The room ``room`` is called ``name`` from now on; all else about it stays."""

    room: str
    name: str


class Invited(Update, frozen=True):
    """``by`` has invited us into ``room``, which `Chat.join` enters."""

    room: str
    by: str


class Warned(Update, frozen=True):
    """Something will go wrong with the server, which we administer: ``message`` says what."""

    message: str


class Announced(Update, frozen=True):
    """``by``, who administers the server, tells everybody ``text``, on one line."""

    by: str
    text: str


class Happened(Update, frozen=True):
    """``event`` is the next one in the log of ``room``.

    ``history``: it is older than our joining. An event of a kind that this version does not know
    is a plain `Event`, which only takes its place in the log.
    """

    room: str
    event: Event
    history: bool = False


class ReadElsewhere(Update, frozen=True):
    """Our read marker of ``room`` was moved to ``seq`` on another connection of ours.

    ``unread`` and ``mentions`` as in `Entered`; None if the server cannot count them now.
    """

    room: str
    seq: int
    unread: int | None = None
    mentions: int | None = None


class SomeoneIsTyping(Update, frozen=True):
    """``by`` is typing in ``room``."""

    room: str
    by: str


class Held(Update, frozen=True):
    """The server cannot save lines now, for ``reason``; they are sent again in ``retry_in`` s.

    ``room``: the one that this is about, because it is in slow mode; None: it is about all lines.
    """

    reason: str
    retry_in: float
    room: str | None = None


class RoomReset(Update, frozen=True):
    """The log of ``room`` was replaced: restored from a backup, or emptied.

    Its earlier events are invalid. `Entered` and the new log's events follow.
    """

    room: str


class RoomLost(Update, frozen=True):
    """We are not in ``room`` any more; ``error`` says why.

    The server refused us on a new connection, somebody has put us out, or we deleted the room on
    another connection. ``forget``: it is not ours to read any more, so that nothing of it may stay
    on disk.
    """

    room: str
    error: ChatError
    forget: bool = False
