"""The commands of a session: imperative, frozen. Names are parsed before a command exists.

The structs are what the JSON protocol takes: ``{"type": "say", "room": "General", …}``.
Each may carry an ``id`` that the answer gives back as ``re``.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from hubbub.domain.durations import MAX_SECONDS
from hubbub.domain.files import MAX_FILES, Attachment
from hubbub.domain.fingerprints import MAX_CHARS as MAX_FINGERPRINT_CHARS
from hubbub.domain.labels import LabelChanges
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.numbers import MAX_EXACT, Seq
from hubbub.domain.patterns import MAX_PATTERN_CHARS
from hubbub.domain.reactions import Emoji
from hubbub.domain.rules import (
    MAX_ABOUT_CHARS,
    MAX_FILTER_CHARS,
    MAX_IN_DIRECT,
    MAX_NOTE_CHARS,
    Exemption,
    HistoryFor,
    KeepDays,
    Most,
    Newcomers,
    Role,
    RoomAccess,
    Slow,
    Speakers,
    Status,
    Topics,
    Uses,
    WayIn,
)
from hubbub.domain.told import Tags, Time

MAX_HISTORY = 200  # events, or lines, in one answer: a screen or two
MAX_RESULTS = 50  # of a search in one answer
MAX_PLACE_CHARS = 20  # of the cursor from which a search continues
MAX_ROOMS_LISTED = 500  # in one answer: more than anybody looks through
MAX_NAME_QUERY_CHARS = 100  # of words in rooms' names; a name has at most 50
MAX_LIST_PLACE_CHARS = 200  # of the cursor of a list: a number, and a name in lower case
MAX_NONCE_CHARS = 64  # a UUID is 36
MAX_PROGRAM_CHARS = 100

MAX_ID_CHARS = 64
MAX_PASSWORD_CHARS = 1000
MAX_CODE_CHARS = 64  # of a second factor, or of a server that has no owner yet
MAX_DEVICE_CHARS = 64
MAX_PROOF_CHARS = 2000  # of a message by which a password is proved; 100 and some
MAX_PARTING_CHARS = 300  # of what somebody says when they go
MAX_WATCHED = 200  # people of whom one session hears when they come and go
MAX_SIGNAL_CHARS = 500
MAX_READER_CHARS = 64

RequestId = (
    Annotated[str, Meta(max_length=MAX_ID_CHARS)]
    | Annotated[int, Meta(ge=-MAX_EXACT, le=MAX_EXACT)]
    | None
)
NO_NUL = "^[^\0]*$"  # PostgreSQL keeps none in its texts; itself, as not all schemas take escapes

Nonce = Annotated[str, Meta(min_length=1, max_length=MAX_NONCE_CHARS, pattern=NO_NUL)]
Program = Annotated[str, Meta(max_length=MAX_PROGRAM_CHARS, pattern=NO_NUL)]
"""What a client calls itself."""
Password = Annotated[str, Meta(max_length=MAX_PASSWORD_CHARS)]
Code = Annotated[str, Meta(max_length=MAX_CODE_CHARS)]
Duration = Annotated[int, Meta(ge=1, le=MAX_SECONDS)]
"""Seconds."""
Parting = Annotated[str, Meta(max_length=MAX_PARTING_CHARS, pattern=NO_NUL)]
"""What somebody says when they go, on one line."""
Reader = Annotated[str, Meta(min_length=1, max_length=MAX_READER_CHARS, pattern=NO_NUL)]
"""What an account calls one of the programs by which it reads."""


class Command(
    Struct,
    frozen=True,
    kw_only=True,
    tag_field="type",
    tag=str.lower,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Base of all commands."""

    id: RequestId = None


class Hello(Command, frozen=True, kw_only=True):
    """Gives the user's name.

    ``token`` is the secret that an earlier `Welcome` gave this guest, or this device of an account.
    ``password``: of the account of that name. ``code``: of its second factor. ``client``: what
    the program calls itself, for the list of devices.

    ``again``: a guest who has said hello already is this user from now on, another guest or an
    account. They are out of the rooms in which they were, which see a change of name if they join
    them again, and else a leave. Who has an account may be another account, and rooms see a leave.
    """

    user: UserName
    token: Annotated[str, Meta(max_length=128)] | None = None
    password: Password | None = None
    code: Annotated[str, Meta(max_length=MAX_CODE_CHARS)] | None = None
    client: Program | None = None
    again: bool = False
    v: int = 1


