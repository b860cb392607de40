"""What may be set of a room: who may read it and speak in it, and what role somebody has there."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct

from hubbub.domain.ids import ToldId
from hubbub.domain.labels import Labels
from hubbub.domain.numbers import Seq
from hubbub.domain.told import Key, Name, Text, Time

MAX_ROLES = 500  # of one room: each change of one writes all of them
MAX_BANS = 1000  # of one room, or of the server
MAX_MUTED = 500
MAX_FORMER = 20  # names that a room had before, by which it is still found
MAX_INVITED = 1000
MAX_SLOW_SECONDS = 6 * 3600
MAX_KEEP_DAYS = 3650
MAX_TICKETS = 200  # of one room, or of the server
MAX_USES = 1000  # of one of them
MAX_IN_DIRECT = 9  # people of a direct conversation
MAX_FILTERS = 100  # of one room, or of the server
MAX_FILTER_CHARS = 200
MAX_TRUSTED = 1000  # newcomers of one room whose texts were let through
MAX_QUEUED = 50  # of one room: their texts are written with each change of one
MAX_BLOCKED = 200  # people whom one account has blocked
MAX_ACCEPTED = 100  # guests who may write to one account that takes messages of accounts only
MAX_ABOUT_CHARS = 200  # of what somebody says about themselves
MAX_NOTE_CHARS = 100  # of why somebody is away
MAX_MOST = 1_000_000  # people, as a limit of a room
MAX_EXEMPTIONS = 500  # of one room
MAX_PINS = 100  # messages that are pinned to one room
NEWCOMER_SECONDS = 10  # between two texts of a newcomer, unless they are `Newcomers.FREE`


class RoomAccess(Enum):
    """Who may read a room, and know that it is there."""

    OPEN = "open"
    """Everybody who reaches the server."""
    UNLISTED = "unlisted"
    """Everybody who knows its name; lists show it to those who have been there."""
    LOCKED = "locked"
    """Everybody sees it in lists; who gives its password becomes a member, and members read it."""
    MEMBERS = "members"
    """Who is in it by the log, and nobody else: the others have to be invited."""
    DIRECT = "direct"
    """A direct conversation: the people it was begun with, and nobody else, ever."""


KEEPS_MEMBERS = frozenset({RoomAccess.LOCKED, RoomAccess.MEMBERS, RoomAccess.DIRECT})
"""Where accounts stay members while they are away, and only members read."""


LISTED = frozenset({RoomAccess.OPEN, RoomAccess.LOCKED})
"""What everybody sees in lists."""

READ_BY_ALL = frozenset({RoomAccess.OPEN, RoomAccess.UNLISTED})


class Speakers(Enum):
    """Who may say something in a room, in which they are."""

    ALL = "all"
    MEMBERS = "members"
    """Who has an account."""
    VOICES = "voices"
    """Who has a role."""


class Topics(Enum):
    """Who may say what a room is about."""

    ALL = "all"
    MODERATORS = "moderators"


class WayIn(Enum):
    """How an account logs in without telling a password."""

    PROVIDER = "provider"
    """By a single sign-on."""
    CERTIFICATE = "certificate"
    """By one of a client's certificates."""
    SCRAM = "scram"
    """By proving that it knows the password (RFC 7677)."""


class Exemption(Enum):
    """From what somebody is exempt."""

    BANS = "bans"
    """Bans do not hold for them."""
    INVITATIONS = "invitations"
    """They come in without one."""


class HistoryFor(Enum):
    """What newcomers may read of what was said before they came."""

    ALL = "all"
    SINCE = "since"
    """What was said since they became members."""


class Newcomers(Enum):
    """What holds for the texts of newcomers: guests, and accounts that were made a short while ago,
    unless they have a role here, or a moderator has let a text of theirs through.
    """

    FREE = "free"
    """The same as for everybody."""
    CAREFUL = "careful"
    """One text in `NEWCOMER_SECONDS`, without links."""
    HELD = "held"
    """That, and nobody sees them before a moderator has let the first one through."""


class Role(Enum):
    """What somebody is in a room. In the directory, on the whole server.

    Each may do all that those before it may.
    """

    MEMBER = "member"
    """Nobody in particular: giving this role takes away any other one."""
    VOICE = "voice"
    MODERATOR = "moderator"
    """In the directory: an administrator."""
    OWNER = "owner"

    @property
    def rank(self) -> int:
        """How much it may: 0 for a member."""
        return _RANKS[self]


_RANKS = {role: rank for rank, role in enumerate(Role)}


NETWORK_TO_COME = "elsewhere"
"""The network of a ban of somebody who is connected to another server: that one bans it then."""


