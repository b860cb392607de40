"""What the hub needs of the world: a durable log, a way out to each client, a clock, ids."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from enum import Enum
from typing import Protocol

from msgspec import Struct

from hubbub.domain.errors import ChatError, LogUnavailable, ShuttingDown
from hubbub.domain.events import AnyEvent, Said
from hubbub.domain.ids import UserId
from hubbub.domain.labels import Labels
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Reply
from hubbub.domain.rules import Status
from hubbub.domain.search import Query
from hubbub.domain.state import Member, RoomSummary
from hubbub.domain.told import Tags

Clock = Callable[[], int]
"""The time of day in milliseconds since the Unix epoch, UTC. May jump."""

Monotonic = Callable[[], float]
"""Seconds that never go back, for deadlines."""


class RoomMovedOn(LogUnavailable):
    """Another server has deleted the room a moment ago, or given it another name."""

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message
            or "The room was deleted, or got another name, just now. Please try again in a moment.",
            retry_after=1.0,
        )


class Outdated(LogUnavailable):
    """Something was changed from elsewhere at the same moment."""

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message or "Something was changed elsewhere at the same moment. Please try again.",
            retry_after=1.0,
        )


class Guest(Struct, frozen=True):
    """A name that is kept for user ``id``, who can come back to it with the token.

    ``token_hash`` is the SHA-256 of the token. When the name is freed this goes, and the user stays
    who they are: the author of what they said. Who has another name now may have both for a while.
    """

    id: UserId
    name: UserName
    token_hash: bytes


Done = Callable[["Settled"], None]
"""Is called once with the outcome of an entry, after the event of a `Draft` was shown."""


class Draft(Struct, frozen=True):
    """An event for the log to take. ``event.seq`` is `UNSEQUENCED`; the log gives the number.

    ``nonce`` is the field's idempotency key: a draft whose author and ``nonce`` the log already has
    is not taken again, and its outcome is the first one's event. The author is the event's
    ``by_id``; without one a nonce says nothing.

    ``also``: what is saved in the same transaction, if the event is taken. ``room_id``: the
    `RoomRecord.id` of the room that is meant. The draft is refused with `RoomMovedOn` if another
    room, or none, has the name by now. Without one a room is made that is not there.
    """

    room: RoomName
    event: AnyEvent
    nonce: str | None = None
    done: Done | None = None
    also: tuple[Row, ...] = ()
    room_id: int | None = None

    @property
    def by_server(self) -> bool:
        """Whether it follows from another event, and nobody has asked for it."""
        return self.nonce is not None and self.nonce.startswith(" ")  # as no client's does


class SecretKind(Enum):
    """What a secret is for, and so whose it is."""

    PASSWORD = "password"  # noqa: S105 - what it is, not one
    """A user's, hashed."""
    FACTOR = "factor"
    """A user's second factor, as JSON."""
    ROOM = "room"
    """The password of a room, hashed."""
    NETWORKS = "networks"
    """The server's own: with what networks are hashed, in hexadecimal digits."""
    OFFER = "offer"
    """What a user's second factor will be, when the first code has come."""
    CODE = "code"
    """A one-time code of a single sign-on, hashed; of no user: see `hubbub.hub.signoncodes`."""
    SCRAM = "scram"
    """What a user's password is proved with without being told; see `hubbub.domain.scram`."""
    CURSORS = "cursors"
    """The server's own: with what cursors of searches are encrypted, in hexadecimal digits."""


class KeepSecret(Struct, frozen=True):
    """Saves what no log may have; None deletes it. ``owner``: a user, or a room."""

    kind: SecretKind
    owner: UserId | RoomName
    value: str | None
    done: Done | None = None


class SwapSecret(Struct, frozen=True):
    """Saves ``value`` in place of ``was`` (compare and set); None: there is none, or none any more.

    One of them is not None. Refused with `Outdated`, as is the event that it goes with, if there is
    another one than ``was`` by now: two servers have looked at it at the same time. ``owner`` is a
    user.
    """

    kind: SecretKind
    owner: UserId
    was: str | None
    value: str | None
    done: Done | None = None


class DeviceRecord(Struct, frozen=True):
    """A device on which an account is logged in.

    ``token_hash`` is the SHA-256 of its token. ``since`` and ``seen`` are in ms since the Unix
    epoch; ``client`` and ``address`` are those of the login.
    """

    id: str
    user: UserId
    token_hash: bytes
    client: str
    address: str
    since: int
    seen: int


class KeepDevice(Struct, frozen=True):
    """Saves a device, or that it was seen again. Of one user at most `MAX_DEVICES` are kept.

    Those go that were seen the longest time ago. ``proof``: the hash of the password by which it
    has logged in. Refused with `Outdated` if the account has another one by now.
    """

    device: DeviceRecord
    done: Done | None = None
    proof: str | None = None


class DeviceSeen(Struct, frozen=True):
    """A device of ``user`` was here at the time ``seen``. A deleted one does not come back."""

    user: UserId
    device: str
    seen: int
    done: Done | None = None


class TakeName(Struct, frozen=True):
    """Beside an event of the directory by which ``user`` has ``name``: it is theirs alone.

    Refused with `NameTaken`, as is the event, if another account has it. What they were called as a
    guest is kept nowhere any more: no token of a former name is a way into the account.
    """

    user: UserId
    name: UserName
    done: Done | None = None


