"""Turns the entries of a group into rows: gives the numbers, finds what was sent twice. No SQL."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.directory import is_directory
from hubbub.domain.events import AccountClosed, AnyEvent
from hubbub.domain.ids import UserId, number_of
from hubbub.domain.kinds import changes_members
from hubbub.domain.names import RoomName
from hubbub.domain.state import RoomSummary, member_changes
from hubbub.hub.ports import (
    DeviceRecord,
    DeviceSeen,
    Draft,
    Entry,
    ForgetDevices,
    ForgetGuest,
    ForgetRoom,
    Guest,
    KeepDevice,
    KeepGuest,
    KeepMarkers,
    KeepSecret,
    MakeRoom,
    NameRoom,
    SecretKind,
    Settled,
    TakeName,
)
from hubbub.storage.projection import as_quoted
from hubbub.storage.rows import KINDS, state_of

FORGOTTEN = " "
"""What the key of a room begins with whose name is free again, before its id. No name's does."""


def is_forgotten(key: str) -> bool:
    """Whether a room with that key has no name any more."""
    return key.startswith(FORGOTTEN)


Nonce = tuple[UserId, str]
"""A user's id, and what the user called this text."""


def nonce_of(draft: Draft) -> Nonce | None:
    """By what the log knows a draft again; None for one that it need not know again."""
    by_id = draft.event.by_id
    return None if by_id is None or draft.nonce is None else (by_id, draft.nonce)


class StagedRoom(Struct):
    """A room's id, and what the events add up to that its log has, or will have."""

    id: int
    summary: RoomSummary


def stands_apart(entry: Entry) -> bool:
    """Whether ``entry`` is about what a name means at that very place.

    Behind it the name may mean another room, or account.
    """
    if isinstance(entry, Draft):
        return any(map(stands_apart, entry.also))
    if isinstance(entry, KeepSecret):
        return entry.kind is SecretKind.ROOM
    return isinstance(entry, (ForgetRoom, NameRoom, TakeName))


class Staged:
    """What a group changes: rows for `hubbub.storage.transaction` to write.

    ``rooms``: those that the group may name, by their keys. ``known``: what the log already has of
    the nonces in the group, as far as it was looked up. ``amends``: that column
    of the rows in ``events``, by their places, where it is not NULL. ``closed``: whose accounts go,
    before those in ``accounts`` come, each with the time.

    What `stands_apart` is no row of these: the transaction does it.
    """

    def __init__(self, rooms: dict[str, StagedRoom], known: dict[Nonce, AnyEvent]) -> None:
        self._before = rooms
        self._known = known
        self.rooms: dict[str, StagedRoom] = {}
        self.states: dict[int, tuple[object, ...]] = {}
        self.events: list[tuple[object, ...]] = []
        self.amends: dict[int, int] = {}
        self.members: dict[tuple[int, str], tuple[object, ...] | None] = {}
        self.users: dict[int, str] = {}
        self.accounts: dict[int, int] = {}
        self.closed: set[int] = set()
        self.guests: StagedGuests | None = None
        self.secrets: dict[tuple[str, int], str | None] = {}
        self.devices: StagedDevices | None = None
        self.markers: list[tuple[object, ...]] = []
        self.settled: list[Settled] = []

    def take(self, group: Iterable[Entry]) -> None:
        """Adds what the entries change, and their outcomes, in order."""
        for entry in group:
            if type(entry) is Draft:
                settled = self._draft(entry)
                self.settled.append(settled)
                if entry.also and not settled.duplicate:
                    for row in entry.also:
                        self._take(row)
            else:
                self._take(entry)
                self.settled.append(Settled(entry))

    def _take(self, entry: Entry) -> None:
        match entry:
            case KeepGuest():
                self._guests().keep(entry.guest)
                self.users[number_of(entry.guest.id)] = str(entry.guest.name)
            case ForgetGuest():
                self._guests().forget(entry.guest)
            case KeepMarkers(markers):
                self.markers += [(one.seq, number_of(one.user), one.room.key) for one in markers]
            case KeepSecret(kind, str(owner), value) if not stands_apart(entry):
                self.secrets[kind.value, number_of(UserId(owner))] = value
            case KeepDevice(device):
                self._devices().keep(device)
            case DeviceSeen(user, device, seen):
                self._devices().seen.append((seen, number_of(user), device, seen))
            case ForgetDevices():
                self._devices().forget(entry)
            case MakeRoom() | ForgetRoom() | NameRoom() | KeepSecret() | TakeName():
                pass  # the transaction does it

    def _draft(self, draft: Draft) -> Settled:
        nonce = nonce_of(draft)
        if nonce is not None:
            first = self._known.get(nonce)
            if first is not None:
                return Settled(draft, as_quoted(first, draft.event), duplicate=True)
        key = draft.room.key
        room = self.rooms.get(key)
        if room is None:  # a copy: the group may yet fail
            before = self._before[key]
            room = self.rooms[key] = StagedRoom(before.id, replace(before.summary))
        summary, facts = room.summary, room.summary.facts
        event = replace(draft.event, seq=summary.head + 1)
        summary.apply(event)
        if summary.facts is not facts:
            self.states[room.id] = (room.id, event.seq, state_of(summary.facts))
        kind, text, extra, amends = KINDS[type(event)].content(event)
        if amends is not None:
            self.amends[len(self.events)] = amends
        author = None if event.by_id is None else number_of(event.by_id)
        self.events.append(
            (
                room.id,
                event.seq,
                event.at,
                kind,
                author,
                str(event.by),
                text,
                extra,
                None if nonce is None else draft.nonce,
            )
        )
        if nonce is not None:
            self._known[nonce] = event
        if changes_members(event):
            self._change_members(room.id, draft.room, event)
        return Settled(draft, event)

    def _change_members(self, room_id: int, room: RoomName, event: AnyEvent) -> None:
        directory = is_directory(room)
        for user, by_id, present in member_changes(event, directory=directory):
            member = None if by_id is None else number_of(by_id)
            row = (room_id, user.key, str(user), member)
            self.members[room_id, user.key] = row if present else None
            if member is None:
                continue
            if present:
                self.users[member] = str(user)  # who has no token comes into it by this
                if directory:
                    self.accounts.setdefault(member, event.at)
            elif directory and isinstance(event, AccountClosed):
                self.closed.add(member)
                self.accounts.pop(member, None)

    def _guests(self) -> StagedGuests:
        if self.guests is None:
            self.guests = StagedGuests()
        return self.guests

    def _devices(self) -> StagedDevices:
        if self.devices is None:
            self.devices = StagedDevices()
        return self.devices