class HelloByCertificate(Hello, frozen=True, kw_only=True):
    """Says hello by the certificate that the connection has shown.

    As the account whose it is; with ``named`` only if that is ``user``. The JSON protocol does not
    have it: browsers would ask people for a certificate that they do not have.
    """

    named: bool = True


class HelloByProof(Hello, frozen=True, kw_only=True):
    """Says hello by proving a password: a message of SCRAM-SHA-256, see `hubbub.domain.scram`.

    Answered with a `Challenge`, and the second one with the last `Challenge` and a `Welcome`. In
    the messages the user may be called otherwise, as ``ada/laptop``. The JSON protocol does not
    have it.
    """

    message: Annotated[str, Meta(max_length=MAX_PROOF_CHARS)]


class Register(Command, frozen=True, kw_only=True):
    """Makes the user, a guest, an account, who stays who they are. Answered with a `Welcome`.

    ``user``: the name of the account, for who has not said hello: where guests are not let in, say.
    ``invite``: the code of a ticket, where one needs an invitation.
    """

    password: Password
    user: UserName | None = None
    invite: Code | None = None


class ChangePassword(Command, frozen=True, kw_only=True, tag="password"):
    """Changes the password. All devices but this one are out by it. Answered with `Done`."""

    old: Password
    new: Password


class Devices(Command, frozen=True, kw_only=True):
    """Asks where the user is logged in. Answered with `DeviceList`."""


class Revoke(Command, frozen=True, kw_only=True):
    """Logs a device out, by its id; without one, all but this one. Answered with `Done`."""

    device: Annotated[str, Meta(max_length=MAX_DEVICE_CHARS)] | None = None


class Rename(Command, frozen=True, kw_only=True):
    """Gives the user, who has an account, another name. Answered with `Done`."""

    user: UserName


class WaysIn(Command, frozen=True, kw_only=True, tag="ways-in"):
    """Asks how the account logs in without telling a password. Answered with `WaysInTold`.

    This and `SetWayIn` are for wires whose clients do so; the JSON protocol does not have them.
    """


class SetWayIn(Command, frozen=True, kw_only=True, tag="way-in"):
    """Lets the account log in by a certificate, or by SCRAM, or with ``on`` false not any more.

    ``certificate``: its fingerprint; None: the one that the connection has shown. ``password`` is
    needed to turn something on. Answered with `WaysInTold`.
    """

    way: WayIn
    on: bool = True
    certificate: Annotated[str, Meta(max_length=MAX_FINGERPRINT_CHARS)] | None = None
    password: Password | None = None


class CloseAccount(Command, frozen=True, kw_only=True, tag="close-account"):
    """Ends the account. What was said stays, under the name of a former member.

    ``empty``: what was said goes, too.
    """

    password: Password
    empty: bool = False


class SetProfile(Command, frozen=True, kw_only=True, tag="profile"):
    """Changes the `hubbub.domain.rules.Profile` of the user's account. None leaves it as it is.

    ``labels``: those that change, see `hubbub.domain.labels`. Answered with `Done`.
    """

    about: Annotated[str, Meta(max_length=MAX_ABOUT_CHARS)] | None = None
    status: Status | None = None
    note: Annotated[str, Meta(max_length=MAX_NOTE_CHARS)] | None = None
    hides_seen: bool | None = None
    labels: LabelChanges | None = None
    accounts_only: bool | None = None


class Block(Command, frozen=True, kw_only=True):
    """Lets ``user`` not write to oneself alone any more; with ``on`` false, lets them again.

    Answered with `Done`.
    """

    user: UserName
    on: bool = True


class Accept(Command, frozen=True, kw_only=True):
    """Lets ``user`` write to oneself though one takes messages of accounts only; with ``on`` false,
    does so no more.

    Whom one writes to is accepted by that. Answered with `Done`.
    """

    user: UserName
    on: bool = True


class Whois(Command, frozen=True, kw_only=True):
    """Asks what is known of somebody. Answered with `Person`."""

    user: UserName


class BeginFactor(Command, frozen=True, kw_only=True, tag="factor"):
    """Asks for a second factor. Answered with `FactorOffered`, and on with `ConfirmFactor` only."""

    password: Password