CERTIFICATES = "certificate"
"""In place of an issuer: the subject is the fingerprint of a client's certificate. No address of an
issuer is one word."""


class TakeIdentity(Struct, frozen=True):
    """Beside an event of the directory by which who is ``subject`` at ``issuer`` is ``user`` here.

    Or who has the certificate with that fingerprint: see `CERTIFICATES`. Refused with `NameTaken`,
    as is the event, if that is another account.
    """

    user: UserId
    issuer: str
    subject: str
    done: Done | None = None


class ForgetIdentities(Struct, frozen=True):
    """Nobody is ``user`` by a single sign-on any more."""

    user: UserId
    done: Done | None = None


class ForgetCertificates(Struct, frozen=True):
    """Nobody is ``user`` by the certificate ``only`` any more, or by any but the one ``but``."""

    user: UserId
    only: str | None = None
    but: str | None = None
    done: Done | None = None


class ForgetDevices(Struct, frozen=True):
    """Deletes devices of ``user``: the one with the id ``only``, or all but the one ``but``."""

    user: UserId
    only: str | None = None
    but: str | None = None
    done: Done | None = None


class NameRoom(Struct, frozen=True):
    """Gives a room another name, and its queue. Refused with `NameTaken` if another room has it."""

    room: RoomName
    name: RoomName
    done: Done | None = None


class WhileThere(Struct, frozen=True):
    """Beside a `Draft`: it is refused with `RoomMovedOn` unless ``room`` is there by then.

    ``room_id``: the one that is meant, if that is known. Nobody else makes away with it meanwhile.
    """

    room: RoomName
    room_id: int | None = None
    done: Done | None = None


class KeepGuest(Struct, frozen=True):
    """Saves a guest, replacing whoever had the name. The user may have other names, too."""

    guest: Guest
    done: Done | None = None


class ForgetGuest(Struct, frozen=True):
    """Frees the name of a guest. The ``id`` must match, so that a later one is not hit.

    With the last of a user's names the markers go, too: nobody can come back for them.
    """

    guest: Guest
    done: Done | None = None


class MakeRoom(Struct, frozen=True):
    """Makes a room without an event in it, unless it is there."""

    room: RoomName
    done: Done | None = None


class ForgetRoom(Struct, frozen=True):
    """Frees the name of a room that nobody is in; a room made under it later has a log of its own.

    Nothing is deleted: the log stays, under no name. So does that of the room's queue.
    ``room_id``: as in a `Draft`. ``head``: refused with `RoomInUse` if anything is in the log
    behind it. A room that is gone already is not refused, by itself.
    """

    room: RoomName
    done: Done | None = None
    room_id: int | None = None
    head: int | None = None


class Marker(Struct, frozen=True):
    """``user`` has read the room up to ``seq``."""

    user: UserId
    room: RoomName
    seq: int


class KeepMarkers(Struct, frozen=True):
    """Saves how far guests have read. None goes back; those of freed guests are left out."""

    markers: tuple[Marker, ...]
    done: Done | None = None


class ReaderMarker(Struct, frozen=True):
    """The program that the account ``user`` calls ``reader`` has read the room up to ``seq``.

    ``at``: when that was, in ms since the Unix epoch.
    """

    user: UserId
    reader: str
    room: RoomName
    seq: int
    at: int


class KeepReaders(Struct, frozen=True):
    """Saves what programs of accounts have read. None goes back; guests' are left out.

    Of one account `MAX_READERS` are kept. Those go that have read nothing for the longest time.
    """

    markers: tuple[ReaderMarker, ...]
    done: Done | None = None


class Trim(Struct, frozen=True):
    """Deletes the oldest ``most`` of a room's events up to the number ``upto``, for good.

    They are not shown any more: a `hubbub.domain.events.Trimmed` has said so, and what none has
    said of is not deleted. Its `Settled.more` tells whether there are more.
    """

    room: RoomName
    upto: int
    most: int
    done: Done | None = None


class FileRecord(Struct, frozen=True):
    """A file that was uploaded, and stored. ``at``: when, in ms since the Unix epoch.

    ``blob``: by which key `hubbub.hub.fileports.Blobs` have it. Its small picture has
    ``thumbnail_size`` bytes; 0: there is none. ``room_id`` and ``seq``: the message that it belongs
    to; None as long as nobody has said it.
    """

    id: str
    owner: UserId
    name: str
    size: int
    type: str
    at: int
    blob: str
    thumbnail_size: int = 0
    width: int | None = None
    height: int | None = None
    animated: bool = False
    room_id: int | None = None
    seq: int | None = None

    @property
    def takes(self) -> int:
        """The bytes that count."""
        return self.size + self.thumbnail_size


class FilesCounted(Struct, frozen=True):
    """How many files belong to messages, how many do not yet, and the bytes that count of each."""

    said: int
    said_bytes: int
    unsaid: int
    unsaid_bytes: int


