"""A log in memory for tests and simulations: it commits when it is told to, and fails on demand."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from functools import partial
from uuid import uuid4

from msgspec.structs import replace

from hubbub.domain import forms
from hubbub.domain.directory import DIRECTORY, is_directory
from hubbub.domain.errors import (
    BadMessage,
    ChatError,
    LogUnavailable,
    NameTaken,
    RoomInUse,
    ShuttingDown,
    TooMany,
)
from hubbub.domain.events import (
    FORMER_MEMBER,
    AccountClosed,
    AnyEvent,
    AuthorForgotten,
    Edited,
    PutInQueue,
    Reacted,
    Redacted,
    Registered,
)
from hubbub.domain.events import Settled as QueueSettled
from hubbub.domain.forms import CHANGED_TOO_OFTEN, adds_to, reaction_refused
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_line, is_message, is_news
from hubbub.domain.lookalikes import keys_like
from hubbub.domain.mentions import mentions
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.numbers import MAX_EXACT
from hubbub.domain.projection import forgetting, target_of
from hubbub.domain.queues import queue_of
from hubbub.domain.state import (
    NO_SUCH_MESSAGE,
    TAKEN_BACK,
    Member,
    RoomSummary,
    change_members,
    member_changes,
)
from hubbub.domain.unfinished import is_unfinished
from hubbub.hub.ports import (
    CERTIFICATES,
    MAX_DEVICES,
    MAX_READERS,
    MOST_LOOKED_THROUGH,
    Attend,
    ClaimName,
    Depart,
    DeviceRecord,
    DeviceSeen,
    DiskState,
    Draft,
    Entry,
    FileEntry,
    FileRecord,
    FilesCounted,
    ForgetBlobs,
    ForgetCertificates,
    ForgetDevices,
    ForgetFiles,
    ForgetGuest,
    ForgetIdentities,
    ForgetRoom,
    FreeName,
    Guest,
    Heads,
    KeepDevice,
    KeepFile,
    KeepGuest,
    KeepMarkers,
    KeepNode,
    KeepReaders,
    KeepSecret,
    LeaseLost,
    LeaveNode,
    Lines,
    MakeRoom,
    Marker,
    MemberRecord,
    NameRoom,
    Outdated,
    Passage,
    ReaderMarker,
    RoomMovedOn,
    RoomRecord,
    Row,
    SayFiles,
    SecretKind,
    Settled,
    Shown,
    Stretch,
    SwapSecret,
    TakeIdentity,
    TakeName,
    Trim,
    TrimNameless,
    Unneeded,
    Unread,
    WhileThere,
)
from hubbub.storage.names import ANOTHER_HAS_IT
from hubbub.storage.people import is_forgotten_by
from hubbub.storage.projection import as_quoted, as_saved, in_present_form, with_replies
from hubbub.storage.room_rows import CHANGED, REGISTERED_ALREADY, taken_by_now
from hubbub.storage.staging import (
    CALLED_OTHERWISE,
    FORGOTTEN,
    Nonce,
    is_called_otherwise,
    is_forgotten,
    is_told_already,
    message_needed,
    nonce_of,
    reactions_of,
    refusal,
    role_refused,
    stranger_to,
    time_of,
)
from tests.memorylog import files
from tests.memorylog.nodes import Attending, Node, Nodes, nodes_in, places_moved


class Disk:
    """What a `MemoryLog` has saved, and what outlives it."""

    def __init__(self, id: str | None = None) -> None:
        self.id = id or uuid4().hex
        self.rooms: dict[str, RoomName] = {}
        self.ids: dict[str, int] = {}
        self.last_id = 0
        self.events: dict[str, list[AnyEvent]] = {}
        self.order: list[tuple[str, int]] = []
        self.nonces: dict[Nonce, AnyEvent] = {}
        self.members: dict[tuple[str, str], MemberRecord] = {}
        self.guests: dict[str, Guest] = {}
        self.markers: dict[tuple[UserId, str], int] = {}
        self.readers: dict[tuple[UserId, str, str], ReaderMarker] = {}
        self.accounts: set[UserId] = set()
        self.secrets: dict[tuple[SecretKind, str], str] = {}
        self.devices: dict[str, DeviceRecord] = {}
        self.identities: dict[tuple[str, str], UserId] = {}
        self.gone: dict[str, int] = {}
        """Up to which number a room's events are deleted; the fold has them yet."""
        self.seconds = 0.0
        """The clock by which leases end."""
        self.nodes: dict[str, Node] = {}
        self.attendances: dict[tuple[str, str, str], Attending] = {}
        self.claims: dict[tuple[str, str], tuple[UserId, UserName]] = {}
        self.files: dict[str, FileRecord] = {}
        self.unneeded: set[str] = set()

    def copy(self) -> dict[str, object]:
        """All that it has now."""
        rooms = {key: list(events) for key, events in self.events.items()}
        return {name: copy(value) for name, value in vars(self).items()} | {"events": rooms}


