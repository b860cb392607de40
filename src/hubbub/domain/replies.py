"""What the server tells one session: answers to commands, and notices that are not logged.

The structs are what the JSON protocol shows: ``{"type": "ack", "re": 4, …}``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from msgspec import Meta, Struct

from hubbub.domain.commands import RequestId
from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import ToldId
from hubbub.domain.labels import Labels, LabelsChanged
from hubbub.domain.numbers import Seq
from hubbub.domain.rules import (
    CurrentBan,
    CurrentExemption,
    HistoryFor,
    Newcomers,
    Profile,
    QueueItem,
    Role,
    RoomAccess,
    Speakers,
    Status,
    Ticket,
    Topics,
)
from hubbub.domain.text import MAX_TEXT_LINES
from hubbub.domain.told import (
    MAX_ROWS,
    Count,
    Excerpt,
    Name,
    People,
    Tags,
    Text,
    Time,
    Words,
)


class Reply(Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower, omit_defaults=True):
    """Base of all replies. ``re`` is the ``id`` of the command that is answered."""

    re: RequestId = None


class Limits(Struct, frozen=True):
    """The server's limits, so that a client can keep to them.

    ``text``: characters of a message. ``line``: bytes of a frame or line. ``rate``: commands a
    second (0: unlimited) with a ``burst``. ``rooms``: rooms of one session. ``history``: events
    in one page. ``lines``: lines of a message. ``edit``: seconds for which one may change what one
    has said (0: as long as one likes).
    """

    text: Count
    line: Count
    rate: float
    burst: Count
    rooms: Count
    history: Count
    lines: Count = MAX_TEXT_LINES  # servers that do not tell it have this one
    edit: float = 0.0


class Welcome(Reply, frozen=True, kw_only=True):
    """The session is ``user`` now. ``token`` makes the next connection the same user.

    ``user_id``: what the user's own events have as ``by_id``; older servers do not tell it.
    ``account``: there is a password for the name. ``role``: on the whole server. ``profile``: of
    the account, with whom it has blocked.
    ``log`` is the id of the server's database: another id means another log, with other events
    behind the same numbers.
    """

    user: Name
    user_id: ToldId | None = None
    account: bool = False
    role: Role = Role.MEMBER
    profile: Profile | None = None
    token: Words | None = None
    server: Words
    log: Words
    limits: Limits
    features: Annotated[Sequence[Words], Meta(max_length=1000)] = ()


MOST_UNREAD = 1000
"""So many unread texts are counted, and no more: it means "this many or more"."""


class RoomInfo(Struct, frozen=True, omit_defaults=True):
    """One room of the list. ``head``: ``seq`` of its newest event. ``at``: its time, in ms.

    ``people``: whose direct conversation it is, without the user. ``invited``: the user is, and
    has not come in yet.

    For a user who has been there: ``read`` is the ``seq`` up to which it was read, ``unread``
    the texts of others behind it up to ``head`` (at most `MOST_UNREAD`), ``mentions`` how many of
    them speak of the user. ``reader``: how far the `hubbub.domain.commands.Rooms.reader` has read.
    """

    name: Name
    users: Count
    head: Seq
    at: Time | None = None
    topic: Words | None = None
    access: RoomAccess = RoomAccess.OPEN
    people: People = ()
    invited: bool = False
    read: Seq | None = None
    unread: Count | None = None
    mentions: Count | None = None
    reader: Seq | None = None


class Done(Reply, frozen=True, kw_only=True):
    """What was asked for is done."""


class Device(Struct, frozen=True, omit_defaults=True):
    """Where an account is logged in. ``client`` and ``address``: as of the login.

    ``since``, ``seen``: when it logged in, and was here last, in ms since the Unix epoch.
    ``current``: it is this one. ``connected``: so many connections of it are here now.
    """

    id: Words
    client: Words
    address: Words
    since: Time
    seen: Time
    current: bool = False
    connected: Count = 0


class DeviceList(Reply, frozen=True, kw_only=True, tag="devices"):
    """The devices of the account, the one seen last first."""

    devices: Annotated[Sequence[Device], Meta(max_length=MAX_ROWS)]


class FactorOffered(Reply, frozen=True, kw_only=True, tag="factor"):
    """What an app on a device of the person's needs, to show codes: by hand, or as a QR code."""

    secret: Words
    uri: Words


class RecoveryCodes(Reply, frozen=True, kw_only=True, tag="recovery-codes"):
    """The second factor is on. Each of ``codes`` lets in once without the device; told only now."""

    codes: Annotated[Sequence[Words], Meta(max_length=MAX_ROWS)]


class Challenge(Reply, frozen=True, kw_only=True):
    """What the server says to who proves a password: see `HelloByProof`."""

    message: str