class KeepFile(Struct, frozen=True):
    """Saves a file that nobody has said yet, and whose blob is stored. Twice is once.

    Refused with `TooMany` if its owner has more than ``most`` bytes then. If there is another file
    with the same content, it is that one's blob from now on, and its own is to be deleted.
    """

    file: FileRecord
    most: int
    done: Done | None = None


class SayFiles(Struct, frozen=True):
    """Beside a `Said`: these files of ``owner`` belong to it.

    Refused with `BadMessage`, as is the event, unless all are there, and not said yet.
    """

    owner: UserId
    ids: tuple[str, ...]
    done: Done | None = None


class ForgetFiles(Struct, frozen=True):
    """Deletes those of the files that nobody has said; with ``owner``, only theirs."""

    ids: tuple[str, ...]
    owner: UserId | None = None
    done: Done | None = None


class ForgetBlobs(Struct, frozen=True):
    """The blobs with these keys, which no file has any more, are deleted by now."""

    keys: tuple[str, ...]
    done: Done | None = None


FileEntry = KeepFile | SayFiles | ForgetFiles | ForgetBlobs


class TrimNameless(Struct, frozen=True):
    """Deletes at most ``most`` events before the time ``before`` (ms) in rooms without a name.

    They were deleted by their owners, and nobody is shown anything of them. As `Trim`.
    """

    before: int
    most: int
    done: Done | None = None


# Several servers on one log


class LeaseLost(ShuttingDown):
    """Other nodes have taken this one for dead, and have its guests and names by now."""


class NodeRecord(Struct, frozen=True):
    """One start of one server on this log: a node. ``id`` is random, ``name`` is for people.

    ``started`` is in ms since the Unix epoch.
    """

    id: str
    name: str
    version: str
    started: int


class KeepNode(Struct, frozen=True):
    """The node lives for ``seconds`` from now on, by the log's clock: its lease.

    The ``first`` one makes it known; others are refused with `LeaseLost` once another node has
    taken over what it had. ``take_over``: it gets all that nodes have whose leases are over.
    ``unsure``: nobody knows whether one before it was saved, so it is told again all that the node
    has. The outcome is a `NodeKept`.

    The first one of all nodes ever gets all that a server has left which was alone on this log:
    every member, and every guest.
    """

    node: NodeRecord
    seconds: float
    first: bool = False
    take_over: bool = False
    unsure: bool = False
    done: Done | None = None


class LeaveNode(Struct, frozen=True):
    """The node stops, and does not renew its lease: for ``seconds`` its users may come elsewhere.

    Until then all of them count as present, as those do who lost the connection.
    """

    node: str
    seconds: float
    done: Done | None = None


class Attend(Struct, frozen=True):
    """``user`` is present in ``room`` at ``node``: an attendance, beside a `Joined`.

    That is appended only if the user is no member yet; who was one under that name, and is
    somebody else, leaves by this. Without an event: ``grace`` tells whether an attendance that is
    there is that of somebody who has lost the connection.
    """

    node: str
    room: RoomName
    user: UserName
    id: UserId | None
    grace: bool = False
    done: Done | None = None


ALONE = "alone"
"""The node of a server that is alone on its log, which keeps no attendances."""


class Depart(Struct, frozen=True):
    """``user`` is not present in ``room`` at ``node`` any more, beside a `Left`.

    That is appended only if the user is a member and present at no other node: what puts them out
    may be there before. ``deliberate``: nor present any more where they have lost the connection.
    ``everywhere``: wherever they are present; under the name ``now`` from now on, if there is one,
    but for where they have lost the connection.
    """

    node: str
    room: RoomName
    user: UserName
    id: UserId | None
    deliberate: bool = True
    everywhere: bool = False
    now: UserName | None = None
    done: Done | None = None


class ClaimName(Struct, frozen=True):
    """The guest ``id`` has ``name`` at ``node``, now or for a while after a lost connection.

    Refused with `NameTaken` if somebody else has it at another node, or an account. ``guest`` is
    kept, if it is new (`KeepGuest`). ``known``: the name, this one or a former one, under which the
    guest was kept before, and has to be yet: they may have an account by now.
    """

    node: str
    name: UserName
    id: UserId
    guest: Guest | None = None
    known: UserName | None = None
    done: Done | None = None


class FreeName(Struct, frozen=True):
    """The user ``id`` does not have ``name`` at ``node`` any more.

    If they have it at no other one, their guest is forgotten (`ForgetGuest`). ``Settled.more`` of
    the outcome tells whether they have it, or another name, anywhere yet.
    """

    node: str
    name: UserName
    id: UserId
    done: Done | None = None


Row = (
    KeepGuest
    | ForgetGuest
    | ForgetRoom
    | KeepSecret
    | SwapSecret
    | KeepDevice
    | DeviceSeen
    | ForgetDevices
    | NameRoom
    | WhileThere
    | TakeName
    | TakeIdentity
    | ForgetIdentities
    | ForgetCertificates
    | Attend
    | Depart
    | SayFiles
)
"""What stands beside the logs and may have to change together with an event."""

ClusterEntry = KeepNode | LeaveNode | ClaimName | FreeName
"""What several servers on one log tell it of themselves."""

Entry = (
    Draft
    | MakeRoom
    | KeepMarkers
    | KeepReaders
    | Trim
    | TrimNameless
    | FileEntry
    | ClusterEntry
    | Row
)
"""What the log's writer takes: all of them in one order."""

