"""Turns the entries of a group into rows: gives the numbers, finds what was sent twice. No SQL."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.directory import is_directory
from hubbub.domain.errors import BadMessage, BadTicket, ChatError
from hubbub.domain.events import AccountClosed, AnyEvent, AuthorForgotten
from hubbub.domain.ids import UserId, number_of
from hubbub.domain.kinds import changes_members, is_message
from hubbub.domain.names import RoomName
from hubbub.domain.state import (
    NEVER_SO_LONG,
    ONLY_OWNER,
    USED_UP,
    Member,
    RoomSummary,
    change_members,
    member_changes,
)
from hubbub.hub.ports import Draft, Entry, Settled
from hubbub.storage.people import StagedPeople
from hubbub.storage.projection import as_quoted
from hubbub.storage.rows import KINDS, member_row, state_of

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
    the nonces in the group, as far as it was looked up. ``there``: which of those are members whom
    the group's events are about, by the rooms' ids and the keys of their names. ``amends``: that
    column of the rows in ``events``, by their places, where it is not NULL. ``forgotten``: whose
    names go, each with the room's id.

    What `hubbub.storage.room_rows.stands_apart` is none of these.
    """

    def __init__(
        self,
        rooms: dict[str, StagedRoom],
        known: dict[Nonce, AnyEvent],
        there: dict[int, dict[str, Member]],
    ) -> None:
        self._before = rooms
        self._known = known
        self._there = there
        self.rooms: dict[str, StagedRoom] = {}
        self.states: dict[int, tuple[object, ...]] = {}
        self.events: list[tuple[object, ...]] = []
        self.amends: dict[int, int] = {}
        self.members: dict[tuple[int, str], tuple[object, ...] | None] = {}
        self.forgotten: list[tuple[int, AuthorForgotten]] = []
        self.people: StagedPeople | None = None
        self.settled: list[Settled] = []

    def take(self, group: Iterable[Entry]) -> None:
        """Adds what the entries change, and their outcomes, in order."""
        for entry in group:
            if type(entry) is Draft:
                settled = self._draft(entry)
                self.settled.append(settled)
                if entry.also and settled.event is not None and not settled.duplicate:
                    for row in entry.also:
                        self._people().take(row)
            else:
                self._people().take(entry)
                self.settled.append(Settled(entry))

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
        message = is_message(draft.event)  # nearly all are, and none of the rest is about them
        if not message and (refused := _refusal(summary, draft)) is not None:
            return Settled(draft, error=refused)
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
        if not message and isinstance(event, AuthorForgotten):
            self.forgotten.append((room.id, event))
        if not message and changes_members(event):
            self._change_members(room.id, draft.room, event)
        return Settled(draft, event)

    def _change_members(self, room_id: int, room: RoomName, event: AnyEvent) -> None:
        directory = is_directory(room)
        there = self._there.setdefault(room_id, {})
        change_members(there, event, directory=directory)
        for user, by_id, present in member_changes(event, directory=directory):
            now = there.get(user.key)
            row = None if now is None else (room_id, user.key, *member_row(now))
            self.members[room_id, user.key] = row
            member = None if by_id is None else number_of(by_id)
            if member is None:
                continue
            if present:
                registered = event.at if directory else None
                self._people().enter(member, user, registered=registered)
            elif directory and isinstance(event, AccountClosed):
                self._people().close(member, emptied=event.emptied)

    def _people(self) -> StagedPeople:
        if self.people is None:
            self.people = StagedPeople()
        return self.people


def _refusal(summary: RoomSummary, draft: Draft) -> ChatError | None:
    """Why the room's state does not take the event any more, which was right when it was made."""
    if summary.is_used_up(draft.event):
        return BadTicket(USED_UP)
    if summary.is_last_owner_deposed(draft.event) and not draft.by_server:
        return BadMessage(ONLY_OWNER)
    if summary.is_trimmed_too_far(draft.event):
        return BadMessage(NEVER_SO_LONG)
    return None
