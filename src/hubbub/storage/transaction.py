"""Saves a group of entries in one transaction: all of them or, when it fails, none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ClauseElement, Dialect, bindparam, func, insert, null, select, text, update
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import NameTaken
from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import number_of
from hubbub.domain.names import RoomName
from hubbub.hub.ports import (
    MAX_DEVICES,
    Draft,
    Entry,
    ForgetRoom,
    KeepSecret,
    MakeRoom,
    NameRoom,
    SecretKind,
    Settled,
    TakeName,
)
from hubbub.storage.bulk import Bulk, deletes, inserts
from hubbub.storage.engine import WritingConnection
from hubbub.storage.rows import event_of, summary_of
from hubbub.storage.schema import (
    CONTENT,
    SUMMARY,
    WITH_STATE,
    devices,
    events,
    guests,
    members,
    rooms,
    secrets,
    users,
)
from hubbub.storage.staging import (
    FORGOTTEN,
    Nonce,
    Staged,
    StagedDevices,
    StagedGuests,
    StagedRoom,
    is_forgotten,
    nonce_of,
    stands_apart,
)

FIND_ROOM = (
    select(rooms.c.id, *SUMMARY).select_from(WITH_STATE).where(rooms.c.key == bindparam("key"))
)
MAKE_ROOM = insert(rooms).values({c.name: bindparam(c.name) for c in rooms.c[1:]})
ROOM_SECRET = SecretKind.ROOM.value
FORGET_MEMBERS = text("DELETE FROM members WHERE room_id = (SELECT id FROM rooms WHERE key = :key)")
FORGET_ROOM_SECRET = text(
    f"DELETE FROM secrets WHERE kind = '{ROOM_SECRET}'"  # noqa: S608
    " AND owner = (SELECT id FROM rooms WHERE key = :key)"
)
KEEP_ROOM_SECRET = text(
    "INSERT INTO secrets (kind, owner, value)"  # noqa: S608
    f" SELECT '{ROOM_SECRET}', id, :value FROM rooms WHERE key = :key"
)
FORGET_ROOM = text(f"UPDATE rooms SET key = '{FORGOTTEN}' || id WHERE key = :key")  # noqa: S608
NAME_ROOM = text("UPDATE rooms SET key = :new, name = :name WHERE key = :key")
FIND_GUEST = select(guests.c.user_id).where(guests.c.key == bindparam("key"))
# Who can come back has a guest's token, or an account.
FORGET_MARKERS = text(
    "DELETE FROM markers WHERE user_id = :user"
    " AND NOT EXISTS (SELECT 1 FROM guests WHERE guests.user_id = markers.user_id)"
    " AND NOT EXISTS (SELECT 1 FROM users"
    " WHERE users.id = markers.user_id AND registered IS NOT NULL)"
)
# Who was forgotten meanwhile is not found, nor a room that was never saved.
KEEP_MARKER = text(
    "INSERT INTO markers (user_id, room_id, seq)"
    " SELECT users.id, rooms.id, :seq FROM users, rooms"
    " WHERE users.id = :user AND rooms.key = :room"
    " AND (users.registered IS NOT NULL"
    " OR EXISTS (SELECT 1 FROM guests WHERE guests.user_id = users.id))"
    " ON CONFLICT (user_id, room_id) DO UPDATE SET seq = excluded.seq"
    " WHERE excluded.seq > markers.seq"
)
REGISTER = text("UPDATE users SET registered = coalesce(registered, :at) WHERE id = :user")
CLOSE_ACCOUNT = text("UPDATE users SET registered = NULL WHERE id = :user")
FORGET_OTHER_DEVICES = text("DELETE FROM devices WHERE user_id = :user AND id <> :but")
FORGET_OLD_DEVICES = text(
    "DELETE FROM devices WHERE user_id = :user AND id NOT IN"  # noqa: S608
    " (SELECT kept.id FROM devices AS kept WHERE kept.user_id = devices.user_id"
    f" ORDER BY kept.seen DESC, kept.id DESC LIMIT {MAX_DEVICES})"
)
SEE_DEVICE = text(
    "UPDATE devices SET seen = :seen WHERE user_id = :user AND id = :device AND seen < :at"
)
FIND_ACCOUNT = (
    select(members.c.author)
    .join(rooms, rooms.c.id == members.c.room_id)
    .where(rooms.c.key == DIRECTORY.key, members.c.user_key == bindparam("key"))
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
        self._forget_room_secret = sql(FORGET_ROOM_SECRET)
        self._keep_room_secret = sql(KEEP_ROOM_SECRET)
        self._forget_room = sql(FORGET_ROOM)
        self._name_room = sql(NAME_ROOM)
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
        self._register = sql(REGISTER)
        self._close_account = sql(CLOSE_ACCOUNT)
        self._add_secrets = Bulk(dialect, inserts(*secrets.c))
        self._drop_secrets = Bulk(dialect, deletes(secrets.c.kind, secrets.c.owner))
        self._have_accounts = Bulk(dialect, _have_accounts)
        self._keep_devices = Bulk(dialect, _keep_devices)
        self._forget_devices = Bulk(dialect, deletes(devices.c.user_id, devices.c.id))
        self._forget_other_devices = sql(FORGET_OTHER_DEVICES)
        self._have_many_devices = Bulk(dialect, _have_many_devices)
        self._forget_old_devices = sql(FORGET_OLD_DEVICES)
        self._see_device = sql(SEE_DEVICE)
        self._find_account = sql(FIND_ACCOUNT)

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
            if entry.also:
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
        apart = _apart(group)
        known = self._rooms.copy() if apart else self._rooms
        found: dict[str, StagedRoom] = {}
        with self._connection as cursor:
            for part in _parts(group, apart):
                if isinstance(part, Sequence):
                    settled += self._save(cursor, part, found, known, look_up=look_up)
                else:
                    settled.append(self._save_apart(cursor, part, found, known))
        self._rooms = known
        self._rooms.update(found)
        return settled

    def _save(
        self,
        cursor: DBAPICursor,
        part: Sequence[Entry],
        found: dict[str, StagedRoom],
        known: dict[str, StagedRoom],
        *,
        look_up: bool,
    ) -> list[Settled]:
        nonces = self._known_nonces(cursor, part) if look_up else {}
        before = self._rooms_of(cursor, part, nonces, found, known)
        staged = Staged(before, nonces)
        staged.take(part)
        self._write(cursor, staged)
        found.update(before)
        found.update(staged.rooms)
        return staged.settled

    def _save_apart(
        self,
        cursor: DBAPICursor,
        entry: Entry,
        found: dict[str, StagedRoom],
        known: dict[str, StagedRoom],
    ) -> Settled:
        """Saves what `stands_apart`, or refuses it alone: then nothing of it is saved."""
        before = found.copy(), known.copy()
        cursor.execute("SAVEPOINT apart")
        settled = Settled(entry)
        try:
            rows: Sequence[Entry] = (entry,)
            if isinstance(entry, Draft):
                self._check_names(cursor, entry)
                # Looked up: the name that it gives is the room's already when it comes again.
                (settled,) = self._save(cursor, rows, found, known, look_up=True)
                rows = () if settled.duplicate else entry.also
            for row in rows:
                self._change_room(cursor, row, found, known)
        except NameTaken as error:
            cursor.execute("ROLLBACK TO SAVEPOINT apart")
            for rooms, as_before in zip((found, known), before, strict=True):
                rooms.clear()
                rooms.update(as_before)
            settled = Settled(entry, error=error)
        cursor.execute("RELEASE SAVEPOINT apart")
        return settled

    def _check_names(self, cursor: DBAPICursor, draft: Draft) -> None:
        """Raises `NameTaken` if the draft gives somebody the name of another account."""
        for row in draft.also:
            if isinstance(row, TakeName):
                cursor.execute(self._find_account, (DIRECTORY.key, row.name.key))
                found = cursor.fetchone()
                if found is not None and found[0] != number_of(row.user):
                    raise NameTaken(f'The name "{row.name}" belongs to an account by now.')

    def _change_room(
        self,
        cursor: DBAPICursor,
        row: Entry,
        *known: dict[str, StagedRoom],
    ) -> None:
        """Raises `NameTaken`. Leaves alone what does not stand apart: `_write` has done it."""
        if isinstance(row, ForgetRoom):
            key = (row.room.key,)
            for statement in (self._forget_members, self._forget_room_secret, self._forget_room):
                cursor.execute(statement, key)
            for rooms in known:
                rooms.pop(row.room.key, None)
        elif isinstance(row, NameRoom):
            former, new = row.room.key, row.name.key
            if new != former:
                cursor.execute(self._find_room, (new,))
                if cursor.fetchone() is not None:
                    raise NameTaken(f'There is a room called "{row.name}" already.')
            cursor.execute(self._name_room, (new, str(row.name), former))
            for rooms in known:
                if former in rooms:
                    rooms[new] = rooms.pop(former)
        elif isinstance(row, KeepSecret) and isinstance(row.owner, RoomName):
            cursor.execute(self._forget_room_secret, (row.owner.key,))
            if row.value is not None:
                cursor.execute(self._keep_room_secret, (row.value, row.owner.key))

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
        if staged.closed:
            cursor.executemany(self._close_account, [(user,) for user in staged.closed])
        if staged.accounts:
            rows = [(at, user) for user, at in staged.accounts.items()]
            cursor.executemany(self._register, rows)
        if staged.guests is not None:
            self._write_guests(cursor, staged.guests)
        if staged.closed:
            cursor.executemany(self._forget_markers, [(user,) for user in staged.closed])
        if staged.secrets:
            self._drop_secrets.run(cursor, list(staged.secrets))
            kept = [(*key, value) for key, value in staged.secrets.items() if value is not None]
            self._add_secrets.run(cursor, kept)
        if staged.devices is not None:
            self._write_devices(cursor, staged.devices)
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

    def _write_devices(self, cursor: DBAPICursor, staged: StagedDevices) -> None:
        self._forget_devices.run(cursor, staged.only)
        cursor.executemany(self._forget_other_devices, staged.others)
        users = staged.users
        accounts = {user for (user,) in self._have_accounts.find(cursor, users)}
        self._keep_devices.run(cursor, [row for row in staged.rows() if row[1] in accounts])
        for (user,) in self._have_many_devices.find(cursor, users):
            cursor.execute(self._forget_old_devices, (user,))
        if staged.seen:
            cursor.executemany(self._see_device, staged.seen)

    def _rooms_of(
        self,
        cursor: DBAPICursor,
        group: Sequence[Entry],
        nonces: Mapping[Nonce, AnyEvent],
        *known: dict[str, StagedRoom],
    ) -> dict[str, StagedRoom]:
        """All rooms that ``group`` names, each from the first of ``known`` that has it.

        Makes the rooms that are not there; not for what is in the log already, by its nonce, maybe
        since before the room had another name.
        """
        named: dict[str, StagedRoom] = {}
        for entry in group:
            if isinstance(entry, (Draft, MakeRoom)) and (key := entry.room.key) not in named:
                if nonces and isinstance(entry, Draft) and nonce_of(entry) in nonces:
                    continue
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


def _keep_devices(size: int) -> ClauseElement:
    """Saves devices, or what is new of them."""
    names = [column.name for column in devices.c]
    rows = ", ".join(f"({', '.join(f':{name}_{row}' for name in names)})" for row in range(size))
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    return text(
        f"INSERT INTO devices ({', '.join(names)}) VALUES {rows}"  # noqa: S608
        f" ON CONFLICT (id) DO UPDATE SET {changes}"
    )


def _have_accounts(size: int) -> ClauseElement:
    """Which of the users have an account."""
    return select(users.c.id).where(
        users.c.id.in_([bindparam(f"id_{row}") for row in range(size)]),
        users.c.registered.is_not(None),
    )


def _have_many_devices(size: int) -> ClauseElement:
    """Which of the users have more devices than are kept."""
    return (
        select(devices.c.user_id)
        .where(devices.c.user_id.in_([bindparam(f"id_{row}") for row in range(size)]))
        .group_by(devices.c.user_id)
        .having(func.count() > text(str(MAX_DEVICES)))
    )


def _apart(group: Sequence[Entry]) -> list[int]:
    """The places of what `stands_apart`."""
    return [
        place
        for place, entry in enumerate(group)
        if (type(entry) is not Draft or entry.also) and stands_apart(entry)
    ]


def _parts(group: Sequence[Entry], apart: Sequence[int]) -> Iterator[Sequence[Entry] | Entry]:
    """``group`` in its order, cut around the places ``apart``."""
    start = 0
    for place in apart:
        if start < place:
            yield group[start:place]
        yield group[place]
        start = place + 1
    if start < len(group):
        yield group[start:] if start else group