class ConfirmFactor(Command, frozen=True, kw_only=True, tag="confirm-factor"):
    """Turns the second factor on that was offered: ``code`` shows that the device has it.

    Answered with `RecoveryCodes`.
    """

    code: Code


class EndFactor(Command, frozen=True, kw_only=True, tag="end-factor"):
    """Turns the second factor off. Answered with `Done`."""

    password: Password


class ResetPassword(Command, frozen=True, kw_only=True, tag="reset"):
    """Chooses a new password for the account ``user`` by a ticket. Needs no hello.

    Answered with `Done`; `Hello` comes next.
    """

    user: UserName
    code: Code
    password: Password


class MakeTicket(Command, frozen=True, kw_only=True, tag="make-ticket"):
    """Makes a `hubbub.domain.rules.Ticket` for a room or, in the directory, for the server.

    ``seconds``: how long it is good; None: without an end. ``user``: in the directory, for this
    account to choose a new password; ``factor``: its second factor ends by it, too. Answered with
    `TicketGiven`.
    """

    room: RoomName
    uses: Uses = 1
    seconds: Duration | None = None
    user: UserName | None = None
    factor: bool = False


class Tickets(Command, frozen=True, kw_only=True):
    """Asks which tickets there are: who moderates sees all. Answered with `TicketList`."""

    room: RoomName


class EndTicket(Command, frozen=True, kw_only=True, tag="end-ticket"):
    """Ends a ticket, by its id. Answered with `Done`."""

    room: RoomName
    ticket: Annotated[str, Meta(max_length=MAX_DEVICE_CHARS)]


class Own(Command, frozen=True, kw_only=True):
    """Makes the user, who has an account, the server's owner, by the code that the server showed.

    Answered with `Done`.
    """

    code: Annotated[str, Meta(max_length=MAX_CODE_CHARS)]


class Formerly(Command, frozen=True, kw_only=True):
    """Tells the name that this user had until now; ``token`` is the one given for that name.

    Rooms that the user enters then show a change of name, instead of a leave and a join.
    """

    user: UserName
    token: Annotated[str, Meta(max_length=128)]


class Rooms(Command, frozen=True, kw_only=True):
    """Asks for a page of the list of rooms.

    ``query``: only rooms whose names contain all of these words. ``after`` is the ``next`` of the
    previous page. ``reader``: with what that program of the account has read, see `Read`.
    """

    query: Annotated[str, Meta(max_length=MAX_NAME_QUERY_CHARS)] | None = None
    after: Annotated[str, Meta(max_length=MAX_LIST_PLACE_CHARS)] | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_ROOMS_LISTED)] = MAX_ROOMS_LISTED
    reader: Reader | None = None


class Join(Command, frozen=True, kw_only=True):
    """Enters a room, and creates it if there is none. ``after`` resumes behind that ``seq``.

    ``after_at`` is the time of the event with the number ``after``. If the log has another time
    there, it is not the log that the client knows (a backup was restored), and the client starts
    afresh. ``password``: of a room that asks for one. ``invite``: the code of a ticket of a room
    into which one has to be invited.

    ``page``: what is to be shown of the past comes as one `Page` of at most so many lines, right
    behind the `RoomJoined`, and the events behind that page follow; 0: nothing of the past is to be
    shown. ``reader``: with it an account is shown, by that program, what it has not read yet by
    it: see `Read`. ``owns``: who makes the room owns it, a guest for as long as they are in it.
    ``hold``: nothing follows until the session joins again without it, as one that reads pages of
    the past first.
    """

    room: RoomName
    after: Seq | None = None
    after_at: Time | None = None
    password: Password | None = None
    invite: Code | None = None
    page: Annotated[int, Meta(ge=0, le=MAX_HISTORY)] | None = None
    reader: Reader | None = None
    owns: bool = False
    hold: bool = False


class Leave(Command, frozen=True, kw_only=True):
    """Leaves a room.

    ``for_good``: also where members stay while they are away. Without it the session goes, and the
    user is a member still. ``reason``: what the others are told.
    """

    room: RoomName
    for_good: bool = True
    reason: Parting | None = None


class Delete(Command, frozen=True, kw_only=True):
    """Deletes a room: its owner with all that is in it, everybody one that nobody owns, without
    messages, in which nobody else is.
    """

    room: RoomName


class Write(Command, frozen=True, kw_only=True):
    """Base of the commands that append an event to a room's log, and are answered with an `Ack`.

    ``nonce`` is an idempotency key: a resend with the same one is answered with the first ack. The
    next may be sent before the last one is answered.
    """

    room: RoomName
    nonce: Nonce | None = None


