"""Turns the entries of a group into rows: gives the numbers, finds what was sent twice. No SQL."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId, number_of
from hubbub.domain.kinds import changes_members
from hubbub.domain.state import RoomSummary, member_changes
from hubbub.hub.ports import (
    Draft,
    Entry,
    ForgetGuest,
    ForgetRoom,
    Guest,
    KeepGuest,
    KeepMarkers,
    MakeRoom,
    Settled,
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


class Staged:
    """What a group changes: rows for `hubbub.storage.transaction` to write.

    ``rooms``: those that the group may name, by their keys. ``known``: what the log already has of
    the nonces in the group, as far as it was looked up. ``amends``: that column
    of the rows in ``events``, by their places, where it is not NULL.
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
        self.guests: StagedGuests | None = None
        self.markers: list[tuple[object, ...]] = []
        self.settled: list[Settled] = []

    def take(self, group: Iterable[Entry]) -> None:
        """Adds what the entries change, and their outcomes, in order."""
        for entry in group:
            if type(entry) is Draft:
                self.settled.append(self._draft(entry))
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
            case MakeRoom() | ForgetRoom():
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
        directory = summary.facts.directory
        changes = member_changes(event, directory=directory) if changes_members(event) else ()
        for user, by_id, present in changes:
            author = None if by_id is None else number_of(by_id)
            row = (room.id, user.key, str(user), author)
            self.members[room.id, user.key] = row if present else None
            if present and author is not None:
                self.users[author] = str(user)  # who has no token comes into it by this
        return Settled(draft, event)

    def _guests(self) -> StagedGuests:
        if self.guests is None:
            self.guests = StagedGuests()
        return self.guests


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