MAX_DEVICES = 50  # on which one account is logged in
MAX_READERS = 10  # programs of one account that each read by themselves


class Settled(Struct, frozen=True, gc=False):
    """The outcome of one entry: on disk, or refused as a whole.

    For a `Draft` that was taken, ``event`` has its ``seq``; with ``duplicate`` it is the event
    that the first draft with that nonce became, and nothing was appended. ``more``: of a `Trim` or
    a `FreeName`.
    ``room_id``: the `RoomRecord.id` of the room to which the event was appended.
    """

    entry: Entry
    event: AnyEvent | None = None
    duplicate: bool = False
    error: ChatError | None = None
    more: bool = False
    room_id: int | None = None


class Unneeded(Settled, frozen=True, gc=False):
    """Nothing was appended for a `Joined` or `Left`, as another node sees to it.

    ``head``: up to where the room's events tell whether the user is a member.
    """

    head: int = 0


class TakenOver(Struct, frozen=True):
    """What a dead node has left: who was present in ``room``, or had the ``name``.

    ``room``: the `RoomRecord.id`, as the room may get another name before this is read.
    ``token_hash``: of a guest who can come back.
    """

    name: UserName
    id: UserId | None
    room: int | None = None
    token_hash: bytes | None = None


class NodeKept(Settled, frozen=True, gc=False):
    """``others``: how many more nodes there are. ``left``: what this one has taken over.

    ``now``: the time by the database's clock, in ms since the Unix epoch; 0 if it is not told.
    ``dead``: the ids of the nodes of which that is.
    """

    others: int = 0
    left: tuple[TakenOver, ...] = ()
    now: int = 0
    dead: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether ``left`` is all that the node has, as it was `KeepNode.unsure`."""
        return isinstance(self.entry, KeepNode) and self.entry.unsure


class RoomRecord(Struct, frozen=True):
    """A room as the log has it. ``id`` is its own for good, whatever it is called."""

    name: RoomName
    state: RoomSummary
    id: int | None = None


class Shown(Struct, frozen=True):
    """The newest event of a room that this server has shown, and its time in ms."""

    room_id: int
    seq: int
    at: int | None


class Heads(Struct, frozen=True):
    """The key and the ``seq`` of the last event of rooms, by their ids; ``mark``: as of when."""

    heads: Mapping[int, tuple[str, int]]
    mark: str


class MemberRecord(Struct, frozen=True):
    """Someone who, by the log, is in a room: joined and not left."""

    room: RoomName
    member: Member


class Stretch(Struct, frozen=True):
    """Events ``after < seq <= upto`` of the room with the id, or key, ``room``."""

    room: int | str
    after: int
    upto: int


class Lines(Struct, frozen=True):
    """Lines of a room's timeline, in order, each in its present form.

    All that there are in ``first <= seq <= last``; nothing is covered where ``last`` is below.
    """

    events: list[AnyEvent]
    first: int
    last: int


MOST_LOOKED_THROUGH = 2000
"""Events in which lines are looked for at a time: some milliseconds, where hardly any is one."""


MOST_IN_CONVERSATION = 5000
"""Messages joined by replies that are looked at: some 20 ms."""


class Passage(Struct, frozen=True):
    """The newest ``most`` lines among the events ``after < seq <= upto``; or the oldest.

    They are looked for in `MOST_LOOKED_THROUGH` of the events at that end, not in all.
    """

    after: int
    upto: int
    most: int
    oldest_first: bool = False

    def bounded(self) -> tuple[int, int]:
        """``after`` and ``upto`` of what is looked through."""
        if self.oldest_first:
            return self.after, min(self.upto, self.after + MOST_LOOKED_THROUGH)
        return max(self.after, self.upto - MOST_LOOKED_THROUGH), self.upto

    def lines(self, found: list[AnyEvent], after: int, upto: int) -> Lines:
        """What the lines cover that were ``found`` in ``after < seq <= upto``, from this end on."""
        full = len(found) == self.most
        if self.oldest_first:
            return Lines(found, after + 1, found[-1].seq if full else upto)
        return Lines([*reversed(found)], found[-1].seq if full else after + 1, upto)


class DiskState(Struct, frozen=True):
    """What is to be known of the log's disk at one moment.

    ``free``: the bytes that it has left; None when there is no disk, or it is not known.
    ``lost``: a sentence for the operator, if what is appended would not be there at the next start:
    the log's files were removed, say. None while all is well.
    ``files``: the sizes of the log's files in bytes, by what they are for: ``database``, ``wal``,
    ``search``.
    """

    free: int | None = None
    lost: str | None = None
    files: Mapping[str, int] = {}


class Unread(Struct, frozen=True):
    """Texts by others, and how many of them speak of the reader."""

    texts: int
    mentions: int


class Log(Protocol):
    """The durable store of all rooms' events.

    `append` is in order: entries settle in the order in which they came, and a room's events
    get consecutive numbers. The listener is called on the event loop's thread, with all that
    one transaction has settled, after it is on disk.

    What amends or pins a message is refused with `BadMessage` if there is no such message, or if
    it was taken back. With a `Redacted` what the message said is gone from the disk, in the same
    transaction.
    """

    @property
    def id(self) -> str:
        """Names this database for as long as it has all its events; 32 hexadecimal digits."""
        ...

    @property
    def origin(self) -> str:
        """Which run of the database it is that has all that was shown: see `holds`.

        "" where there is no other server, or it is not known. Two servers with the same one have
        the same events under the same numbers.
        """
        ...

    def listen(self, settled: Callable[[Sequence[Settled]], None]) -> None:
        """Says who is told of outcomes. Called once, before the first `append`."""
        ...

    def append(self, entry: Entry) -> None:
        """Queues ``entry``; its outcome comes to the listener. Never blocks, never raises."""
        ...

    def fence(self, node: str) -> None:
        """From now on nothing is saved but what that node may save, whose lease is not over.

        Other entries are refused with `LeaseLost`, once another node has taken over from it.
        """
        ...

    def doubt(self) -> None:
        """Something was saved that does not fit to what was shown: see `holds`."""
        ...

    async def holds(self, shown: Callable[[], Sequence[Shown]]) -> bool:
        """Whether the log has all that was shown, and is the one that it was, as far as is known.

        It may have lost its newest events when its database failed. After a first call, nothing is
        read from a database that may be another one, nor saved there, until the next call has
        found that it has all. If it has not, the log has another `id` when it is opened again.
        """
        ...

    async def read(self, room: int | str, after: int, upto: int) -> list[AnyEvent]:
        """The events of the room with that id, or key, and ``after < seq <= upto``, in order.

        All of them: for cursors. `timeline` has what people read. Messages are in their present
        form, as nobody may see former ones by reading what happened meanwhile: an `Edited` says
        what the message says now, even if that was edited again. What reacts, answers or pins has
        its quote, and what reacts its count. Those that are gone are left out: see
        `hubbub.domain.events.Trimmed`.
        Raises `LogUnavailable` when the store cannot be read.
        """
        ...

    async def timeline(self, room: int | str, passage: Passage) -> Lines:
        """Lines of the room with that id, or key. There may be few or none, and yet more to come.

        In their present form, with the number of replies. Raises `LogUnavailable` when the store
        cannot be read.
        """
        ...

    async def messages(self, room: int | str, seqs: Collection[int]) -> list[AnyEvent]:
        """The messages among the events ``seqs``, in their present form, in the order of the log.

        Those that are no messages, or gone, are left out. Raises `LogUnavailable`.
        """
        ...

    async def versions(self, room: int | str, target: int) -> list[AnyEvent]:
        """The message ``target`` as it was first said, and what has edited it, in order.

        All with the texts that they had, or "" once it was taken back. Empty if there is no such
        message. Raises `LogUnavailable`.
        """
        ...

    async def conversation(
        self, room: int | str, target: int, most: int
    ) -> tuple[list[AnyEvent], bool]:
        """All messages that are joined with ``target`` by replies, transitively, and itself.

        What it answers, what answers that, and so on. In their present form, in the order of the
        log; of those that there are the newest ``most``, and whether there are more. Of very many
        (`MOST_IN_CONVERSATION`) only a part is looked at. Raises `LogUnavailable`.
        """
        ...

    async def lines_back(self, room: int | str, upto: int, lines: int) -> int:
        """The ``seq`` behind which there are as many ``lines`` up to ``upto``, if there are.

        Among so many events and `MOST_LOOKED_THROUGH` more: what is beyond them is not looked at.
        Raises `LogUnavailable` when the store cannot be read.
        """
        ...

    async def expired(self, room: int | str, after: int, before: int, now: int, most: int) -> int:
        """The last of the events ``after < seq <= after + most`` that is ``before`` that time, and
        has none before it that is from then on until ``now``; ``after`` if there is none.

        Times are in ms. What is dated later than ``now`` is as old as what follows it. Raises
        `LogUnavailable`.
        """
        ...

    async def first_at(self, room: int | str, time: int, after: int, upto: int) -> int:
        """The first of the events ``after < seq <= upto`` that is not before ``time`` (ms).

        ``upto + 1`` if there is none. Found by bisection, as if times grew. Raises
        `LogUnavailable`.
        """
        ...

    async def look_at_disk(self) -> DiskState:
        """How its disk is, at this moment."""
        ...

    async def rooms(self, keys: Collection[str] | None = None) -> list[RoomRecord]:
        """All rooms, at the start, but those that `hubbub.domain.unfinished` is about.

        ``keys``: only the rooms with these.
        """
        ...

    async def heads(self, since: str | None = None) -> Heads:
        """How far all of these rooms are that have events, or have grown ``since``.

        ``since`` is the `Heads.mark` of an answer before, of this log. In time with what was
        appended meanwhile, not with how much there is. Raises `LogUnavailable`.
        """
        ...

    async def room(self, which: int | str) -> RoomRecord | None:
        """The room with that id, or key; None if none has it, or it was forgotten.

        Raises `LogUnavailable`.
        """
        ...

    async def keys(self) -> Mapping[int, str]:
        """The key of each of these rooms by its id. Raises `LogUnavailable`."""
        ...

    async def members(self, room: str | None = None) -> list[MemberRecord]:
        """All who are in these rooms by the log, at the start; or in the one with that key."""
        ...

    async def guests(self) -> list[Guest]:
        """All guests who are kept, at the start."""
        ...

    async def guest(self, key: str) -> Guest | None:
        """The guest who is kept under the name with that key. Raises `LogUnavailable`."""
        ...

    async def claimed(self, keys: Collection[str]) -> dict[str, Member]:
        """The guests whose names with these keys are in use or held, at any node, by the keys.

        Raises `LogUnavailable`.
        """
        ...

    async def markers(self, user: UserId | None = None) -> list[Marker]:
        """How far the guests have read, at the start; or the account ``user``, when it comes."""
        ...

    async def read_by(self, user: UserId, reader: str, room: RoomName) -> int | None:
        """How far that program of the account has read ``room``; None if it is not known.

        Raises `LogUnavailable`.
        """
        ...

    async def all_read_by(self, user: UserId, reader: str) -> dict[str, int]:
        """How far that program of the account has read, by the rooms' keys.

        Raises `LogUnavailable`.
        """
        ...

    async def written(self, author: UserId, nonce: str) -> AnyEvent | None:
        """The event of the first draft of ``author`` with that nonce; None if there is none.

        Without the quote of what it answers. Raises `LogUnavailable`.
        """
        ...

    async def room_of(self, author: UserId, nonce: str) -> RoomName | None:
        """The room in which the event is that `written` returns; maybe one that is not whole yet.

        See `hubbub.domain.unfinished`. Raises `LogUnavailable`.
        """
        ...

    async def head(self, room: int | str) -> int:
        """The ``seq`` of the last event of the room with that id, or key; 0 if there is none.

        Also of a room that is not whole yet. Raises `LogUnavailable`.
        """
        ...

    async def traces(self, author: UserId) -> list[RoomName]:
        """The rooms, beside the directory, in which something is told of ``author`` by name.

        Where that is not `hubbub.domain.events.FORMER_MEMBER`. All logs are looked through. Raises
        `LogUnavailable`.
        """
        ...

    async def secret(self, kind: SecretKind, owner: UserId | RoomName) -> str | None:
        """What was saved by `KeepSecret`. Raises `LogUnavailable`."""
        ...

    async def devices(self, user: UserId) -> list[DeviceRecord]:
        """The devices of an account, the one seen last first. Raises `LogUnavailable`."""
        ...

    async def files(self, ids: Collection[str]) -> list[FileRecord]:
        """Those of the files that are there, in any order. Raises `LogUnavailable`."""
        ...

    async def file_bytes(self, owner: UserId | None = None) -> int:
        """What the files of ``owner`` take, or all there are. Raises `LogUnavailable`."""
        ...

    async def counted_files(self) -> FilesCounted:
        """How many there are, and what they take. Raises `LogUnavailable`."""
        ...

    async def unsaid_files(self, before: int, most: int) -> list[str]:
        """The ids of files from ``before`` that time (ms) that nobody has said.

        Raises `LogUnavailable`.
        """
        ...

    async def unneeded_blobs(self, most: int) -> list[str]:
        """Keys of blobs that no file has any more, and that were not deleted yet.

        Raises `LogUnavailable`.
        """
        ...

    async def needed_blobs(self, keys: Collection[str]) -> set[str]:
        """Those of ``keys`` by which a file has its blob. Raises `LogUnavailable`."""
        ...

    async def identity(self, issuer: str, subject: str) -> UserId | None:
        """The account by `TakeIdentity`; None if there is none. Raises `LogUnavailable`."""
        ...

    async def has_identity(self, user: UserId) -> bool:
        """Whether the account logs in by a single sign-on. Raises `LogUnavailable`."""
        ...

    async def certificates(self, user: UserId) -> list[str]:
        """The fingerprints of the certificates by which the account logs in, in their order.

        Raises `LogUnavailable`.
        """
        ...

    async def count(
        self,
        stretches: Sequence[Stretch],
        user: UserId,
        name: str,
        most: int,
        without: Collection[UserId] = (),
    ) -> list[Unread]:
        """Counts for ``user``, who is called ``name``, the texts of others, ``without`` some.

        At most ``most`` are counted in each stretch. A text is a mention if it speaks of the user
        as it was said at first and as it is now: an edit mentions nobody, and what no longer speaks
        of somebody does not lead them there. Where texts are so many and long that it would
        take longer than a moment, not all of them are looked at for mentions.

        Raises `LogUnavailable` when the store cannot be read.
        """
        ...


class Wake(Struct, frozen=True):
    """The log of ``room`` has events up to ``upto``.

    ``events``: the last of them, consecutive, as far as they are at hand; maybe none. ``room_id``:
    the `RoomRecord.id`, as another room may have that name by now. ``origin``: the `Log.origin` to
    which they were appended; "" if that is not told.
    """

    room: RoomName
    upto: int
    events: Sequence[AnyEvent] = ()
    room_id: int | None = None
    origin: str = ""


class Typed(Struct, frozen=True, tag="typed"):
    """Somebody called ``user`` is writing in the room with the key ``room``."""

    room: str
    user: str
    id: UserId | None = None


class Signalling(Struct, frozen=True, tag="signal"):
    """A program of ``id``, called ``user``, tells others in the room with that key something.

    See `hubbub.domain.commands.Signal`.
    """

    room: str
    user: str
    id: UserId | None = None
    tags: Tags = {}
    text: str = ""
    notice: bool = False


class HasRead(Struct, frozen=True, tag="read"):
    """``id``, called ``user``, has read the room with that key up to ``seq``.

    The marker is saved by who tells it.
    """

    user: str
    id: UserId
    room: str
    seq: int


class Attending(Struct, frozen=True, tag="attending"):
    """All who are present in ``room`` at the server ``node``; ``users`` and ``room`` are keys.

    Told of rooms whose members stay while they are away, when it changes, and again and again. Of
    very many there are several parts.
    """

    node: str
    room: str
    users: Sequence[str]
    part: int = 0


class Tried(Struct, frozen=True, tag="tried"):
    """The client with the key ``client`` has given a wrong password of ``account``, or ``code``.

    Told of what there is alone: who mistypes may have typed a password in place of a name.
    """

    account: str
    client: str
    code: bool = False


class Came(Struct, frozen=True, tag="came"):
    """At the server ``node`` those with the keys ``here`` are connected, and those ``gone`` not.

    Who is connected there at all is told again and again by `Attending` of the directory.
    """

    node: str
    here: Sequence[str] = ()
    gone: Sequence[str] = ()


class GuestSays(Struct, frozen=True, array_like=True):
    """The guest ``id``, whose name has that ``key``, is away, say: see `Profile`."""

    id: UserId
    key: str
    status: Status
    note: str
    labels: Labels = {}


class GuestsSay(Struct, frozen=True, tag="guests"):
    """All guests at the server ``node`` who are not simply here. Of very many, several parts."""

    node: str
    guests: Sequence[GuestSays]
    part: int = 0


class Announces(Struct, frozen=True, tag="announces"):
    """``by``, who administers the server, tells everybody ``text``."""

    by: str
    text: str


class Missed(Struct, frozen=True):
    """Something that the others have told was lost. Told by the bus itself."""


Ephemeral = Typed | Signalling | HasRead | Attending | Tried | Came | GuestsSay | Announces
"""What servers tell each other of what does not last: it may be lost."""

Message = Wake | Ephemeral | Missed


class Bus(Protocol):
    """Tells the other servers on the same log what this one has appended to it, and what is now.

    A message may be lost, doubled, late or out of order: what is decided is decided by the log.
    """

    def publish(self, message: Wake | Ephemeral) -> None:
        """Tells the others. Never blocks, never raises."""
        ...

    def listen(self, heard: Callable[[Message], None]) -> None:
        """Says who is told, on the event loop's thread, of what the others have told."""
        ...

    def stats(self) -> Mapping[str, float]:
        """Counters since the start, and how it is now; by the names of the metrics."""
        ...

    async def run(self, key: bytes) -> None:
        """Carries messages, until cancelled. ``key``: only the servers on this log have it."""
        ...