class MemoryLog:
    """A `hubbub.hub.ports.Log` without a database.

    What was appended settles when `commit` is called; with ``auto`` the loop calls it, in its
    next round. After a crash, another `MemoryLog` with the same ``disk`` has what was committed.
    """

    def __init__(self, *, auto: bool = False, disk: Disk | None = None) -> None:
        self.disk = disk or Disk()
        self.readable = True
        """When set to False, reading raises `LogUnavailable`."""
        self.free: int | None = None
        """Bytes that the disk is said to have left."""
        self.went_back = False
        """Whether it lacks what was shown."""
        self.doubts = 0
        """How often something did not fit to what was shown."""
        self.origin = ""
        self.lost: str | None = None
        """Why what is saved is said to be lost."""
        self._auto = auto
        self._queue: list[Entry] = []
        self._failures = self._unanswered = 0
        self._closed = False
        self._listener: Callable[[Sequence[Settled]], None] = _tell_nobody
        self._nodes = Nodes(self.disk)
        self._node: str | None = None

    # For tests

    @property
    def waiting(self) -> int:
        """Entries that have not settled."""
        return len(self._queue)

    @property
    def queued(self) -> Sequence[Entry]:
        """What has not settled."""
        return tuple(self._queue)

    def commit(self, limit: int | None = None) -> None:
        """Settles what was appended, or the oldest ``limit`` of it, as one group."""
        group = self._queue[:limit]
        del self._queue[: len(group)]
        if group:
            self._listener([self._answered(self._settle(entry)) for entry in group])

    def lose_answers(self, entries: int) -> None:
        """The next ``entries`` settle, and are said to be refused with `LogUnavailable`."""
        self._unanswered = entries

    def _answered(self, settled: Settled) -> Settled:
        if not self._unanswered:
            return settled
        self._unanswered -= 1
        error = LogUnavailable("Nobody knows whether it is saved, by order of the test.")
        return Settled(settled.entry, error=error)

    def fail_next(self, entries: int) -> None:
        """The next ``entries`` to settle are refused with `LogUnavailable`."""
        self._failures = entries

    # For the hub

    @property
    def id(self) -> str:
        """See `hubbub.hub.ports.Log`; so for the others."""
        return self.disk.id

    def listen(self, settled: Callable[[Sequence[Settled]], None]) -> None:
        self._listener = settled

    def append(self, entry: Entry) -> None:
        if (self._auto or self._closed) and not self._queue:
            asyncio.get_running_loop().call_soon(self.commit)
        self._queue.append(entry)

    def fence(self, node: str) -> None:
        self._node = node

    def doubt(self) -> None:
        self.doubts += 1

    async def holds(self, shown: Callable[[], Sequence[Shown]]) -> bool:
        return not self.went_back

    async def guest(self, key: str) -> Guest | None:
        self._check_readable()
        return self.disk.guests.get(key)

    async def claimed(self, keys: Collection[str]) -> dict[str, Member]:
        self._check_readable()
        claims = self.disk.claims.items()
        return {key: Member(name, id) for (key, _), (id, name) in claims if key in keys}

    async def read(self, room: int | str, after: int, upto: int) -> list[AnyEvent]:
        self._check_readable()
        room = self._key_of(room)
        events = self.disk.events.get(room, [])
        gone = self.disk.gone.get(room, 0)
        return in_present_form(events[max(gone, after) : max(0, upto)], _Source(events, gone))

    async def timeline(self, room: int | str, passage: Passage) -> Lines:
        self._check_readable()
        room = self._key_of(room)
        after, upto = passage.bounded()
        events, gone = self.disk.events.get(room, []), self.disk.gone.get(room, 0)
        found = [one for one in events[max(after, gone) : upto] if is_line(one)]
        found = found if passage.oldest_first else found[::-1]
        lines = passage.lines(found[: passage.most], after, upto)
        source = _Source(events, gone)
        shown = with_replies(in_present_form(lines.events, source), source)
        return Lines(shown, lines.first, lines.last)

    async def messages(self, room: int | str, seqs: Collection[int]) -> list[AnyEvent]:
        self._check_readable()
        return self._messages(self._key_of(room), seqs)

    async def versions(self, room: int | str, target: int) -> list[AnyEvent]:
        self._check_readable()
        left = self._left(self._key_of(room))
        floor = _summary(left).facts.floor
        said = [one for one in left if one.seq == target > floor and is_message(one)]
        edits = [one for one in left if isinstance(one, Edited) and one.target == target]
        return [*said, *edits] if said else []

    async def conversation(
        self, room: int | str, target: int, most: int
    ) -> tuple[list[AnyEvent], bool]:
        self._check_readable()
        key = self._key_of(room)
        left = self._left(key)
        floor = _summary(left).facts.floor
        messages = [one for one in left if is_message(one) and one.seq > floor]
        joined = {one.seq for one in messages} & {target}
        before = -1
        while len(joined) > before:
            before = len(joined)
            for one in messages:
                if one.reply_to in joined or (
                    one.seq in joined and any(other.seq == one.reply_to for other in messages)
                ):
                    joined |= {one.seq, one.reply_to or one.seq}
        found = self._messages(key, joined)
        return found[-most:], len(found) > most

    def _messages(self, key: str, seqs: Collection[int]) -> list[AnyEvent]:
        left = self._left(key)
        floor = _summary(left).facts.floor
        found: list[AnyEvent] = [
            one for one in left if is_message(one) and one.seq in seqs and one.seq > floor
        ]
        source = _Source(self.disk.events.get(key, []), self.disk.gone.get(key, 0))
        return in_present_form(found, source)

    async def lines_back(self, room: int | str, upto: int, lines: int) -> int:
        self._check_readable()
        room = self._key_of(room)
        after = max(0, upto - lines - MOST_LOOKED_THROUGH)
        gone = self.disk.gone.get(room, 0)
        events = self.disk.events.get(room, [])[after:upto]
        seqs = [upto + 1, *(one.seq for one in reversed(events) if is_line(one) and one.seq > gone)]
        return seqs[lines] - 1 if lines < len(seqs) else after

    async def expired(self, room: int | str, after: int, before: int, now: int, most: int) -> int:
        self._check_readable()
        room, upto = self._key_of(room), after
        for event in self.disk.events.get(room, [])[after : after + most]:
            if event.at < before:
                upto = event.seq
            elif event.at <= now:
                break
        return upto

    async def first_at(self, room: int | str, time: int, after: int, upto: int) -> int:
        self._check_readable()
        events = self.disk.events.get(self._key_of(room), [])[after:upto]
        return after + 1 + bisect_left(events, time, key=lambda event: event.at)

    async def look_at_disk(self) -> DiskState:
        return DiskState(self.free, self.lost)

    async def rooms(self, keys: Collection[str] | None = None) -> list[RoomRecord]:
        self._check_readable()
        return [
            RoomRecord(name, _summary(self.disk.events[key]), self.disk.ids[key])
            for key, name in self.disk.rooms.items()
            if not is_forgotten(key) and not is_unfinished(key) and (keys is None or key in keys)
        ]

    async def room(self, which: int | str) -> RoomRecord | None:
        found = [one for one in await self.rooms() if which in (one.id, one.name.key)]
        return found[0] if found else None

    async def keys(self) -> Mapping[int, str]:
        return {one.id: one.name.key for one in await self.rooms() if one.id is not None}

    async def heads(self, since: str | None = None) -> Heads:
        self._check_readable()
        grown = None if since is None else {key for key, _ in self.disk.order[int(since) :]}
        heads = {
            self.disk.ids[key]: (key, self.disk.events[key][-1].seq)
            for key in self.disk.rooms
            if not is_forgotten(key) and not is_unfinished(key) and self.disk.events[key]
            if grown is None or key in grown
        }
        return Heads(heads, str(len(self.disk.order)))

    async def members(self, room: str | None = None) -> list[MemberRecord]:
        self._check_readable()
        return [
            one
            for one in self.disk.members.values()
            if not is_unfinished(one.room.key) and room in (None, one.room.key)
        ]

    async def guests(self) -> list[Guest]:
        self._check_readable()
        return list(self.disk.guests.values())

    async def markers(self, user: UserId | None = None) -> list[Marker]:
        self._check_readable()
        guests = {guest.id for guest in self.disk.guests.values()}
        return [
            Marker(reader, self.disk.rooms[room], seq)
            for (reader, room), seq in self.disk.markers.items()
            if (reader in guests if user is None else reader == user)
        ]

    async def read_by(self, user: UserId, reader: str, room: RoomName) -> int | None:
        self._check_readable()
        found = self.disk.readers.get((user, reader, room.key))
        return None if found is None else found.seq

    async def all_read_by(self, user: UserId, reader: str) -> dict[str, int]:
        self._check_readable()
        return {
            room: found.seq
            for (whose, which, room), found in self.disk.readers.items()
            if (whose, which) == (user, reader)
        }

    async def written(self, author: UserId, nonce: str) -> AnyEvent | None:
        self._check_readable()
        return self.disk.nonces.get((author, nonce))

    async def room_of(self, author: UserId, nonce: str) -> RoomName | None:
        self._check_readable()
        event = self.disk.nonces.get((author, nonce))
        found = (
            key for key, events in self.disk.events.items() if any(one is event for one in events)
        )
        key = None if event is None else next(found, None)
        return None if key is None or is_forgotten(key) else self.disk.rooms[key]

    async def head(self, room: int | str) -> int:
        self._check_readable()
        room = self._key_of(room)
        return len(self.disk.events.get(room, []))

    async def traces(self, author: UserId) -> list[RoomName]:
        self._check_readable()
        probe = AuthorForgotten(MAX_EXACT, 0, FORMER_MEMBER, by_id=author)
        return [
            name
            for key, name in self.disk.rooms.items()
            if key != DIRECTORY.key and not is_forgotten(key)
            if any(forgetting(event, probe) != event for event in self._left(key))
        ]

    async def secret(self, kind: SecretKind, owner: UserId | RoomName) -> str | None:
        self._check_readable()
        return self.disk.secrets.get((kind, _key(owner)))

    async def identity(self, issuer: str, subject: str) -> UserId | None:
        self._check_readable()
        return self.disk.identities.get((issuer, subject))

    async def has_identity(self, user: UserId) -> bool:
        self._check_readable()
        found = self.disk.identities.items()
        return any(one == user and issuer != CERTIFICATES for (issuer, _), one in found)

    async def certificates(self, user: UserId) -> list[str]:
        self._check_readable()
        found = self.disk.identities.items()
        return sorted(who for (how, who), one in found if one == user and how == CERTIFICATES)

    async def files(self, ids: Collection[str]) -> list[FileRecord]:
        self._check_readable()
        return [one for one in self.disk.files.values() if one.id in ids]

    async def file_bytes(self, owner: UserId | None = None) -> int:
        self._check_readable()
        all_files = self.disk.files.values()
        if owner is None:
            return sum({one.blob: one.takes for one in all_files}.values())
        return sum(one.takes for one in all_files if one.owner == owner)

    async def counted_files(self) -> FilesCounted:
        self._check_readable()
        takes: dict[bool, list[int]] = {True: [], False: []}
        for one in self.disk.files.values():
            takes[one.seq is not None].append(one.takes)
        said, unsaid = takes[True], takes[False]
        return FilesCounted(len(said), sum(said), len(unsaid), sum(unsaid))

    async def unsaid_files(self, before: int, most: int) -> list[str]:
        self._check_readable()
        found = [one for one in self.disk.files.values() if one.seq is None and one.at < before]
        return [one.id for one in found[:most]]

    async def unneeded_blobs(self, most: int) -> list[str]:
        self._check_readable()
        return sorted(self.disk.unneeded)[:most]

    async def needed_blobs(self, keys: Collection[str]) -> set[str]:
        self._check_readable()
        return {one.blob for one in self.disk.files.values()} & {*keys}

    async def devices(self, user: UserId) -> list[DeviceRecord]:
        self._check_readable()
        return self._devices_of(user)

    async def count(
        self,
        stretches: Sequence[Stretch],
        user: UserId,
        name: str,
        most: int,
        without: Collection[UserId] = (),
    ) -> list[Unread]:
        self._check_readable()
        counts = []
        for stretch in stretches:
            room = self._key_of(stretch.room)
            after = max(stretch.after, self.disk.gone.get(room, 0))
            events = self.disk.events.get(room, [])[after : stretch.upto]
            left_out = {user, *without}
            others = [one for one in events if is_news(one) and one.by_id not in left_out]
            others = others[:most]
            edits = {
                one.target: one.text
                for one in self.disk.events.get(room, [])
                if isinstance(one, Edited)
            }
            named = sum(
                mentions(other.text, name) and mentions(edits.get(other.seq, other.text), name)
                for other in others
            )
            counts.append(Unread(len(others), named))
        return counts

    async def close(self) -> None:
        """Commits what was appended; what is appended from now on is refused."""
        self.commit()
        self._closed = True

    def _key_of(self, which: int | str) -> str:
        if isinstance(which, str):
            return which
        return next((key for key, id in self.disk.ids.items() if id == which), "")

    def _check_readable(self) -> None:
        if not self.readable:
            raise LogUnavailable("The log cannot be read, by order of the test.")

    def _settle(self, entry: Entry) -> Settled:
        if self._closed:
            return Settled(entry, error=ShuttingDown("The log is closed."))
        if self._failures:
            self._failures -= 1
            return Settled(entry, error=LogUnavailable("Not saved, by order of the test."))
        try:
            if isinstance(entry, KeepNode):
                return self._nodes.keep(entry)
            for node in {self._node} if self._node is not None else nodes_in(entry):
                self._nodes.check(node)
        except LeaseLost as error:
            return Settled(entry, error=error)
        if isinstance(entry, Draft):
            before = self.disk.copy() if entry.also else None
            try:
                return self._draft(entry)
            except ChatError as error:
                vars(self.disk).update(before or {})
                return Settled(entry, error=error)
        if isinstance(entry, FreeName):
            try:
                return Settled(entry, more=self._free_name(entry))
            except LeaseLost as error:
                return Settled(entry, error=error)
        if isinstance(entry, Trim):
            return Settled(entry, more=self._trim(entry))
        if isinstance(entry, TrimNameless):
            return Settled(entry)
        try:
            self._keep(entry)
        except ChatError as error:
            return Settled(entry, error=error)
        return Settled(entry)

    def _free_name(self, entry: FreeName) -> bool:
        """Whether the user has this name, or another one, anywhere yet."""
        if not self._nodes.free(entry):
            self._forget(lambda one: one.id == entry.id and one.name.key == entry.name.key)
            self._forget_markers()
        return any(id == entry.id for id, _ in self.disk.claims.values())

    def _left(self, key: str) -> list[AnyEvent]:
        """The room's events that are not deleted."""
        return self.disk.events.get(key, [])[self.disk.gone.get(key, 0) :]

    def _trim(self, trim: Trim) -> bool:
        """Deletes some of the oldest events; whether there are more."""
        key, gone = trim.room.key, self.disk.gone
        floor = min(trim.upto, _summary(self.disk.events.get(key, [])).facts.floor)
        room = self.disk.ids.get(key)
        files.drop(self.disk, lambda one: one.room_id == room and (one.seq or floor + 1) <= floor)
        upto = min(floor, gone.get(key, 0) + trim.most)
        before = gone.get(key, 0)
        if upto <= before:
            return False
        lost = set(map(id, self.disk.events[key][:upto]))
        nonces = self.disk.nonces
        self.disk.nonces = {nonce: kept for nonce, kept in nonces.items() if id(kept) not in lost}
        gone[key] = upto
        return upto == before + trim.most

    def _keep(
        self, entry: MakeRoom | KeepMarkers | KeepReaders | LeaveNode | ClaimName | FileEntry | Row
    ) -> None:
        match entry:
            case KeepFile() | ForgetFiles() | ForgetBlobs():
                files.change(self.disk, entry)
            case LeaveNode():
                self._nodes.leave(entry)
            case ClaimName(guest=new):
                self._nodes.claim(entry)
                if new is not None:
                    self._keep(KeepGuest(new))
            case Attend():
                self._nodes.note(entry)
            case Depart(room=room):
                self._nodes.depart(room.key, entry)
            case TakeName(user):
                self._nodes.forget_claims(user)
            case KeepGuest(guest):
                self._forget(lambda other: other.name.key == guest.name.key)
                self.disk.guests[guest.name.key] = guest
                self._forget_markers()
            case ForgetGuest(guest):
                self._forget(
                    lambda other: other.id == guest.id and other.name.key == guest.name.key
                )
                self._nodes.forget_claims(guest.id, guest.name.key)
                self._forget_markers()
            case MakeRoom(room):
                self._make(room)
            case ForgetRoom(room):
                self._check_forgotten(entry)
                self._forget_room(room.key)
                self._forget_room(queue_of(room).key)
            case KeepMarkers(markers):
                known = self._can_come_back()
                for one in markers:
                    if one.user in known and one.room.key in self.disk.rooms:
                        place = (one.user, one.room.key)
                        self.disk.markers[place] = max(one.seq, self.disk.markers.get(place, 0))
            case KeepReaders(markers=read):
                for mark in read:
                    self._keep_reader(mark)
            case KeepSecret(kind, owner, value):
                self._keep_secret(kind, owner, value)
            case SwapSecret(kind, user, was, value):
                if self.disk.secrets.get((kind, user)) != was:
                    raise Outdated
                self._keep_secret(kind, user, value)
            case KeepDevice(device):
                password = self.disk.secrets.get((SecretKind.PASSWORD, device.user))
                if entry.proof not in (None, password):
                    raise Outdated(CHANGED)
                if device.user in self.disk.accounts:
                    self.disk.devices[device.id] = device
                    for old in self._devices_of(device.user)[MAX_DEVICES:]:
                        del self.disk.devices[old.id]
            case DeviceSeen(user, device, seen):
                before = self.disk.devices.get(device)
                if before is not None and before.user == user and before.seen < seen:
                    self.disk.devices[device] = replace(before, seen=seen)
            case ForgetDevices():
                devices = self.disk.devices
                self.disk.devices = {
                    id: one for id, one in devices.items() if not is_forgotten_by(entry, one)
                }
            case TakeIdentity(user, issuer, subject):
                if self.disk.identities.setdefault((issuer, subject), user) != user:
                    raise NameTaken("That is another account's by now.")
            case ForgetIdentities(user):
                self._forget_identities(user, lambda issuer, _: issuer != CERTIFICATES)
            case ForgetCertificates(user, only, but):
                self._forget_identities(
                    user,
                    lambda issuer, print: (
                        issuer == CERTIFICATES and (print != but if only is None else print == only)
                    ),
                )
            case NameRoom(room, name):
                self._name_room(room.key, name)

    def _forget_identities(self, user: UserId, gone: Callable[[str, str], bool]) -> None:
        identities = self.disk.identities
        self.disk.identities = {
            who: one for who, one in identities.items() if one != user or not gone(*who)
        }

    def _draft(self, draft: Draft) -> Settled:
        disk = self.disk
        nonce = nonce_of(draft)
        if nonce is not None and nonce in disk.nonces:
            for row in draft.also:
                self._attendance(draft, row)
            return Settled(draft, as_quoted(disk.nonces[nonce], draft.event), duplicate=True)
        if draft.room_id not in (None, disk.ids.get(draft.room.key)):
            return Settled(draft, error=RoomMovedOn())
        for row in draft.also:
            if isinstance(row, WhileThere):
                id = disk.ids.get(row.room.key)
                if id is None or row.room_id not in (None, id):
                    return Settled(draft, error=RoomMovedOn())
        if not is_message(draft.event):
            before = _summary(self._make(draft.room))  # which stays, as on a disk
            gone = role_refused(draft.event, partial(self._member, draft.room.key))
            refused = refusal(before, draft) or gone or self._target_refused(draft)
            if refused is not None:
                return Settled(draft, error=refused)
            if is_directory(draft.room) and is_called_otherwise(draft.event, self._account):
                return Settled(draft, error=Outdated(CALLED_OTHERWISE))
        for row in draft.also:
            if isinstance(row, TakeName):
                self._check_name(row, draft)
            if not self._attendance(draft, row):
                head = len(disk.events.get(draft.room.key, []))
                return Unneeded(draft, head=head)
            if isinstance(row, SwapSecret) and disk.secrets.get((row.kind, row.owner)) != row.was:
                raise Outdated
        known = partial(self._member, draft.room.key)
        if draft.by_server and is_told_already(draft.event, known):
            return Unneeded(draft, head=len(disk.events.get(draft.room.key, [])))
        if (stranger := stranger_to(draft, known)) is not None:
            self._draft(Draft(draft.room, stranger))
        events = self._make(draft.room)
        summary = RoomSummary(len(events), events[-1].at if events else None)
        event = replace(draft.event, seq=len(events) + 1, at=time_of(draft, summary))
        kept = as_saved(event)
        events.append(kept)
        disk.order.append((draft.room.key, kept.seq))
        if nonce is not None:
            disk.nonces[nonce] = kept
        self._drop_files(disk.ids[draft.room.key], event)
        if isinstance(event, AuthorForgotten):
            self._forget_author(draft.room.key, events, event)
        if isinstance(event, Redacted):
            self._empty(events, event)
            queue = disk.events.get(queue_of(draft.room).key, [])
            self._empty_items(queue, lambda item: item.about == event.target)
        elif isinstance(event, QueueSettled):
            self._empty_items(events, lambda item: item.seq == event.queued)
        changes = member_changes(event, directory=is_directory(draft.room))
        places = [(draft.room.key, change.user.key) for change in changes]
        there = {place[1]: disk.members[place].member for place in places if place in disk.members}
        change_members(there, event, directory=is_directory(draft.room))
        for change, place in zip(changes, places, strict=True):
            disk.members.pop(place, None)
            if change.user.key in there:
                room = disk.rooms[draft.room.key]
                disk.members[place] = MemberRecord(room, there[change.user.key])
            else:
                self._nodes.left(*place)
            if is_directory(draft.room) and change.by_id is not None:
                if change.present:
                    disk.accounts.add(change.by_id)
                    self._forget(partial(_is_guest, change.by_id))
                elif isinstance(event, AccountClosed):
                    disk.accounts.discard(change.by_id)
                    self._forget_markers()
        room_id = disk.ids[draft.room.key]
        for row in draft.also:
            if isinstance(row, Attend):
                self._nodes.attend(draft.room.key, row)
            elif isinstance(row, SayFiles):
                files.say(disk, row, room_id, event.seq)
            elif not isinstance(row, Depart):
                self._keep(row)
        return Settled(draft, event, room_id=room_id)

    def _drop_files(self, room: int, event: AnyEvent) -> None:
        """Deletes what ``event`` takes along of the files."""
        if isinstance(event, AccountClosed) and event.emptied:
            files.drop(self.disk, lambda one: one.owner == event.by_id)
        for one in list(self.disk.files.values()):
            if one.room_id != room or one.seq is None:
                continue
            redacted = isinstance(event, Redacted) and one.seq == event.target
            forgotten = (
                isinstance(event, AuthorForgotten)
                and event.emptied
                and event.by_id == one.owner
                and one.seq < event.seq
            )
            if redacted or forgotten:
                files.drop(self.disk, lambda other, id=one.id: other.id == id)  # type: ignore[misc]

    def _account(self, key: str) -> Member | None:
        return self._member(DIRECTORY.key, key)

    def _member(self, room: str, key: str) -> Member | None:
        known = self.disk.members.get((room, key))
        return None if known is None else known.member

    def _attendance(self, draft: Draft, row: Row) -> bool:
        """Notes who is present, or not any more; whether the event is needed for it."""
        key = draft.room.key
        if isinstance(row, Attend):
            if self._nodes.is_member(key, row):
                self._nodes.attend(key, row)
                return False
        elif isinstance(row, Depart):
            member = self._nodes.is_member(key, row)
            return self._nodes.depart(key, row) and member
        return True

    def _target_refused(self, draft: Draft) -> ChatError | None:
        """Why the log does not take an event about a message."""
        target = message_needed(draft.event)
        if target is None:
            return None
        left = self._left(draft.room.key)
        floor = _summary(self.disk.events[draft.room.key]).facts.floor
        if target <= floor or not any(one.seq == target and is_message(one) for one in left):
            return BadMessage(NO_SUCH_MESSAGE)
        if any(isinstance(one, Redacted) and one.target == target for one in left):
            return BadMessage(TAKEN_BACK)
        if is_unfinished(draft.room.key):
            return None
        amendments = sum(target_of(one) == target for one in left)
        if amendments >= forms.MAX_AMENDMENTS and adds_to(draft.event):
            return TooMany(CHANGED_TOO_OFTEN)
        if isinstance(draft.event, Reacted):
            to_it = [one for one in left if target_of(one) == target]
            return reaction_refused(reactions_of(to_it), draft.event)
        return None

    def _empty(self, events: list[AnyEvent], redacted: Redacted) -> None:
        """What was taken back is gone from the disk."""
        for place, before in enumerate(events):
            if is_message(before) and before.seq == redacted.target:
                self._replace(events, place, replace(before, text="", files=(), tags={}))
            elif isinstance(before, Edited) and before.target == redacted.target:
                self._replace(events, place, replace(before, text=""))

    def _empty_items(self, queue: list[AnyEvent], which: Callable[[PutInQueue], bool]) -> None:
        """What is decided, or was taken back, is gone from the disk."""
        for place, item in enumerate(queue):
            if isinstance(item, PutInQueue) and which(item):
                self._replace(queue, place, replace(item, text=""))

    def _replace(self, events: list[AnyEvent], place: int, now: AnyEvent) -> None:
        before, events[place] = events[place], now
        for nonce, kept in list(self.disk.nonces.items()):
            if kept is before:
                self.disk.nonces[nonce] = now

    def _forget_author(self, key: str, events: list[AnyEvent], forgotten: AuthorForgotten) -> None:
        self.disk.members = {
            place: one
            for place, one in self.disk.members.items()
            if place[0] != key or one.member.id != forgotten.by_id
        }
        self.disk.attendances = {
            place: one
            for place, one in self.disk.attendances.items()
            if place[0] != key or one.id != forgotten.by_id
        }
        for place, before in enumerate(events):
            now = forgetting(before, forgotten)
            if now is not before:
                self._replace(events, place, as_saved(now))

    def _make(self, room: RoomName) -> list[AnyEvent]:
        """The events of ``room``, which is made if need be."""
        if room.key not in self.disk.rooms:
            self.disk.last_id += 1
            self.disk.rooms[room.key], self.disk.ids[room.key] = room, self.disk.last_id
        return self.disk.events.setdefault(room.key, [])

    def _check_forgotten(self, row: ForgetRoom) -> None:
        key = row.room.key
        if row.room_id not in (None, self.disk.ids.get(key)):
            raise RoomMovedOn
        if row.head is not None and len(self.disk.events.get(key, [])) > row.head:
            raise RoomInUse("Somebody came just now.")

    def _check_name(self, row: TakeName, draft: Draft) -> None:
        accounts = [
            one.member.id for (room, _), one in self.disk.members.items() if room == DIRECTORY.key
        ]
        if isinstance(draft.event, Registered) and row.user in accounts:
            raise BadMessage(REGISTERED_ALREADY)
        for key in keys_like(row.name.key):
            known = self.disk.members.get((DIRECTORY.key, key))
            if known is not None and known.member.id != row.user:
                raise NameTaken(taken_by_now(row.name, key))
        if self._nodes.has_another(row.name.key, row.user):
            raise NameTaken(ANOTHER_HAS_IT)

    def _keep_secret(self, kind: SecretKind, owner: UserId | RoomName, value: str | None) -> None:
        if value is None:
            self.disk.secrets.pop((kind, _key(owner)), None)
        elif not isinstance(owner, RoomName) or owner.key in self.disk.rooms:
            self.disk.secrets[kind, _key(owner)] = value

    def _devices_of(self, user: UserId) -> list[DeviceRecord]:
        mine = [device for device in self.disk.devices.values() if device.user == user]
        return sorted(mine, key=lambda device: (device.seen, device.id), reverse=True)

    def _name_room(self, former: str, name: RoomName) -> None:
        disk = self.disk
        if name.key != former and name.key in disk.rooms:
            raise NameTaken(f'There is a room called "{name}" already.')
        if former in disk.rooms:
            self._move_room(former, name.key, name)
        queue, theirs = queue_of(name), queue_of(RoomName.known(former, former)).key
        if name.key != former:
            self._forget_room(queue.key)
        if theirs in disk.rooms:
            self._move_room(theirs, queue.key, queue)

    def _move_room(self, former: str, key: str, name: RoomName) -> None:
        """The row of a room has another ``key``; all that is about it stays with it."""
        disk = self.disk
        disk.rooms = {
            key if room == former else room: name if room == former else other
            for room, other in disk.rooms.items()
        }
        disk.ids[key] = disk.ids.pop(former)
        disk.events[key] = disk.events.pop(former)
        disk.gone[key] = disk.gone.pop(former, 0)
        disk.attendances = places_moved(disk.attendances, former, key)
        disk.order = [(key if room == former else room, seq) for room, seq in disk.order]
        disk.markers = {
            (user, key if room == former else room): seq
            for (user, room), seq in disk.markers.items()
        }
        disk.readers = {
            (user, reader, key if room == former else room): mark
            for (user, reader, room), mark in disk.readers.items()
        }
        disk.members = {
            (key, who) if room == former else (room, who): (
                replace(member, room=name) if room == former else member
            )
            for (room, who), member in disk.members.items()
        }
        secret = disk.secrets.pop((SecretKind.ROOM, former), None)
        if secret is not None:
            disk.secrets[SecretKind.ROOM, key] = secret

    def _forget_room(self, key: str) -> None:
        disk = self.disk
        if key not in disk.rooms:
            return
        files.drop(disk, lambda one: one.room_id == disk.ids[key])
        nameless = f"{FORGOTTEN}{sum(map(is_forgotten, disk.rooms))}"
        disk.secrets.pop((SecretKind.ROOM, key), None)
        disk.markers = {place: seq for place, seq in disk.markers.items() if place[1] != key}
        disk.readers = {place: mark for place, mark in disk.readers.items() if place[2] != key}
        disk.members = {place: who for place, who in disk.members.items() if place[0] != key}
        rows = disk.attendances
        disk.attendances = {place: one for place, one in rows.items() if place[0] != key}
        self._move_room(key, nameless, disk.rooms[key])
        gone = set(map(id, disk.events[nameless]))
        disk.nonces = {nonce: kept for nonce, kept in disk.nonces.items() if id(kept) not in gone}

    def _forget(self, which: Callable[[Guest], bool]) -> None:
        guests = self.disk.guests
        self.disk.guests = {key: guest for key, guest in guests.items() if not which(guest)}

    def _forget_markers(self) -> None:
        """Nobody can come back for those whose last name is free."""
        known = self._can_come_back()
        self.disk.markers = {
            place: seq for place, seq in self.disk.markers.items() if place[0] in known
        }

        self.disk.readers = {
            place: mark
            for place, mark in self.disk.readers.items()
            if place[0] in self.disk.accounts
        }

    def _keep_reader(self, mark: ReaderMarker) -> None:
        disk, place = self.disk, (mark.user, mark.reader, mark.room.key)
        if mark.user not in disk.accounts or mark.room.key not in disk.rooms:
            return
        before = disk.readers.get(place)
        if before is None or mark.seq > before.seq:
            disk.readers[place] = mark
        read: dict[str, int] = {}
        for (user, reader, _), one in disk.readers.items():
            if user == mark.user:
                read[reader] = max(one.at, read.get(reader, one.at))
        kept = sorted(read, key=lambda one: (read[one], one))[-MAX_READERS:]
        disk.readers = {
            key: one for key, one in disk.readers.items() if key[0] != mark.user or key[1] in kept
        }

    def _can_come_back(self) -> set[UserId]:
        """Who has a token, or an account."""
        return {guest.id for guest in self.disk.guests.values()} | self.disk.accounts