class StagedGuests:
    """What a group changes of the guests.

    First those go whose key is in ``replaced`` and those whose key and id are in ``forgotten``;
    then `rows` come. This is the same as one after another in the group's order.
    """

    def __init__(self) -> None:
        self.replaced: list[tuple[str]] = []
        self.forgotten: list[tuple[str, int]] = []
        self._kept: dict[str, Guest] = {}

    def keep(self, guest: Guest) -> None:
        """``guest`` has the name now."""
        self._kept[guest.name.key] = guest
        self.replaced.append((guest.name.key,))

    def forget(self, guest: Guest) -> None:
        """``guest`` does not have the name any more."""
        key = guest.name.key
        kept = self._kept.get(key)
        if kept is not None and kept.id == guest.id:
            del self._kept[key]
        self.forgotten.append((key, number_of(guest.id)))

    @property
    def keys(self) -> set[str]:
        """The names that change hands, or may."""
        return {key for (key,) in self.replaced} | {key for key, _ in self.forgotten}

    def rows(self) -> list[tuple[object, ...]]:
        """Those who are there after the group and were kept by it."""
        return [
            (key, str(guest.name), number_of(guest.id), guest.token_hash)
            for key, guest in self._kept.items()
        ]


class StagedDevices:
    """What a group changes of the devices.

    First those go that are ``only`` or among ``others``, all of a user's but one; then `rows` come,
    and those that are there were ``seen``.
    """

    def __init__(self) -> None:
        self.only: list[tuple[int, str]] = []
        self.others: list[tuple[int, str]] = []
        self.seen: list[tuple[int, int, str, int]] = []
        self._kept: dict[str, DeviceRecord] = {}

    def keep(self, device: DeviceRecord) -> None:
        """``device`` is there, as it is now."""
        self._kept[device.id] = device

    def forget(self, which: ForgetDevices) -> None:
        """They are not there any more."""
        user = number_of(which.user)
        if which.only is not None:
            self.only.append((user, which.only))
        else:
            self.others.append((user, which.but or ""))  # no device is called ""
        self._kept = {id: one for id, one in self._kept.items() if not is_forgotten_by(which, one)}

    @property
    def users(self) -> list[tuple[int]]:
        """Whose devices were kept."""
        return [(user,) for user in sorted({number_of(one.user) for one in self._kept.values()})]

    def rows(self) -> list[tuple[object, ...]]:
        """Those that are there after the group and were kept by it."""
        return [
            (id, number_of(one.user), *(getattr(one, name) for name in one.__struct_fields__[2:]))
            for id, one in self._kept.items()
        ]


def is_forgotten_by(entry: ForgetDevices, device: DeviceRecord) -> bool:
    """Whether ``entry`` deletes ``device``."""
    if device.user != entry.user:
        return False
    return device.id != entry.but if entry.only is None else device.id == entry.only