class Find(Struct, frozen=True):
    """A text that fits a search, as the log has it. ``place``: where to go on behind it.

    ``excerpt`` is what of the text is shown: see `hubbub.domain.search.excerpt`.
    """

    place: int
    room: RoomName
    event: Said
    excerpt: list[str]


class Finds(Struct, frozen=True):
    """The newest texts that fit, and from where to go on; None when there are no more.

    There may be few or none, and yet more to come: a search may not take long.
    """

    finds: Sequence[Find]
    next: int | None


MOST_FRESH = 1000
"""So many of the newest events are found even before they are in the index."""


class Search(Protocol):
    """Finds texts in the log, all that were saved before."""

    async def find(
        self, query: Query, *, before: int | None, limit: int, rooms: Mapping[str, int] | None
    ) -> Finds:
        """The newest ``limit`` texts that fit, behind the place ``before`` or from the end on.

        Only in the rooms with these keys (None: in all), which are those that the searcher may
        read, and of each what is behind the ``seq`` in ``rooms``. It takes a fourth of a second
        at most, and hardly any of the event loop's time; who asks sees to it that not too many
        search at once. Raises `SearchUnavailable`.
        """
        ...

    @property
    def behind(self) -> int:
        """Events that are saved and not in the index yet: those beyond `MOST_FRESH` of them cannot
        be found.
        """
        ...


