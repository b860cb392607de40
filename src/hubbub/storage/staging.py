"""Turns the entries of a group into rows: gives the numbers, finds what was sent twice. No SQL."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.events import AnyEvent
from hubbub.domain.state import member_change
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
from hubbub.storage.quoting import as_quoted
from hubbub.storage.rows import KINDS

FORGOTTEN = " "
"""What the key of a room begins with whose name is free again, before its id. No name's does."""


def is_forgotten(key: str) -> bool:
    """Whether a room with that key has no name any more."""
    return key.startswith(FORGOTTEN)


Nonce = tuple[int, str]
"""A guest's id, and what the guest called this text."""


class Head(Struct):
    """The end of a room's log."""

    room_id: int
    seq: int


class Staged:
    """What a group changes: rows for `hubbub.storage.transaction` to write.

    ``heads``: the rooms that the group may name, by their keys. ``known``: what the log already
    has of the nonces in the group, as far as it was looked up.
    """

    def __init__(self, heads: dict[str, Head], known: dict[Nonce, AnyEvent]) -> None:
        self._before = heads
        self._known = known
        self.heads: dict[str, Head] = {}
        self.events: list[tuple[object, ...]] = []
        self.members: dict[tuple[int, str], tuple[object, ...] | None] = {}
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
            case ForgetGuest():
                self._guests().forget(entry.guest)
            case KeepMarkers(markers):
                self.markers += [(one.seq, one.guest, one.room.key) for one in markers]
            case MakeRoom() | ForgetRoom():
                pass  # the transaction does it

    def _draft(self, draft: Draft) -> Settled:
        nonce = None
        if draft.nonce is not None and draft.author is not None:
            nonce = (draft.author, draft.nonce)
            first = self._known.get(nonce)
            if first is not None:
                return Settled(draft, as_quoted(first, draft.event), duplicate=True)
        key = draft.room.key
        head = self.heads.get(key)
        if head is None:  # a copy: the group may yet fail
            head = self.heads[key] = replace(self._before[key])
        head.seq += 1
        event = replace(draft.event, seq=head.seq)
        kind, text, extra = KINDS[type(event)].content(event)
        self.events.append(
            (
                head.room_id,
                event.seq,
                event.at,
                kind,
                draft.author,
                str(event.by),
                text,
                extra,
                None if nonce is None else draft.nonce,
            )
        )
        if nonce is not None:
            self._known[nonce] = event
        change = member_change(event)
        if change is not None:
            member = (head.room_id, change.user.key)
            row = (*member, str(change.user), draft.author)
            self.members[member] = row if change.present else None
        return Settled(draft, event)

    def _guests(self) -> StagedGuests:
        if self.guests is None:
            self.guests = StagedGuests()
        return self.guests


class StagedGuests:
    """What a group changes of the guests.

    First those go whose id or key is in ``replaced`` and those whose id and key are in
    ``forgotten``; then `rows` come. This is the same as one after another in the group's order.
    """

    def __init__(self) -> None:
        self.replaced: list[tuple[int, str]] = []
        self.forgotten: list[tuple[int, str]] = []
        self._kept: dict[int, Guest] = {}
        self._ids: dict[str, int] = {}

    def keep(self, guest: Guest) -> None:
        """``guest`` has the name now, and no other name."""
        key = guest.name.key
        self._drop(guest.id)
        self._drop(self._ids.get(key))
        self._kept[guest.id] = guest
        self._ids[key] = guest.id
        self.replaced.append((guest.id, key))

    def forget(self, guest: Guest) -> None:
        """``guest`` does not have the name any more."""
        key = guest.name.key
        if self._ids.get(key) == guest.id:
            self._drop(guest.id)
        self.forgotten.append((guest.id, key))

    def rows(self) -> list[tuple[object, ...]]:
        """Those who are there after the group and were kept by it."""
        return [
            (guest.id, guest.name.key, str(guest.name), guest.token_hash)
            for guest in self._kept.values()
        ]

    def _drop(self, id: int | None) -> None:
        if id is not None and id in self._kept:
            del self._ids[self._kept.pop(id).name.key]