class WaysInTold(Reply, frozen=True, kw_only=True, tag="ways-in"):
    """How the account logs in without telling its password.

    ``certificates``: their fingerprints, in hexadecimal digits. ``here``: that of the one that the
    connection has shown. ``scram``: whether it can prove its password.
    """

    certificates: Sequence[str]
    here: str | None = None
    scram: bool = False


class TicketGiven(Reply, frozen=True, kw_only=True, tag="ticket"):
    """A ticket, and the ``code`` by which it is used; told only now."""

    room: Name
    code: Words
    ticket: Ticket


class TicketList(Reply, frozen=True, kw_only=True, tag="tickets"):
    """The tickets of a room, or of the server, that are good."""

    room: Name
    tickets: Annotated[Sequence[Ticket], Meta(max_length=MAX_ROWS)]


class BanList(Reply, frozen=True, kw_only=True, tag="bans"):
    """Who is banned from a room, and who may say nothing in it, by their names: until when (ms).

    ``filters``: the patterns of what may not be said, as they were typed. ``invited``: who may
    become a member and has not come in yet.
    """

    room: Name
    bans: Annotated[Sequence[CurrentBan], Meta(max_length=MAX_ROWS)]
    muted: dict[Name, Time | None] = {}
    exemptions: Annotated[Sequence[CurrentExemption], Meta(max_length=MAX_ROWS)] = ()
    filters: Annotated[Sequence[Words], Meta(max_length=MAX_ROWS)] = ()
    invited: People = ()


class QueueList(Reply, frozen=True, kw_only=True, tag="queue"):
    """What waits for who moderates the room, the oldest first."""

    room: Name
    items: Annotated[Sequence[QueueItem], Meta(max_length=MAX_ROWS)]


class Person(Reply, frozen=True, kw_only=True):
    """What is known of ``user``. ``here``: they are connected.

    ``account``: they have one, ``registered`` then (ms). ``role``: on the whole server. ``seen``:
    when they were here last (ms), unless they do not want that told. ``about``, ``status``,
    ``note``, ``labels``: see `hubbub.domain.rules.Profile`.
    """

    user: Name
    user_id: ToldId | None = None
    here: bool = False
    account: bool = False
    role: Role = Role.MEMBER
    registered: Time | None = None
    seen: Time | None = None
    about: Words = ""
    status: Status = Status.HERE
    note: Words = ""
    labels: Labels = {}


class Labelled(Reply, frozen=True, kw_only=True, tag="labels"):
    """The labels of ``user`` that have changed, None for those that are gone.

    Told to clients that ask for it by their protocol. JSON's does not have it.
    """

    user: Name
    user_id: ToldId | None
    labels: LabelsChanged


class Presence(Reply, frozen=True, kw_only=True):
    """In the room, ``user`` wants to be seen otherwise, or is connected or not from now on.

    ``here``: they are connected. Told of members, who stay in the room while they are away.
    """

    room: Name
    user: Name
    here: bool = True
    status: Status = Status.HERE
    note: Words = ""


class ProfileChanged(Reply, frozen=True, kw_only=True, tag="profile"):
    """The profile of the user's own account, changed on this session or another one.

    ``role``: on the whole server, when that is what has changed.
    """

    profile: Profile
    role: Role | None = None


class DirectRoom(Reply, frozen=True, kw_only=True, tag="direct"):
    """The direct conversation with ``users``, without oneself. ``new``: nobody said a word yet.

    Without ``re``: something was said in it behind the event ``head``, and this session is not in
    the room. A client that shows direct conversations joins it then, from there on.
    """

    room: Name
    users: People
    head: Seq
    new: bool = False


class Invitation(Reply, frozen=True, kw_only=True):
    """Somebody has invited the user into a room, which can be joined from now on."""

    room: Name
    by: Name


class Warned(Reply, frozen=True, kw_only=True, tag="warning"):
    """Something will go wrong with the server: told to those who administer it, in words."""

    message: Words


class RoomMoved(Reply, frozen=True, kw_only=True, tag="moved"):
    """The room ``room`` is called ``name`` from now on."""

    room: Name
    name: Name