class Say(Write, frozen=True, kw_only=True):
    """Says a text.

    ``outside``: without being in the room, and without entering it; it is created if need be.
    ``files``: what the user has uploaded for it; then ``text`` may be "". ``notice``, ``tags``: see
    `hubbub.domain.events.Said`.
    """

    text: str
    reply_to: Annotated[int, Meta(ge=1, le=MAX_EXACT)] | None = None
    outside: bool = False
    files: Annotated[tuple[Attachment, ...], Meta(max_length=MAX_FILES)] = ()
    notice: bool = False
    tags: Tags = {}


class SayTo(Say, frozen=True, kw_only=True):
    """Says a text in reply to the newest message of ``to``.

    For wires that show no ``seq``. The JSON protocol does not have it: it has ``reply_to``.
    """

    to: UserName


class Amend(Write, frozen=True, kw_only=True):
    """Base of the commands about a message of the room: the one with the number ``target``.

    Without it the newest message of ``user``, for wires that show no ``seq``.
    """

    target: Seq | None = None
    user: UserName | None = None


class Edit(Amend, frozen=True, kw_only=True):
    """Changes the text of one's own message; without ``target`` and ``user``, of the newest."""

    text: str


class Redact(Amend, frozen=True, kw_only=True):
    """Takes a message back: one's own; without ``target`` and ``user``, the newest of them."""

    reason: str | None = None


class React(Amend, frozen=True, kw_only=True):
    """Reacts to a message with ``emoji``; with ``on`` false, not any more.

    Without ``target`` and ``user``, to the newest message of the room.
    """

    emoji: Emoji
    on: bool = True


class Pin(Amend, frozen=True, kw_only=True):
    """Pins a message to the room; with ``on`` false, unpins it.

    Without ``target`` and ``user``, pins the newest message of the room, or unpins the newest pin.
    """

    on: bool = True


class Pins(Command, frozen=True, kw_only=True):
    """Asks which messages are pinned to a room. Answered with `Messages`, the newest pin first."""

    room: RoomName


class Versions(Command, frozen=True, kw_only=True):
    """Asks what a message said before it was edited: its author, and who moderates.

    Answered with `VersionList`.
    """

    room: RoomName
    target: Seq


class Conversation(Command, frozen=True, kw_only=True):
    """Asks for all messages that answer ``target``, or what it answers, or each other.

    Answered with `Messages`, in the order of the log.
    """

    room: RoomName
    target: Seq


class SetRules(Write, frozen=True, kw_only=True, tag="rules"):
    """Changes what holds in a room; None leaves it as it is.

    ``password``: what who comes into a `RoomAccess.LOCKED` room has to give. ``keep_days``: after
    so many days what happened in the room is gone; 0: never. In the directory that is for all
    rooms, each of which may keep less, and it is all that may be set there. ``labels``: those that
    change. The others: see `hubbub.domain.state.RoomFacts`.
    """

    access: RoomAccess | None = None
    speak: Speakers | None = None
    slow: Slow | None = None
    guests: bool | None = None
    archived: bool | None = None
    password: Password | None = None
    history: HistoryFor | None = None
    newcomers: Newcomers | None = None
    keep_days: KeepDays | None = None
    topics: Topics | None = None
    outside: bool | None = None
    most: Most | None = None
    signals: bool | None = None
    labels: LabelChanges | None = None


class RenameRoom(Write, frozen=True, kw_only=True, tag="rename-room"):
    """Gives a room another name. The old one leads to it until somebody makes a room of it."""

    name: RoomName


class Invite(Write, frozen=True, kw_only=True):
    """Invites ``user`` into a room."""

    user: UserName


class EndInvitation(Write, frozen=True, kw_only=True, tag="end-invitation"):
    """Takes back the invitation of ``user``, who has not come in yet."""

    user: UserName


class GiveRole(Write, frozen=True, kw_only=True, tag="role"):
    """Gives ``user`` a role; `Role.MEMBER` takes it away. In the directory: on the server."""

    user: UserName
    role: Role


class Kick(Write, frozen=True, kw_only=True):
    """Puts ``user`` out of a room, or of the server."""

    user: UserName
    reason: str | None = None