class Turn(Struct, frozen=True):
    """Whose turn it is in a fair queue. Who is ``known`` does not wait for those who are not."""

    whose: str
    known: bool = False


class Passwords(Protocol):
    """Hashes passwords, so that who reads the hashes does not know the passwords.

    All take the form of `hubbub.domain.passwords.prepare`, and wait for their turn. Raises
    `RateLimited` when too many wait.
    """

    async def hash(self, password: str, turn: Turn) -> str:
        """A hash to be kept, another one each time; it says how it was made.

        Raises `WeakPassword` for what cannot be a password.
        """
        ...

    async def verify(self, password: str, hashed: str | None, turn: Turn) -> bool:
        """Whether ``hashed`` was made of this password.

        None is for an account that is not there, or has no password: False, at the same cost.
        """
        ...

    async def verifier(self, password: str, turn: Turn) -> str:
        """What SCRAM-SHA-256 needs of a password, encoded: see `hubbub.domain.scram.Verifier`."""
        ...

    def outdated(self, hashed: str) -> bool:
        """Whether hashes are made otherwise now. Then a new one is due when the next login brings
        the password.
        """
        ...


class SecondFactor(Protocol):
    """Codes that a person's own device shows (TOTP, RFC 6238), and recovery codes without it."""

    def secret(self) -> str:
        """A new secret in Base32, which the device is given and the server keeps, too."""
        ...

    def uri(self, secret: str, *, name: str, issuer: str) -> str:
        """The ``otpauth`` address that apps take the secret from: of ``name`` at ``issuer``."""
        ...

    def picture(self, uri: str) -> list[str]:
        """The QR code of an address in lines, for terminals with light letters on dark ground."""
        ...

    def verify(self, secret: str, code: str, *, now: int, last: int) -> int | None:
        """The time step of a right ``code``, None for a wrong one. ``now`` is by `Clock`.

        A code is good once: ``last`` is the step of the last one that was right (at first -1), and
        none up to it is taken. So the step is kept with the secret, before anybody is let in.
        """
        ...

    def recovery_codes(self) -> list[str]:
        """New codes for a person to write down. What is kept of each is its `recovery_hash`."""
        ...

    def recovery_hash(self, code: str) -> bytes:
        """What to look for among those that are kept. One that is found is used up."""
        ...


