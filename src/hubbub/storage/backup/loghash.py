"""A hash over each log in a database, so that two copies of it can be compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256

from msgspec import msgpack

from hubbub.storage.backup.manifest import RoomLog

ROWS = 500  # hashed at a time, in a millisecond

_LOGS = "SELECT room_id, min(seq), max(seq), count(*) FROM events GROUP BY room_id ORDER BY room_id"
_PLACE = ("id", "room_id")  # where an event is; all other columns are what it is

_encode = msgpack.Encoder().encode


def logs(connection: sqlite3.Connection, check: Callable[[], None]) -> Iterator[RoomLog]:
    """The log of each room that has one. ``check`` is called now and then, and may raise."""
    for room, first, head, events in connection.execute(_LOGS).fetchall():
        yield RoomLog(room, first, head, events, log_of(connection, room, head, check))


def log_of(connection: sqlite3.Connection, room: int, upto: int, check: Callable[[], None]) -> str:
    """The hash over the events of the room with that row, up to ``upto``.

    Of each event all columns, in the order of their names, whatever the schema is: as an array in
    MessagePack (https://msgpack.org), in which a text is the bytes that the database has.
    """
    names = connection.execute("SELECT name FROM pragma_table_info('events')")
    columns = ", ".join(f'"{name}"' for name in hashed(name for (name,) in names.fetchall()))
    digest = sha256()
    with _as_bytes(connection):
        rows = connection.execute(
            f"SELECT {columns} FROM events WHERE room_id = ? AND seq <= ? ORDER BY seq",  # noqa: S608
            (room, upto),
        )
        while some := rows.fetchmany(ROWS):
            digest.update(b"".join(map(_encode, some)))
            check()
    return digest.hexdigest()


def hashed(columns: Iterable[str]) -> list[str]:
    """Those of the columns of ``events`` that are hashed, in their order."""
    return sorted(name for name in columns if name not in _PLACE)


@contextmanager
def _as_bytes(connection: sqlite3.Connection) -> Iterator[None]:
    """What is no UTF-8 is hashed, too: that a database is damaged is for others to find."""
    before = connection.text_factory
    connection.text_factory = bytes
    try:
        yield
    finally:
        connection.text_factory = before