class Standing(Struct, frozen=True, omit_defaults=True):
    """What holds in a room, and what the user is there.

    ``role``: the user's own there; an administrator's is that of an owner. ``roles``: of everybody
    who has one, by their names. ``people``: of a direct conversation, without the user.
    ``newcomer``: the user is one, for whom `Newcomers` holds. ``waiting``: so many things wait in
    the room's queue, for who moderates it. ``keep_days``: by the rule of the room or of the server.
    The others: see `hubbub.domain.state.RoomFacts`.
    """

    access: RoomAccess = RoomAccess.OPEN
    role: Role = Role.MEMBER
    speak: Speakers = Speakers.ALL
    slow: Count = 0
    guests: bool = True
    history: HistoryFor = HistoryFor.ALL
    archived: bool = False
    owned: bool = False
    muted: bool = False
    roles: dict[Name, Role] = {}
    people: People = ()
    newcomers: Newcomers = Newcomers.FREE
    newcomer: bool = False
    waiting: Count = 0
    keep_days: Count = 0
    topics: Topics = Topics.ALL
    outside: bool = True
    most: Count = 0
    signals: bool = True
    labels: Labels = {}
    pins: Annotated[tuple[Seq, ...], Meta(max_length=MAX_ROWS)] = ()


class RoomStanding(Reply, frozen=True, kw_only=True, tag="standing"):
    """What holds in the room, or what the user is there, has changed."""

    room: Name
    standing: Standing


class RoomList(Reply, frozen=True, kw_only=True, tag="rooms"):
    """Rooms, those with the most users first, and behind them those where the user was before.

    ``next`` is where to go on; without it that was all. ``total``: how many there are.
    """

    rooms: Annotated[Sequence[RoomInfo], Meta(max_length=MAX_ROWS)]
    next: Words | None = None
    total: Count | None = None


class RoomJoined(Reply, frozen=True, kw_only=True, tag="joined"):
    """The session is in the room. Events with ``seq > after`` follow, without a hole.

    ``head`` is the newest event at this moment: what comes up to it is history. ``at`` is the time
    of the event ``after``, told when that is the newest one: else the next event tells its own.
    ``topic``: what the room is about at ``head``; None if nobody has said so.
    ``read``, ``unread`` and ``mentions`` are those of `RoomInfo`. ``new``: this join has made the
    room. ``standing``: None for a room where everybody may do the same, as the defaults say.
    ``topic_by``, ``topic_at``, ``made``: see `hubbub.domain.state.RoomFacts`. ``reader``: how far
    the `hubbub.domain.commands.Join.reader` has read it.
    """

    room: Name
    users: People
    head: Seq
    after: Seq
    at: Time | None = None
    topic: Words | None = None
    new: bool = False
    standing: Standing | None = None
    read: Seq | None = None
    unread: Count | None = None
    mentions: Count | None = None
    topic_by: Name | None = None
    topic_at: Time | None = None
    made: Time | None = None
    reader: Seq | None = None


class RoomLeft(Reply, frozen=True, kw_only=True, tag="left"):
    """The session is no longer in the room.

    ``put_out``: somebody has put the user out of it, who is to stay out until asking to come in.
    Without it and without ``re``, the server could not keep the place; a client joins again.
    """

    room: Name
    put_out: bool = False


class RoomDeleted(Reply, frozen=True, kw_only=True, tag="deleted"):
    """There is no such room any more. Without ``re``: another session of the user deleted it."""

    room: Name


class Events(Reply, frozen=True, kw_only=True, tag="events"):
    """Events of a room in order: history after a join, and live ones."""

    room: Name
    events: Sequence[AnyEvent]


class Ack(Reply, frozen=True, kw_only=True, tag="ack"):
    """What was written is saved as event ``seq``. A resend gets the first one's ``seq`` and ``at``.

    ``new``: it has made the room.
    """

    room: Name
    seq: Seq
    at: Time
    nonce: Words | None = None
    new: bool = False


class Page(Reply, frozen=True, kw_only=True, tag="history"):
    """A page of a room's log, oldest first. ``head`` is the room's newest ``seq``.

    The page covers ``first <= seq <= last``: whatever of that is not among ``events`` is nothing
    to be shown. Two pages join where one's ``last`` is followed by the other's ``first``. Nothing
    is covered where ``last`` is below ``first``. Older servers do not tell them, and cover what is
    between the first event and the last.
    """

    room: Name
    events: Sequence[AnyEvent]
    head: Seq
    first: Seq | None = None
    last: Seq | None = None


class Messages(Reply, frozen=True, kw_only=True):
    """Messages of a room that belong together, each in its present form. ``head``: as of when.

    ``more``: there are more of them than one answer has; these are the newest.
    """

    room: Name
    events: Sequence[AnyEvent]
    head: Seq
    more: bool = False


class Version(Struct, frozen=True):
    """What a message said from the time ``at`` (ms) on."""

    at: Time
    text: Text


class VersionList(Reply, frozen=True, kw_only=True, tag="versions"):
    """What the message ``target`` has said, oldest first; the last one is what it says now."""

    room: Name
    target: Seq
    versions: Annotated[Sequence[Version], Meta(max_length=MAX_ROWS)]


