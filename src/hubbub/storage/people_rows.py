"""Writes what a group changes of guests, accounts, secrets, devices and markers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BindParameter, ClauseElement, Dialect, bindparam, func, select, text
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.hub.ports import MAX_DEVICES, MAX_READERS
from hubbub.storage.bulk import Bulk, deletes, inserts
from hubbub.storage.people import StagedDevices, StagedGuests, StagedPeople
from hubbub.storage.schema import devices, guests, secrets, users

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
KEEP_READER = text(
    "INSERT INTO readers (user_id, reader, room_id, seq, at)"
    " SELECT users.id, :reader, rooms.id, :seq, :at FROM users, rooms"
    " WHERE users.id = :user AND rooms.key = :room AND users.registered IS NOT NULL"
    " ON CONFLICT (user_id, reader, room_id) DO UPDATE SET seq = excluded.seq, at = excluded.at"
    " WHERE excluded.seq > readers.seq"
)
HAS_READER = text("SELECT 1 FROM readers WHERE user_id = :user AND reader = :reader LIMIT 1")
FORGET_OLD_READERS = text(
    "DELETE FROM readers WHERE user_id = :user AND reader NOT IN"  # noqa: S608
    " (SELECT kept.reader FROM readers AS kept WHERE kept.user_id = readers.user_id"
    " GROUP BY kept.reader ORDER BY max(kept.at) DESC, kept.reader DESC"
    f" LIMIT {MAX_READERS})"
)
FORGET_READERS = text("DELETE FROM readers WHERE user_id = :user")
FORGET_GUESTS = text("DELETE FROM guests WHERE user_id = :user")
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


class PeopleRows:
    """The statements for a `StagedPeople`, compiled once."""

    def __init__(self, dialect: Dialect) -> None:
        def sql(statement: ClauseElement) -> str:
            return str(statement.compile(dialect=dialect))

        self._keep_marker = sql(KEEP_MARKER)
        self._keep_reader = sql(KEEP_READER)
        self._has_reader = sql(HAS_READER)
        self._forget_old_readers = sql(FORGET_OLD_READERS)
        self._forget_readers = sql(FORGET_READERS)
        self._know_users = Bulk(dialect, _know_users)
        self._find_guests = Bulk(dialect, _find_guests)
        self._add_guests = Bulk(dialect, inserts(*guests.c))
        self._replace_guests = Bulk(dialect, deletes(guests.c.key))
        self._forget_guests = Bulk(dialect, deletes(guests.c.key, guests.c.user_id))
        self._forget_all_guests = sql(FORGET_GUESTS)
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

    def write(self, cursor: DBAPICursor, staged: StagedPeople) -> None:
        """Saves ``staged``. Accounts come first: who has one keeps markers without a token."""
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
            cursor.executemany(self._forget_readers, [(user,) for user in staged.closed])
        if staged.secrets:
            self._drop_secrets.run(cursor, list(staged.secrets))
            kept = [(*key, value) for key, value in staged.secrets.items() if value is not None]
            self._add_secrets.run(cursor, kept)
        if staged.devices is not None:
            self._write_devices(cursor, staged.devices)
        if staged.markers:
            cursor.executemany(self._keep_marker, staged.markers)
        if staged.readers:
            self._write_readers(cursor, staged.readers)

    def _write_readers(
        self, cursor: DBAPICursor, rows: Sequence[tuple[str, int, int, int, str]]
    ) -> None:
        new = set()
        for user, reader in sorted({(user, reader) for reader, _, _, user, _ in rows}):
            cursor.execute(self._has_reader, (user, reader))
            if cursor.fetchone() is None:
                new.add(user)
        cursor.executemany(self._keep_reader, sorted(rows))
        cursor.executemany(self._forget_old_readers, [(user,) for user in sorted(new)])

    def _write_guests(self, cursor: DBAPICursor, staged: StagedGuests) -> None:
        found = self._find_guests.find(cursor, [(key,) for key in sorted(staged.keys)])
        before: set[tuple[int]] = {tuple(row) for row in found}
        self._replace_guests.run(cursor, staged.replaced)
        self._forget_guests.run(cursor, staged.forgotten)
        cursor.executemany(self._forget_all_guests, [(user,) for user in staged.registered])
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
        cursor.executemany(self._see_device, staged.seen)


def _know_users(size: int) -> ClauseElement:
    """Takes users into their table, or the name that they have now."""
    rows = ", ".join(f"(:id_{row}, :name_{row})" for row in range(size))
    return text(
        f"INSERT INTO users (id, name) VALUES {rows}"  # noqa: S608
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE excluded.name <> users.name"
    )


def _find_guests(size: int) -> ClauseElement:
    """Whose names these are."""
    keys: list[BindParameter[str]] = [bindparam(f"key_{row}") for row in range(size)]
    return select(guests.c.user_id).where(guests.c.key.in_(keys))


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