class SignOn(Struct, frozen=True):
    """A single sign-on under way: where the browser is to go, and what its answer must fit.

    All but ``url`` is kept where this browser alone can come back to it (a cookie of its own, say,
    or a row that one names), for minutes, and for one answer. ``redirect`` is where it comes back.
    """

    url: str
    state: str
    nonce: str
    verifier: str
    redirect: str

    def __repr__(self) -> str:
        return "<SignOn>"  # not in a log


class Identity(Struct, frozen=True):
    """Who somebody is at a provider: ``subject`` is theirs for good, ``name`` may be a wish.

    By ``issuer`` and ``subject`` an account is found again; the name may be empty, or change.
    """

    issuer: str
    subject: str
    name: str


class SingleSignOn(Protocol):
    """Asks somebody else who a person is. Raises `SignOnFailed` with what to do."""

    async def begin(self, redirect: str) -> SignOn:
        """Begins a sign-on whose answer comes to the address ``redirect`` of this server."""
        ...

    async def finish(self, sign_on: SignOn, answer: Mapping[str, str]) -> Identity:
        """Who it is. ``answer`` are the parameters with which the browser came back."""
        ...


class Format(Protocol):
    """How one kind of client reads: shared by all sessions that read the same bytes.

    All return b"" where this kind of client is shown nothing.
    """

    @property
    def echoes(self) -> bool:
        """Whether all sessions are shown the same: each its own messages, too.

        If not, `Outlet.show` makes what one session is shown of its own, and `differ` is asked.
        """
        ...

    def differ(self, events: Sequence[AnyEvent]) -> Container[UserId | None] | None:
        """Whether sessions in several rooms are each shown something else of ``events``, and those
        of users with which ids; None: all are shown the same. Asked where it `echoes` not.
        """
        ...

    def events(self, room: RoomName, events: Sequence[AnyEvent], *, past: bool = False) -> bytes:
        """The bytes that show ``events``.

        ``past``: the next newcomer is shown most of them, too.
        """
        ...

    def notice(self, notice: Reply) -> bytes:
        """The bytes of something told to many that is not logged."""
        ...


