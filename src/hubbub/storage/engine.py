"""How this server talks to SQLite: one engine that writes and one that only reads."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection

from hubbub.storage.opened import OpenFiles

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
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
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
            "secure_delete = ON",  # a secret that was deleted is in no free page
        ]
        if sys.platform == "darwin" and durability == "full":
            # On macOS fsync leaves the data in the disk's own cache.
            pragmas += ["fullfsync = ON", "checkpoint_fullfsync = ON"]
        try:
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()  # SQLAlchemy does not, and Python 3.13 warns of what is left open
            raise

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(BEGIN)

    return engine


@contextmanager
def references_unchecked(engine: Engine) -> Iterator[Connection]:
    """A transaction in which a table can be made anew that others refer to.

    Source: https://www.sqlite.org/lang_altertable.html, section 7.
    """
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")  # has no effect within a transaction
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA foreign_keys = ON")


class WritingConnection:
    """The connection of a writing engine, as the driver has it; ``with`` it is a transaction.

    For statements that SQLAlchemy has compiled before: its own execution takes longer than
    SQLite does. So does taking a connection from the pool for each of them, so this one is kept
    until something goes wrong. Raises the driver's errors; what was not committed is then
    rolled back. Does not wait for another program that is writing. For one thread at a time.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None
        self._commit: Callable[[], None]
        self._cursor: DBAPICursor

    def cursor(self) -> DBAPICursor:
        """The cursor, outside of any transaction."""
        if self._connection is None:
            self._connection = self._engine.raw_connection()
            self._cursor = self._connection.cursor()
            self._commit = self._connection.commit
            self._cursor.execute("PRAGMA busy_timeout = 0")
        return self._cursor

    def __enter__(self) -> DBAPICursor:
        cursor = self.cursor()
        try:
            cursor.execute(BEGIN)
        except BaseException:
            self.release()
            raise
        return cursor

    def __exit__(self, kind: object, *_: object) -> None:
        done = False
        try:
            if kind is None:
                self._commit()
                done = True
        finally:
            if not done:
                self.release()

    def execute_alone(self, sql: str, values: Sequence[object]) -> None:
        """One statement that is a transaction by itself."""
        cursor = self._cursor if self._connection is not None else self.cursor()
        try:
            cursor.execute(sql, values)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Gives it back to the pool, which rolls back, or drops it if it cannot."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._cursor.close()  # while one is open, so is the database
            connection.close()


def keep_to(files: OpenFiles, engine: Engine) -> None:
    """From now on ``engine`` opens nothing while ``files`` are lost: it would be another database.

    `OSError` is raised then.
    """

    @event.listens_for(engine, "connect", insert=True)  # before anything is written there
    def connected(connection: Any, _record: object) -> None:
        if lost := files.lost():
            connection.close()
            raise FileNotFoundError(errno.ENOENT, "It was removed or exchanged", str(lost))


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
