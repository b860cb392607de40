"""How this server talks to SQLite: one engine that writes and one that only reads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPICursor

Durability = Literal["full", "process"]
"""What a saved event survives. ``full``: a power cut. ``process``: ``kill -9`` of the server."""

BEGIN = "BEGIN IMMEDIATE"  # with the write lock from the first statement on

SYNCHRONOUS: dict[Durability, str] = {"full": "FULL", "process": "NORMAL"}
BUSY_SECONDS = 5.0  # for a person with the sqlite3 shell or a backup; servers exclude each other
CACHE_KIB = 8 * 1024  # pages kept by the writer: the ends of all indexes of a busy server
WAL_KEPT_BYTES = 64 * 1024 * 1024  # after a burst the log file beside the database shrinks to this


def writing_engine(path: Path, durability: Durability) -> Engine:
    """The engine of the one writer; makes the file. Its transactions hold the write lock."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS},
        hide_parameters=True,  # an error's text must not show what people said
        pool_size=1,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        # Transactions are begun here and not by sqlite3: SQLAlchemy's recipe for all versions.
        connection.isolation_level = None
        pragmas = [
            "journal_mode = WAL",
            f"synchronous = {SYNCHRONOUS[durability]}",
            "wal_autocheckpoint = 0",  # the writer chooses the moment
            f"journal_size_limit = {WAL_KEPT_BYTES}",
            f"cache_size = -{CACHE_KIB}",
            "foreign_keys = ON",
        ]
        if sys.platform == "darwin" and durability == "full":
            # On macOS fsync leaves the data in the disk's own cache.
            pragmas += ["fullfsync = ON", "checkpoint_fullfsync = ON"]
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(BEGIN)

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[DBAPICursor]:
    """A transaction of a writing engine, on the driver's own cursor.

    For statements that SQLAlchemy has compiled before: its own execution takes longer than
    SQLite does. Raises the driver's errors; what was not committed is then rolled back.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(BEGIN)
        yield cursor
        connection.commit()
    finally:
        connection.close()  # gives it back to the pool, which rolls back, or drops it if it cannot


def reading_engine(path: Path, connections: int) -> Engine:
    """An engine that cannot write. Each statement sees what is committed when it begins."""
    # A URI, because only there SQLite can be told to open without the right to write.
    uri = path.absolute().as_uri()
    return create_engine(
        URL.create("sqlite", database=uri, query={"mode": "ro", "uri": "true"}),
        connect_args={"timeout": BUSY_SECONDS},
        isolation_level="AUTOCOMMIT",
        pool_size=connections,
        max_overflow=0,
    )