class Mute(Write, frozen=True, kw_only=True):
    """Lets ``user`` say nothing in a room for so many ``seconds``; None: until `Unmute`."""

    user: UserName
    seconds: Duration | None = None
    reason: str | None = None


class Unmute(Write, frozen=True, kw_only=True):
    """Lets ``user`` speak again."""

    user: UserName


class Ban(Write, frozen=True, kw_only=True):
    """Keeps somebody out of a room, or of the server, for so many ``seconds``; None: for good.

    Either ``user``, or guests whose names fit ``pattern``: ``*`` stands for any characters, ``?``
    for one. ``network``: guests from where ``user`` is connected, too.
    """

    user: UserName | None = None
    pattern: Annotated[str, Meta(min_length=1, max_length=MAX_PATTERN_CHARS)] | None = None
    network: bool = False
    seconds: Duration | None = None
    reason: str | None = None


class Unban(Write, frozen=True, kw_only=True):
    """Ends a ban: by ``ban``, the ``seq`` of the event, or by the name or pattern it is about."""

    ban: Seq | None = None
    user: Annotated[str, Meta(max_length=MAX_PATTERN_CHARS)] | None = None


class Exempt(Write, frozen=True, kw_only=True):
    """Lets bans of a room not hold for somebody, or lets them in without an invitation.

    Either ``user``, or guests whose names fit ``pattern``, as in `Ban`. With ``on`` false, not any
    more.
    """

    user: UserName | None = None
    pattern: Annotated[str, Meta(min_length=1, max_length=MAX_PATTERN_CHARS)] | None = None
    of: Exemption = Exemption.BANS
    on: bool = True


class Bans(Command, frozen=True, kw_only=True):
    """Asks who is banned from a room, or muted in it. Answered with `BanList`."""

    room: RoomName


class SetFilter(Write, frozen=True, kw_only=True, tag="filter"):
    """Lets nobody say what fits ``pattern``; with ``on`` false, lets them again.

    A pattern is a word, or words, in which ``*`` stands for any characters of a word; or between
    two slashes, a regular expression of RE2. Case does not matter. In the directory: in all rooms.
    """

    pattern: Annotated[str, Meta(min_length=1, max_length=MAX_FILTER_CHARS)]
    on: bool = True


class Knock(Command, frozen=True, kw_only=True):
    """Asks who moderates a private room to be let in; ``text`` says why.

    Answered with `Done`, whether there is such a room or not.
    """

    room: RoomName
    text: str | None = None


class Report(Command, frozen=True, kw_only=True):
    """Tells who moderates a room that a text is bad; ``reason`` says why. Answered with `Done`.

    It is the text ``seq``, or the newest one of ``user``, for wires that show no ``seq``.
    """

    room: RoomName
    seq: Seq | None = None
    user: UserName | None = None
    reason: str | None = None


class Queue(Command, frozen=True, kw_only=True):
    """Asks what waits for who moderates a room. Answered with `QueueList`."""

    room: RoomName


class Settle(Command, frozen=True, kw_only=True):
    """Decides what waits in a room's queue as number ``item``.

    A text that is approved is said, and somebody who knocks is invited; a report is dealt with
    either way. Answered with `Done`.
    """

    room: RoomName
    item: Seq
    approve: bool = False


class Audit(Command, frozen=True, kw_only=True):
    """Asks what was done in a room by who moderates it, newest last. Answered with a `Page`."""

    room: RoomName
    before: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_HISTORY)] = 50


class Direct(Command, frozen=True, kw_only=True):
    """Asks for the direct conversation with ``users``, which is begun if need be.

    Answered with `DirectRoom`, whose room can be joined and spoken in as any other.
    """

    users: Annotated[tuple[UserName, ...], Meta(min_length=1, max_length=MAX_IN_DIRECT - 1)]


class SetTopic(Write, frozen=True, kw_only=True, tag="topic"):
    """Says what a room is about, on one line; "" takes the topic away."""

    topic: str


class History(Command, frozen=True, kw_only=True):
    """Asks for a page of a room's log; at most one of ``before``, ``after``, ``around``.

    All events, as they were appended: for cursors. None of the three means the newest events.
    """

    room: RoomName
    before: Seq | None = None
    after: Seq | None = None
    around: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_HISTORY)] = 50