class CurrentBan(Struct, frozen=True, gc=False, omit_defaults=True):
    """Who may not come in, nor read: ``user_id``, guests by a ``pattern`` of their names, or guests
    from a ``network``.

    ``user``: their name at that time, or the pattern, for people to read. ``network`` is a keyed
    hash of an address, which tells nobody what the address is. ``until``: milliseconds since the
    Unix epoch; None: for good. ``seq``: of the event that says so.
    """

    seq: Seq
    by: Name
    user: Name
    user_id: ToldId | None = None
    pattern: bool = False
    network: Key | None = None
    until: Time | None = None
    reason: Text | None = None
    by_id: ToldId | None = None

    @property
    def whom(self) -> tuple[bool, str]:
        """Whom it is about: a later ban about the same takes its place."""
        return self.pattern, self.user if self.user_id is None else self.user_id

    def is_over(self, now: int) -> bool:
        """Whether it has ended by ``now`` (ms)."""
        return self.until is not None and self.until <= now


class CurrentExemption(Struct, frozen=True, gc=False, omit_defaults=True):
    """Who is exempt ``of`` what: ``user_id``, or guests by a ``pattern`` of their names.

    ``user``: their name at that time, or the pattern. ``seq``: of the event that says so, by ``by``
    at the time ``at`` (ms).
    """

    seq: Seq
    at: Time
    by: Name
    user: Name
    of: Exemption
    user_id: ToldId | None = None
    pattern: bool = False
    by_id: ToldId | None = None

    @property
    def whom(self) -> tuple[Exemption, bool, str]:
        """Whom it is about, and of what."""
        return self.of, self.pattern, self.user if self.user_id is None else self.user_id


Most = Annotated[int, Meta(ge=0, le=MAX_MOST)]
"""So many people may be in a room; 0: no limit."""

Uses = Annotated[int, Meta(ge=1, le=MAX_USES)]
"""How often a ticket is good."""


class Ticket(Struct, frozen=True, gc=False, omit_defaults=True):
    """What lets somebody do a thing that they may not do otherwise: come in, or make an account.

    Whoever has its code uses it, ``uses`` times, ``until`` that time (ms); None: without an end.
    ``id`` is a hash of the code, which is kept nowhere. ``by`` has made it. ``user``: that one
    alone may use it, to choose a new password; with ``factor`` their second factor ends by it, too.
    """

    id: Key
    by: Name
    uses: Uses = 1
    by_id: ToldId | None = None
    until: Time | None = None
    user: Name | None = None
    user_id: ToldId | None = None
    factor: bool = False

    def is_over(self, now: int) -> bool:
        """Whether it has ended by ``now`` (ms)."""
        return self.until is not None and self.until <= now


Slow = Annotated[int, Meta(ge=0, le=MAX_SLOW_SECONDS)]
"""Seconds between two texts of one user; 0: no limit."""

KeepDays = Annotated[int, Meta(ge=0, le=MAX_KEEP_DAYS)]
"""Days for which what happened in a room is kept; 0: for good."""


def shortest(*rules: int) -> int:
    """The one of several `KeepDays` that holds: none of them keeps anything for longer."""
    return min((days for days in rules if days), default=0)


class Status(Enum):
    """How somebody who has an account wants to be seen."""

    HERE = "here"
    AWAY = "away"
    BUSY = "busy"
    """Not to be disturbed: clients do not alert them."""


class Profile(Struct, frozen=True, gc=False, omit_defaults=True):
    """What an account says of itself. ``registered``: since when it is there (ms); 0: not known.

    ``about``: a line about oneself. ``note``: why one is away or busy. ``hides_seen``: nobody is
    told when they were here last. ``blocked``: who may not write to them alone, by their ids, with
    the names of that time; that is told to nobody else. ``labels``: what their programs say of
    them, see `hubbub.domain.labels`. ``accounts_only``: no guest may write to them alone, but those
    who are ``accepted``, by their ids as the blocked ones; that is told to nobody else either.
    """

    registered: Time = 0
    about: Text = ""
    status: Status = Status.HERE
    note: Text = ""
    hides_seen: bool = False
    blocked: dict[ToldId, Name] = {}
    labels: Labels = {}
    accounts_only: bool = False
    accepted: dict[ToldId, Name] = {}


class Queued(Enum):
    """What the moderators of a room are asked to decide."""

    REPORT = "report"
    """Somebody finds a text bad."""
    HELD = "held"
    """The text of a newcomer waits: see `Newcomers`."""
    KNOCK = "knock"
    """Somebody wants to come into a room that only its members read."""


class QueueItem(Struct, frozen=True, gc=False, omit_defaults=True):
    """One thing in a room's queue. ``seq``: its number there. ``by``: who asks, at the time ``at``.

    ``text``: what waits, an excerpt of what was reported, or the words of who knocks. ``about``:
    the ``seq`` in the room of what was reported; ``user`` has said it. ``reply_to``: of a text that
    waits. ``reason``: why it was reported.
    """

    seq: Seq
    kind: Queued
    at: Time
    by: Name
    by_id: ToldId | None = None
    text: Text = ""
    about: Seq | None = None
    user: Name | None = None
    user_id: ToldId | None = None
    reply_to: Seq | None = None
    reason: Text | None = None