class Members(Reply, frozen=True, kw_only=True, tag="who"):
    """Who is in the room, in alphabetical order. ``topic``: what the room is about.

    ``roles``: of those who have one. ``away``: who of them is a member and not here now.
    ``status``: of those who are not simply here by their own words. ``standing``: what holds there
    for who asks.
    """

    room: Name
    users: People
    topic: Words | None = None
    roles: dict[Name, Role] = {}
    away: People = ()
    status: dict[Name, Status] = {}
    topic_by: Name | None = None
    topic_at: Time | None = None
    made: Time | None = None
    standing: Standing | None = None


class ReadUpTo(Reply, frozen=True, kw_only=True, tag="read"):
    """The user has read the room up to ``seq``, on this session or another one.

    ``unread`` and ``mentions``: as in `RoomInfo`.
    """

    room: Name
    seq: Seq
    unread: Count | None = None
    mentions: Count | None = None


class Result(Struct, frozen=True, omit_defaults=True):
    """A text that was found. ``excerpt``: plain and marked pieces in turn, a plain one first."""

    room: Name
    seq: Seq
    at: Time
    by: Name
    excerpt: Excerpt
    reply_to: Seq | None = None
    by_id: ToldId | None = None


class Found(Reply, frozen=True, kw_only=True):
    """What a search has found, newest first. ``next`` is where to go on; without it that was all.

    ``behind``: so many events cannot be found yet, between the newest 1,000 and what is indexed.
    """

    results: Annotated[Sequence[Result], Meta(max_length=MAX_ROWS)]
    next: Words | None = None
    behind: Count | None = None


class SomeoneTyping(Reply, frozen=True, kw_only=True, tag="typing"):
    """Someone is writing."""

    room: Name
    by: Name


class Signalled(Reply, frozen=True, kw_only=True, tag="signal"):
    """A program of ``by`` tells those of others in the room something: see `Signal`."""

    room: Name
    by: Name
    by_id: ToldId | None = None
    tags: Tags = {}
    text: Words = ""
    notice: bool = False


class PersonHere(Struct, frozen=True, omit_defaults=True):
    """Whether ``user`` is connected, and how they want to be seen.

    ``user``: as they write it, or as it was asked for.
    """

    user: Name
    here: bool
    user_id: ToldId | None = None
    account: bool = False
    role: Role = Role.MEMBER
    status: Status = Status.HERE
    note: Words = ""


class PeopleHere(Reply, frozen=True, kw_only=True, tag="here"):
    """Who is connected: in the order of the question, or, without ``re``, who has come or gone."""

    people: Annotated[Sequence[PersonHere], Meta(max_length=MAX_ROWS)]


class Announced(Reply, frozen=True, kw_only=True, tag="announcement"):
    """``by``, who administers the server, tells everybody something."""

    by: Name
    text: Words


class Pong(Reply, frozen=True, kw_only=True):
    """The answer to a ping, after all that went before it.

    After `Formerly`, ``user_id`` tells who the user is from now on.
    """

    user_id: ToldId | None = None


RESTARTING = "restarting"
"""The reason of a `Goodbye` while another server takes over."""


class Goodbye(Reply, frozen=True, kw_only=True, tag="bye"):
    """The last words on a connection. ``reason`` is a code: ``bye``, ``restarting``, …

    ``reconnect``: the server is back at once, and expects the client after so many seconds, which
    it has chosen so that not all come together; None: as with any connection that was lost.
    """

    reason: Words
    message: Words
    reconnect: float | None = None


class Refused(Reply, frozen=True, kw_only=True, tag="error"):
    """A command was not done. ``nonce`` is that of the `Write` that was refused.

    ``sign_on``: a password is asked for, and a code that the page at this address shows will do.
    """

    code: Words
    message: Words
    suggestion: Words | None = None
    retry_after: float | None = None
    room: Name | None = None
    nonce: Words | None = None
    sign_on: Words | None = None

    @classmethod
    def of(
        cls,
        error: ChatError,
        re: RequestId = None,
        *,
        room: str | None = None,
        nonce: Words | None = None,
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
            sign_on=error.sign_on,
        )


AnyReply = (
    Welcome
    | Messages
    | VersionList
    | Done
    | DeviceList
    | FactorOffered
    | RecoveryCodes
    | TicketGiven
    | TicketList
    | BanList
    | QueueList
    | Person
    | Presence
    | ProfileChanged
    | DirectRoom
    | Invitation
    | Warned
    | RoomMoved
    | RoomStanding
    | RoomList
    | RoomJoined
    | RoomLeft
    | RoomDeleted
    | Events
    | Ack
    | Page
    | Members
    | ReadUpTo
    | Found
    | SomeoneTyping
    | Signalled
    | PeopleHere
    | Announced
    | Pong
    | Goodbye
    | Refused
)
