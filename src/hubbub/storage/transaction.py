"""Saves a group of entries in one transaction: all of them or, when it fails, none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ClauseElement, Dialect, bindparam, insert, null, select, text, update
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import number_of
from hubbub.domain.names import RoomName
from hubbub.hub.ports import Draft, Entry, ForgetRoom, MakeRoom, Settled
from hubbub.storage.bulk import Bulk, deletes, inserts
from hubbub.storage.engine import WritingConnection
from hubbub.storage.rows import event_of, summary_of
from hubbub.storage.schema import CONTENT, SUMMARY, WITH_STATE, events, guests, members, rooms
from hubbub.storage.staging import (
    FORGOTTEN,
    Nonce,
    Staged,
    StagedGuests,
    StagedRoom,
    is_forgotten,
    nonce_of,
)

FIND_ROOM = (
    select(rooms.c.id, *SUMMARY).select_from(WITH_STATE).where(rooms.c.key == bindparam("key"))
)
MAKE_ROOM = insert(rooms).values({c.name: bindparam(c.name) for c in rooms.c[1:]})
FORGET_MEMBERS = text("DELETE FROM members WHERE room_id = (SELECT id FROM rooms WHERE key = :key)")
FORGET_ROOM = text(f"UPDATE rooms SET key = '{FORGOTTEN}' || id WHERE key = :key")  # noqa: S608
FIND_GUEST = select(guests.c.user_id).where(guests.c.key == bindparam("key"))
FORGET_MARKERS = text(
    "DELETE FROM markers WHERE user_id = :user"
    " AND NOT EXISTS (SELECT 1 FROM guests WHERE guests.user_id = markers.user_id)"
)
# Who was forgotten meanwhile is not found, nor a room that was never saved.
KEEP_MARKER = text(
    "INSERT INTO markers (user_id, room_id, seq)"
    " SELECT users.id, rooms.id, :seq FROM users, rooms"
    " WHERE users.id = :user AND rooms.key = :room"
    " AND EXISTS (SELECT 1 FROM guests WHERE guests.user_id = users.id)"
    " ON CONFLICT (user_id, room_id) DO UPDATE SET seq = excluded.seq"
    " WHERE excluded.seq > markers.seq"
)
_THIS_NONCE = (
    events.c.author == bindparam("author"),
    events.c.nonce == bindparam("nonce"),
    events.c.nonce.is_not(None),  # as the index has it
)
FIND_NONCE = (
    select(rooms.c.key, *CONTENT).join(rooms, rooms.c.id == events.c.room_id).where(*_THIS_NONCE)
)
FORGET_NONCE = update(events).values(nonce=null()).where(*_THIS_NONCE)


class Transactions:
    """Commits groups, one after another, and remembers between them what is in the rooms' logs."""

    def __init__(self, connection: WritingConnection, dialect: Dialect) -> None:
        self._connection = connection
        self._rooms: dict[str, StagedRoom] = {}
        assert dialect.loaded_dbapi is not None
        self._integrity_error: type[Exception] = dialect.loaded_dbapi.IntegrityError

        # Compiled once, their placeholders in the order in which they are written above.
        def sql(statement: ClauseElement) -> str:
            return str(statement.compile(dialect=dialect))

        self._find_room = sql(FIND_ROOM)
        self._make_room = sql(MAKE_ROOM)
        self._find_nonce = sql(FIND_NONCE)
        self._forget_nonce = sql(FORGET_NONCE)
        self._forget_members = sql(FORGET_MEMBERS)
        self._forget_room = sql(FORGET_ROOM)
        self._keep_marker = sql(KEEP_MARKER)
        # The database gives the id. A column that is nearly always NULL was a tenth of an insert.
        self._add_events = Bulk(dialect, inserts(*events.c[1:-1]))
        self._add_amending = Bulk(dialect, inserts(*events.c[1:]))
        self._keep_states = Bulk(dialect, _keep_states)
        self._add_members = Bulk(dialect, inserts(*members.c))
        self._drop_members = Bulk(dialect, deletes(members.c.room_id, members.c.user_key))
        self._know_users = Bulk(dialect, _know_users)
        self._find_guest = sql(FIND_GUEST)
        self._add_guests = Bulk(dialect, inserts(*guests.c))
        self._replace_guests = Bulk(dialect, deletes(guests.c.key))
        self._forget_guests = Bulk(dialect, deletes(guests.c.key, guests.c.user_id))
        self._forget_markers = sql(FORGET_MARKERS)

    def commit(self, group: Sequence[Entry]) -> list[Settled]:
        """Saves ``group`` and returns the outcomes. When it raises, nothing was saved.

        Except when only the answer to the COMMIT was lost: so nothing is remembered then, and
        the next group reads what is there.
        """
        try:
            try:
                return self._commit_at_once(group) or self._attempt(group, look_up=False)
            except self._integrity_error:
                # Most likely something that is saved already was sent again. Hardly any group has
                # that, so that it costs less to let the insert find out than to look first.
                return self._attempt(group, look_up=True)
        except BaseException:
            self._rooms.clear()
            raise

    def _commit_at_once(self, group: Sequence[Entry]) -> list[Settled] | None:
        """Saves ``group`` if that takes a single statement; otherwise does nothing.

        A lone text does, or a few in rooms that were written to before. It is the one whom a quiet
        room waits for, and an eighth of its commit was the statements around it.
        """
        known: dict[str, StagedRoom] = {}
        for entry in group:
            if type(entry) is not Draft or (room := self._rooms.get(entry.room.key)) is None:
                return None
            known[entry.room.key] = room
        staged = Staged(known, {})
        staged.take(group)
        if staged.members or staged.states or staged.amends:
            return None
        statement = self._add_events.as_one(staged.events)
        if statement is None:
            return None
        self._connection.execute_alone(*statement)
        self._rooms.update(staged.rooms)
        return staged.settled

    def _attempt(self, group: Sequence[Entry], *, look_up: bool) -> list[Settled]:
        settled: list[Settled] = []
        known = self._rooms.copy() if any(isinstance(e, ForgetRoom) for e in group) else self._rooms
        found: dict[str, StagedRoom] = {}
        with self._connection as cursor:
            for part in _parts(group):
                if isinstance(part, ForgetRoom):
                    cursor.execute(self._forget_members, (part.room.key,))
                    cursor.execute(self._forget_room, (part.room.key,))
                    known.pop(part.room.key, None)
                    found.pop(part.room.key, None)
                    settled.append(Settled(part))
                    continue
                before = self._rooms_of(cursor, part, found, known)
                staged = Staged(before, self._known_nonces(cursor, part) if look_up else {})
                staged.take(part)
                self._write(cursor, staged)
                found.update(before)
                found.update(staged.rooms)
                settled += staged.settled
        self._rooms = known
        self._rooms.update(found)
        return settled

    def _write(self, cursor: DBAPICursor, staged: Staged) -> None:
        if staged.amends:
            rows = [(*row, staged.amends.get(at)) for at, row in enumerate(staged.events)]
            self._add_amending.run(cursor, rows)
        else:
            self._add_events.run(cursor, staged.events)
        if staged.states:
            self._keep_states.run(cursor, list(staged.states.values()))
        if staged.members:
            self._drop_members.run(cursor, list(staged.members))
            self._add_members.run(cursor, [row for row in staged.members.values() if row])
        if staged.users:
            self._know_users.run(cursor, list(staged.users.items()))
        if staged.guests is not None:
            self._write_guests(cursor, staged.guests)
        if staged.markers:
            cursor.executemany(self._keep_marker, staged.markers)

    def _write_guests(self, cursor: DBAPICursor, staged: StagedGuests) -> None:
        before: set[tuple[int]] = set()
        for key in staged.keys:
            cursor.execute(self._find_guest, (key,))
            before.update(cursor.fetchall())
        self._replace_guests.run(cursor, staged.replaced)
        self._forget_guests.run(cursor, staged.forgotten)
        self._add_guests.run(cursor, staged.rows())
        cursor.executemany(self._forget_markers, list(before))

    def _rooms_of(
        self, cursor: DBAPICursor, group: Sequence[Entry], *known: dict[str, StagedRoom]
    ) -> dict[str, StagedRoom]:
        """All rooms that ``group`` names, each from the first of ``known`` that has it.

        Makes the rooms that are not there.
        """
        named: dict[str, StagedRoom] = {}
        for entry in group:
            if isinstance(entry, (Draft, MakeRoom)) and (key := entry.room.key) not in named:
                room = next((rooms[key] for rooms in known if key in rooms), None)
                named[key] = room or self._find_or_make(cursor, entry.room)
        return named

    def _find_or_make(self, cursor: DBAPICursor, room: RoomName) -> StagedRoom:
        cursor.execute(self._find_room, (room.key,))
        found = cursor.fetchone()
        if found is None:
            cursor.execute(self._make_room, (room.key, str(room)))
            return self._find_or_make(cursor, room)
        id, *summary = found
        return StagedRoom(id, summary_of(*summary))

    def _known_nonces(self, cursor: DBAPICursor, group: Sequence[Entry]) -> dict[Nonce, AnyEvent]:
        """What is saved already of what ``group`` sends.

        What was saved in a room that was forgotten since is in no room, and may be said again.
        """
        known: dict[Nonce, AnyEvent] = {}
        for entry in group:
            nonce = nonce_of(entry) if isinstance(entry, Draft) else None
            if nonce is not None:
                author, called = nonce
                where = number_of(author), called
                cursor.execute(self._find_nonce, where)
                found = cursor.fetchone()
                if found is None:
                    continue
                room, *row = found
                if is_forgotten(room):
                    cursor.execute(self._forget_nonce, where)
                else:
                    known[nonce] = event_of(*row)
        return known


def _keep_states(size: int) -> ClauseElement:
    """Saves what is true of rooms now."""
    rows = ", ".join(f"(:room_id_{row}, :seq_{row}, :state_{row})" for row in range(size))
    return text(
        f"INSERT INTO room_state (room_id, seq, state) VALUES {rows}"  # noqa: S608
        " ON CONFLICT (room_id) DO UPDATE SET seq = excluded.seq, state = excluded.state"
    )


def _know_users(size: int) -> ClauseElement:
    """Takes users into their table, or the name that they have now."""
    rows = ", ".join(f"(:id_{row}, :name_{row})" for row in range(size))
    return text(
        f"INSERT INTO users (id, name) VALUES {rows}"  # noqa: S608
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE excluded.name <> users.name"
    )


def _parts(group: Sequence[Entry]) -> Iterator[Sequence[Entry] | ForgetRoom]:
    """``group`` in its order, cut where a room is forgotten: behind it the name means another."""
    start = 0
    for place, entry in enumerate(group):
        if isinstance(entry, ForgetRoom):
            if start < place:
                yield group[start:place]
            yield entry
            start = place + 1
    if start < len(group):
        yield group[start:] if start else group