class Pipe(Protocol):
    """What takes the bytes of one connection, a transport for example."""

    def write(self, data: bytes) -> None:
        """Queues bytes in order; never blocks. The session is told when it is full."""
        ...


class Outlet(Protocol):
    """The way out of one connection, and what the hub asks of it."""

    @property
    def format(self) -> Format:
        """How events are written to it."""
        ...

    @property
    def resumable(self) -> bool:
        """Whether its user can prove later to be the same guest."""
        ...

    @property
    def patient(self) -> bool:
        """Whether a command over the rate waits, as its client does not know to send it again."""
        ...

    def read_when_gone(self, room: RoomName) -> int | None:
        """Up to where the room is read when the connection is over; None: all that it was shown.

        0 if its client says what was read.
        """
        ...

    @property
    def tells_labels(self) -> bool:
        """Whether its client is told of the labels of others (`hubbub.domain.replies.Labelled`)."""
        ...

    @property
    def certificate(self) -> str | None:
        """The SHA-256 of the certificate that its client has shown, which nobody has verified."""
        ...

    @property
    def protocol(self) -> str:
        """What its client speaks, in a word, to be counted by."""
        ...

    @property
    def pipe(self) -> Pipe:
        """What takes the bytes of events."""
        ...

    def show(self, room: RoomName, events: Sequence[AnyEvent], own: Collection[int]) -> bytes:
        """``events`` as this session alone is shown them, which has said ``own`` of them.

        Asked only where its format does not echo.
        """
        ...

    def reply(self, reply: Reply) -> None:
        """Queues an answer, in this connection's words."""
        ...

    def ready(self) -> None:
        """The session takes commands again."""
        ...

    def close(self) -> None:
        """Closes the connection when all that was queued is out."""
        ...
