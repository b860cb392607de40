"""Saves groups in a database that others write to at the same time: under locks, in one order.

A room's row is locked before anything is read that decides: so its numbers have no holes, and what
is decided by what a room's events add up to is decided once. Locks are taken in the order of the
rooms' ids, all at the beginning; what is locked otherwise all the same (a room that is new, a
nonce) may end in a deadlock, which the database finds, and then the group is tried again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

from msgspec.structs import replace
from sqlalchemy import BigInteger, Column, Dialect, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import FORMER_MEMBER
from hubbub.domain.kinds import is_message
from hubbub.domain.lookalikes import keys_like
from hubbub.domain.names import RoomName
from hubbub.domain.queues import queue_of
from hubbub.hub.ports import (
    Attend,
    ClaimName,
    Depart,
    Draft,
    Entry,
    ForgetRoom,
    FreeName,
    KeepSecret,
    MakeRoom,
    NameRoom,
    Settled,
    TakeName,
    Trim,
    WhileThere,
)
from hubbub.storage.errors import is_connection_lost
from hubbub.storage.file_rows import may_drop
from hubbub.storage.forgetting import Forgetting
from hubbub.storage.postgresql.connection import SharedConnection
from hubbub.storage.postgresql.findable import TERMS, VECTOR, FindableEvents, with_terms
from hubbub.storage.postgresql.unnested import array_of, columns_of, unnest
from hubbub.storage.redacting import Redacting
from hubbub.storage.rows import summary_of
from hubbub.storage.schema import SUMMARY, WITH_STATE, events, rooms
from hubbub.storage.search.vectors import by_another, terms_of_row
from hubbub.storage.staging import Nonce, Staged, StagedRoom, nonce_of
from hubbub.storage.transaction import Transactions

ATTEMPTS = 5  # for a group in which somebody else was quicker with a nonce, a name, a new room

LOCK = (
    select(rooms.c.key, rooms.c.id, rooms.c.head)
    .where(text("rooms.key = ANY(CAST(:keys AS text[]))"))
    .order_by(rooms.c.id)
    .with_for_update(key_share=True)
)
FIND_STATES = (
    select(rooms.c.key, rooms.c.id, *SUMMARY)
    .select_from(WITH_STATE)
    .where(text("rooms.id = ANY(CAST(:ids AS bigint[]))"))
)
MAKE_ROOM = (
    insert(rooms)
    .values(key=bindparam("key"), name=bindparam("name"))
    .on_conflict_do_nothing(index_elements=[rooms.c.key])
    .inline()
)
ADVANCE = text(
    "UPDATE rooms SET head = moved.head"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:heads AS bigint[])) AS moved(id, head)"
    " WHERE rooms.id = moved.id"
)
_PLACE = (events.c.room_id, Column("place", BigInteger))
_SAID = events.c[3:-1]  # what of an event is not its place
_NAMES = ", ".join(f'"{column.name}"' for column in _SAID)


# The lock, the numbers and the texts at once. Waiting for the lock, the UPDATE reads the row anew.
def _saying(alive: str = "") -> str:
    return (
        f"room AS (UPDATE rooms SET head = head + :count{alive} WHERE rooms.id = :id"  # noqa: S608
        " AND rooms.key = :key RETURNING rooms.id, rooms.head), said AS ("
        f"INSERT INTO events (room_id, seq, {_NAMES}, terms)"
        f" SELECT room.id, room.head - :count + said.place, {_NAMES}, {VECTOR}"
        f" FROM room, {unnest((*_SAID, TERMS))} WITH ORDINALITY AS said({_NAMES}, terms, place))"
        " SELECT head FROM room"
    )


SAY = text(f"WITH {_saying()}")
# Who takes over deletes the node's row, and waits for this, or this for it.
_ALIVE = (
    "alive AS MATERIALIZED (SELECT id FROM nodes WHERE id = :node"
    " AND until > CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint) FOR KEY SHARE)"
)
SAY_FENCED = text(f"WITH {_ALIVE}, {_saying(alive=' FROM alive')}")


# The same for several rooms, which are locked in the order of their ids: all of it or nothing.
def _saying_in(alive: str = "") -> str:
    return (
        "named AS (SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:keys AS text[]),"  # noqa: S608
        " CAST(:counts AS bigint[])) AS named(id, key, count)),"
        " locked AS MATERIALIZED (SELECT id, key, head FROM rooms"
        " WHERE id = ANY(CAST(:ids_again AS bigint[])) ORDER BY id FOR NO KEY UPDATE),"
        " room AS MATERIALIZED (SELECT locked.id, head, count FROM locked"
        " JOIN named ON named.id = locked.id AND named.key = locked.key),"
        f" whole AS MATERIALIZED (SELECT 1 FROM room{alive} HAVING count(*) = :count),"
        " moved AS (UPDATE rooms SET head = room.head + room.count FROM room, whole"
        " WHERE rooms.id = room.id),"
        f" said AS (INSERT INTO events (room_id, seq, {_NAMES}, terms)"
        f" SELECT room.id, room.head + said.place, {_NAMES}, {VECTOR} FROM room, whole,"
        f" {unnest((*_PLACE, *_SAID, TERMS))} AS said(room_id, place, {_NAMES}, terms)"
        " WHERE said.room_id = room.id)"
        " SELECT room.id, room.head FROM room, whole"
    )


SAY_IN = text(f"WITH {_saying_in()}")
SAY_IN_FENCED = text(f"WITH {_ALIVE}, {_saying_in(alive=', alive')}")
FIND_EDITED = text(
    'SELECT events.id, room_id, seq, kind, "by" FROM events JOIN'
    " unnest(CAST(:rooms AS bigint[]), CAST(:seqs AS bigint[])) AS edited(room, target)"
    " ON room_id = edited.room AND seq = edited.target"
)
FIND_ANEW = text("UPDATE events SET terms = CAST(:terms AS tsvector) WHERE id = :id")
LOCK_NAMES = text(
    "SELECT pg_advisory_xact_lock(CAST(:kind AS integer), number)"
    " FROM unnest(CAST(:numbers AS integer[])) WITH ORDINALITY AS sorted(number, place)"
    " ORDER BY place"
)
ALL_FILES = " files"  # as no key of a name begins
NAME_LOCK = 0x6E_61_6D_65  # "name": of locks by whose key of a name somebody decides


class SharedTransactions(Transactions):
    """As its base, where others write to the same rooms."""

    def __init__(self, connection: SharedConnection, dialect: Dialect) -> None:
        super().__init__(connection, dialect, overwrites=False)
        self._shared = connection

        def sql(statement: object) -> str:
            return str(statement.compile(dialect=dialect))  # type: ignore[attr-defined]

        self._lock_rooms = sql(LOCK)
        self._find_states = sql(FIND_STATES)
        self._make_room = sql(MAKE_ROOM)
        self._advance = sql(ADVANCE)
        self._say = sql(SAY)
        self._say_fenced = sql(SAY_FENCED)
        self._say_in = sql(SAY_IN)
        self._say_in_fenced = sql(SAY_IN_FENCED)
        self._lease: Callable[[], Any] | None = None
        self._lock_names = sql(LOCK_NAMES)
        self._add_events = FindableEvents(dialect, *events.c[1:-1])
        self._add_amending = FindableEvents(dialect, *events.c[1:])
        self._forgetting = Forgetting(
            dialect,
            overwrites=False,
            renamed=f", terms = {by_another(FORMER_MEMBER)}",
            emptied=", terms = NULL",
        )
        self._redacting = Redacting(dialect, overwrites=False, emptied=", terms = NULL")
        self._find_edited = sql(FIND_EDITED)
        self._find_anew = sql(FIND_ANEW)

    def commit(self, group: Sequence[Entry]) -> list[Settled]:
        """As that of the base; what was sent again is looked for when an attempt has failed."""
        look_up = False
        for left in reversed(range(ATTEMPTS)):
            try:
                at_once = None if look_up else self._commit_at_once(group)
                return at_once or self._attempt(group, look_up=look_up)
            except BaseException as error:
                self._forget_known()
                again = isinstance(error, self._integrity_error) or (
                    is_connection_lost(error) and self._may_repeat(group)
                )
                if not again or not left:
                    raise
                look_up = True
        raise AssertionError  # the last attempt returns or raises

    def _may_repeat(self, group: Sequence[Entry]) -> bool:
        """Whether nothing of ``group`` is there twice if it was saved, and is saved again."""
        if not self._shared.uncertain:
            return True
        return all(not isinstance(entry, Draft) or nonce_of(entry) for entry in group)

    def _commit_at_once(self, group: Sequence[Entry]) -> list[Settled] | None:
        """Saves texts with a single statement, if their rooms are known; else does nothing.

        A message is decided by nothing that others may have changed but the room's name, once
        anything was said there. So its number is what the database gives.
        """
        known: dict[str, StagedRoom] = {}
        for entry in group:
            if type(entry) is not Draft or (room := self._rooms.get(entry.room.key)) is None:
                return None
            if entry.also or not is_message(entry.event) or room.summary.facts.silent:
                return None
            known[entry.room.key] = room
        staged = Staged(known, {}, {})
        staged.take(group)
        if staged.amends or not staged.events:
            return None
        before = self._said(staged)
        if before is None:
            return None  # a room has another name by now, or the lease is over
        moved: dict[int, int] = {}
        for key, room in staged.rooms.items():
            by = before.get(room.id, known[key].summary.head) - known[key].summary.head
            if by:
                # Others have written there, too: what is remembered is too old for all but this.
                moved[room.id] = by
            else:
                self._rooms[key] = room
        return _moved(staged.settled, moved) if moved else staged.settled

    def _said(self, staged: Staged) -> Mapping[int, int] | None:
        """Saves texts, if all their rooms are there; up to where those were, by their ids."""
        fence = () if self._node is None else (self._node,)
        rows = with_terms(staged.events)
        if len(staged.rooms) == 1:
            ((key, room),) = staged.rooms.items()
            count = len(rows)
            columns = columns_of([row[2:] for row in rows], len(_SAID) + 1)
            found = self._shared.execute_alone(
                self._say_fenced if fence else self._say,
                (*fence, count, room.id, key, count, *columns),
            )
            return {room.id: found[0][0] - count} if found else None
        counts: Counter[object] = Counter()
        numbered = []
        for room_id, _, *content in rows:
            counts[room_id] += 1
            numbered.append((room_id, counts[room_id], *content))
        named = [
            (one.id, key, counts[one.id]) for key, one in staged.rooms.items() if counts[one.id]
        ]
        ids, keys, sizes = columns_of(named, 3)
        found = self._shared.execute_alone(
            self._say_in_fenced if fence else self._say_in,
            (*fence, ids, keys, sizes, ids, len(named), *columns_of(numbered, len(_SAID) + 3)),
        )
        return dict(found) or None

    def _attempt(self, group: Sequence[Entry], *, look_up: bool) -> list[Settled]:
        keys = sorted({name.key for entry in group for name in _named(entry)})
        with self._connection as cursor:
            if self._node is not None:  # with the locks: that is one round trip
                self._lease = self._shared.ask(*self._nodes.asking(self._node))
            found = self._locked(cursor, keys)
            if DIRECTORY.key in keys and DIRECTORY.key not in found:
                # Names are looked up in it before it is written to, so there has to be its lock.
                cursor.execute(self._make_room, (DIRECTORY.key, str(DIRECTORY)))
                found.update(self._locked(cursor, [DIRECTORY.key]))
            numbers = sorted({crc32(key.encode()) - 2**31 for key in _decided(group)})
            if numbers:
                cursor.execute(self._lock_names, (NAME_LOCK, array_of(numbers)))
            settled = self._save_parts(cursor, group, found, look_up=look_up)
        self._rooms.update(found)
        return settled

    def _locked(self, cursor: DBAPICursor, keys: Sequence[str]) -> dict[str, StagedRoom]:
        """Those of the rooms that there are, as they are until this transaction is over."""
        found: dict[str, StagedRoom] = {}
        if not keys:
            return found
        cursor.execute(self._lock_rooms, (array_of(keys),))
        changed: list[int] = []
        for key, id, head in cursor.fetchall():
            known = self._rooms.get(key)
            if known is not None and known.id == id and known.summary.head == head:
                found[key] = known
            else:
                changed.append(id)
        if changed and self._reacted:  # others may have reacted
            stale = [target for target in self._reacted if target[0] in changed]
            for target in stale:
                del self._reacted[target]
        if changed:  # the first statement has seen what was saved before it had to wait
            cursor.execute(self._find_states, (array_of(changed),))
            for key, id, *summary in cursor.fetchall():
                found[key] = StagedRoom(id, summary_of(*summary))
        for key in keys:
            if key not in found:
                self._rooms.pop(key, None)
        return found

    def _asked(self, cursor: DBAPICursor, node: str) -> Any:
        assert self._lease is not None
        return self._lease()

    def _find(self, cursor: DBAPICursor, key: str) -> StagedRoom | None:
        return self._locked(cursor, [key]).get(key)

    def _write(self, cursor: DBAPICursor, staged: Staged) -> None:
        super()._write(cursor, staged)
        self._find_by_new_texts(cursor, staged)
        moved = [(room.id, room.summary.head) for room in staged.rooms.values()]
        if moved:
            cursor.execute(self._advance, columns_of(moved, 2))

    def _find_by_new_texts(self, cursor: DBAPICursor, staged: Staged) -> None:
        """Messages that were edited are found by what they say now."""
        edited = [one for one in staged.edited if one not in staged.redacted]
        if not edited:
            return
        cursor.execute(self._find_edited, columns_of(edited, 2))
        for id, room, seq, kind, by in cursor.fetchall():
            terms = terms_of_row(room, kind, by, staged.edited[room, seq])
            cursor.execute(self._find_anew, (terms, id))


def _moved(settled: Sequence[Settled], moved: Mapping[int, int]) -> list[Settled]:
    """The outcomes with the numbers that the database gave, by so many higher in each room."""
    seqs: dict[Nonce | None, int] = {}
    found = []
    for one in settled:
        if one.event is not None and type(one.entry) is Draft:
            nonce = nonce_of(one.entry)
            if not one.duplicate:  # else it is the number of the first one, in whichever room
                seqs[nonce] = one.event.seq + moved.get(one.room_id or 0, 0)
            one = replace(one, event=replace(one.event, seq=seqs[nonce]))  # noqa: PLW2901
        found.append(one)
    return found


def _named(entry: Entry) -> Iterator[RoomName]:
    """The rooms whose rows decide about ``entry``, or are changed by it."""
    if isinstance(entry, (Draft, MakeRoom, Trim, Attend, Depart, WhileThere)):
        yield entry.room
    if isinstance(entry, Draft):
        for row in entry.also:
            yield from _named(row)
    elif isinstance(entry, ForgetRoom):
        yield from (entry.room, queue_of(entry.room))
    elif isinstance(entry, NameRoom):
        yield from (entry.room, entry.name, queue_of(entry.room), queue_of(entry.name))
    elif isinstance(entry, KeepSecret) and isinstance(entry.owner, RoomName):
        yield entry.owner


def _decided(group: Sequence[Entry]) -> Iterator[str]:
    """The keys of names of which ``group`` decides whose they are; and what stands for all files,
    where it decides which blobs are needed.
    """
    if any(map(may_drop, group)):
        yield ALL_FILES
    for entry in group:
        if isinstance(entry, (ClaimName, FreeName, TakeName)):
            yield from keys_like(entry.name.key)
        elif isinstance(entry, Draft) and entry.also:
            yield from _decided(entry.also)