class Timeline(Command, frozen=True, kw_only=True):
    """Asks for a page of a room's timeline; at most one of ``before``, ``after``, ``around``.

    It has lines of their own only, each as it is now: ``limit`` counts these. None of the three
    means the newest lines. The answer is that to a `History`.

    ``before_at``, ``after_at``, ``around_at``: the same by times (ms since the Unix epoch), as of
    who does not know numbers.
    """

    room: RoomName
    before: Seq | None = None
    after: Seq | None = None
    around: Seq | None = None
    before_at: Time | None = None
    after_at: Time | None = None
    around_at: Time | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_HISTORY)] = 50


class Who(Command, frozen=True, kw_only=True):
    """Asks who is in a room."""

    room: RoomName


class Read(Command, frozen=True, kw_only=True):
    """Says that everything up to ``seq`` was read. The mark never goes back.

    ``at`` is the time of that event, as the client knows it; see `Join`. ``reader``: it was read
    by that program of the account, which others of its programs may still have before them: that
    changes nothing of what is unread.
    """

    room: RoomName
    seq: Seq
    at: Time | None = None
    reader: Reader | None = None


class Search(Command, frozen=True, kw_only=True):
    """Looks for texts in all rooms that the user may read: see `hubbub.domain.search`.

    ``before`` is the ``next`` of the answer before.
    """

    query: str
    before: Annotated[str, Meta(max_length=MAX_PLACE_CHARS)] | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_RESULTS)] = 20


class Typing(Command, frozen=True, kw_only=True):
    """Tells the room that the user is writing; not logged, and dropped when it is too often."""

    room: RoomName


class Signal(Command, frozen=True, kw_only=True):
    """Tells the programs of others in the room something; not logged, nobody is shown it later.

    ``tags``, or ``text``, mean what the programs agree on. It is a query of a client, say, as to
    what it is. Dropped when it is too often.
    """

    room: RoomName
    tags: Tags = {}
    text: Annotated[str, Meta(max_length=MAX_SIGNAL_CHARS, pattern=NO_NUL)] = ""
    notice: bool = False


class Watch(Command, frozen=True, kw_only=True):
    """Asks to be told when ``users`` come and go; with ``on`` false, not any more.

    Answered with `PeopleHere` about them. Who is watched need not exist.
    """

    users: Annotated[tuple[UserName, ...], Meta(max_length=MAX_WATCHED)]
    on: bool = True


class Here(Command, frozen=True, kw_only=True):
    """Asks which of ``users`` are connected. Answered with `PeopleHere`."""

    users: Annotated[tuple[UserName, ...], Meta(max_length=MAX_WATCHED)]


class Operate(Command, frozen=True, kw_only=True):
    """Lends the session the rights of an account that administers the server, until it ends.

    ``user`` and ``password``, and ``code`` of its second factor, are that account's. Answered with
    `Done`; with ``on`` false the session gives them back.
    """

    user: UserName | None = None
    password: Password | None = None
    code: Code | None = None
    on: bool = True


class Announce(Command, frozen=True, kw_only=True):
    """Tells everybody who is connected something: for administrators. Answered with `Done`."""

    text: str


class Ping(Command, frozen=True, kw_only=True):
    """A barrier: answered when all that the session said before is saved and delivered."""


class Bye(Command, frozen=True, kw_only=True):
    """Leaves all rooms, frees the name and closes the connection.

    ``reason``: what the others are told.
    """

    reason: Parting | None = None


AnyCommand = (
    Hello
    | Register
    | ChangePassword
    | Devices
    | Revoke
    | Rename
    | CloseAccount
    | Own
    | BeginFactor
    | ConfirmFactor
    | EndFactor
    | ResetPassword
    | MakeTicket
    | Tickets
    | EndTicket
    | SetRules
    | RenameRoom
    | Invite
    | GiveRole
    | Kick
    | Mute
    | Unmute
    | Ban
    | Unban
    | Bans
    | Audit
    | Direct
    | SetProfile
    | Block
    | Accept
    | Whois
    | EndInvitation
    | SetFilter
    | Knock
    | Report
    | Queue
    | Settle
    | Formerly
    | Rooms
    | Join
    | Leave
    | Delete
    | Say
    | Edit
    | Redact
    | React
    | Pin
    | Pins
    | Versions
    | Conversation
    | SetTopic
    | History
    | Timeline
    | Who
    | Read
    | Search
    | Typing
    | Exempt
    | Signal
    | Watch
    | Here
    | Operate
    | Announce
    | Ping
    | Bye
)