class _Source:
    """All events of a room, as a `hubbub.storage.projection.Source`."""

    def __init__(self, events: Sequence[AnyEvent], gone: int = 0) -> None:
        self._all = events
        self._gone = gone

    def answered(self, seqs: Sequence[int]) -> list[AnyEvent]:
        found = [self._all[seq - 1] for seq in seqs if self._gone < seq <= len(self._all)]
        return [event for event in found if is_message(event)]

    def amendments(self, targets: Sequence[int]) -> list[AnyEvent]:
        wanted = set(targets)
        return [event for event in self._all if target_of(event) in wanted]

    def replies(self, targets: Sequence[int]) -> dict[int, int]:
        gone = {event.target for event in self._all if isinstance(event, Redacted)}
        wanted = set(targets)
        answers = (one for one in self._all if is_message(one) and one.seq not in gone)
        return Counter(one.reply_to for one in answers if one.reply_to in wanted)


def _is_guest(id: UserId, guest: Guest) -> bool:
    return guest.id == id


def _key(owner: UserId | RoomName) -> str:
    return owner.key if isinstance(owner, RoomName) else str(owner)


def _summary(events: Sequence[AnyEvent]) -> RoomSummary:
    """What ``events``, all of a room, add up to."""
    summary = RoomSummary()
    for event in events:
        summary.apply(event)
    return summary


def _tell_nobody(settled: Sequence[Settled]) -> None:
    """Until somebody listens."""
