"""The SQLite file under a cache: its tables, how it is opened, and what a transaction is.

Not SQLAlchemy, which the server uses: this is one file of one engine with a few small tables, and a
client should be there as soon as it is called. The module in Python's library is loaded in 1 ms.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hubbub.client.cache.checkpoints import EVERY_BYTES

SCHEMA_VERSION = 3
"""Versions 1 and 2 had the same tables. From 2 on a room's events may have gaps in their numbers;
from 3 on messages have all that became of them, and a line may be a change of one."""
APPLICATION_ID = 0x48754263  # "HuBc": tells our files from other people's

BUSY_SECONDS = 5.0
"""For another client's transaction. It takes microseconds, or some more on a computer that is very
busy; if that client was stopped in the middle of it, we go on without the file."""

SCHEMA = """
CREATE TABLE server (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    log TEXT,           -- id of the server's database that all events here come from
    last_user TEXT,
    kinds TEXT NOT NULL -- of events that the last program here could read
);
CREATE TABLE tokens (user TEXT PRIMARY KEY, token TEXT NOT NULL);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: a lock file is named after it
    user TEXT,
    user_key TEXT,
    rooms TEXT NOT NULL,     -- those it was in, with the cursor of each: a JSON object of numbers,
                             -- or of the number and the time of the event: [12, 1690729205000]
    ended INTEGER NOT NULL,  -- 1 when it could write down its end
    used INTEGER NOT NULL    -- a count: the higher, the later
);
CREATE TABLE lines (
    run INTEGER NOT NULL, place INTEGER NOT NULL, nonce TEXT NOT NULL, line BLOB NOT NULL,
    PRIMARY KEY (run, place)
) WITHOUT ROWID;
CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE, -- where only members read: the user's id, a line end, the key
    name TEXT NOT NULL,
    first INTEGER NOT NULL, -- all that is to be shown from the first number to the last is in the
    last INTEGER NOT NULL,  -- next table
    at INTEGER NOT NULL     -- time of the newest event there
);
CREATE TABLE events (
    room INTEGER NOT NULL, seq INTEGER NOT NULL, event BLOB NOT NULL,
    PRIMARY KEY (room, seq)
) WITHOUT ROWID;
"""

# Added later, and unknown to versions before: so it is no other version of the file.
ADDED = """
CREATE TABLE IF NOT EXISTS drafts (
    user_key TEXT NOT NULL, room TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (user_key, room)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (
    user_key TEXT NOT NULL, room_key TEXT NOT NULL, name TEXT NOT NULL,
    seq INTEGER NOT NULL, -- of the event up to which the room was read
    at INTEGER,           -- the time of that event, if it is known
    PRIMARY KEY (user_key, room_key)
);
CREATE TABLE IF NOT EXISTS identities (
    user_key TEXT PRIMARY KEY,
    id TEXT NOT NULL,         -- whose name that was when it was used last
    account INTEGER NOT NULL  -- 1 if it was an account's
);
CREATE TABLE IF NOT EXISTS last_rooms (user_key TEXT PRIMARY KEY, name TEXT NOT NULL)
"""


class Newer(Exception):
    """The file was made by a later version of this program."""


class Foreign(sqlite3.DatabaseError):
    """The file is a database of something else."""


def open_memory(kinds: str) -> sqlite3.Connection:
    """A database that is gone when it is closed."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _make_tables(connection, kinds)
    _add_tables(connection)
    return connection


def open_file(path: Path, kinds: str) -> sqlite3.Connection:
    """The database at ``path``, a new one if it is empty.

    Raises `Newer`, or `sqlite3.Error` for what is no such database or cannot be written.
    """
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        _keep_a_log_beside(connection)
        with transaction(connection):
            _check(connection)
            if not _version(connection):
                _make_tables(connection, kinds)
            _add_tables(connection)
            if _version(connection) != SCHEMA_VERSION:
                # Of messages, files and reactions were left out: they are asked for again.
                connection.execute("DELETE FROM events")
                connection.execute("DELETE FROM rooms")
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; nobody else writes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")


def _keep_a_log_beside(connection: sqlite3.Connection) -> None:
    """SQLite's write-ahead log: a commit is one write, and nobody waits for readers.

    Nothing waits for the disk either (NORMAL): what is written survives the death of the program,
    while a power cut may take the last seconds. That is right for the lines that wait, too. Nobody
    was told that they are saved, and to be sure of each would cost the disk's milliseconds twice,
    for lines that mostly are with the server sooner.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:
            # Two who make the same file at once: SQLite does not wait here, whatever the timeout.
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.001)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")  # what somebody took away is in no free page
    # `checkpoints` moves it to the file, out of the way.
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute(f"PRAGMA journal_size_limit = {EVERY_BYTES}")


def _check(connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION_ID:
        raise Foreign("it is a database of another program")
    if _version(connection) > SCHEMA_VERSION:
        raise Newer


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _add_tables(connection: sqlite3.Connection) -> None:
    for statement in ADDED.split(";"):
        connection.execute(statement)


def _make_tables(connection: sqlite3.Connection, kinds: str) -> None:
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute("INSERT INTO server VALUES (1, NULL, NULL, ?)", (kinds,))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
