"""A copy of the database as it is at one moment, made while it is used.

By ``VACUUM INTO``, which reads one state of the database and writes its rows into a new file. So
nothing is in the copy but rows that are there: no free pages, and none of the bytes that a page
keeps of what was deleted or made shorter. (SQLite's backup API copies pages as they are.)
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hubbub import private
from hubbub.storage.backup.errors import BackupFailed, NoRoom
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.engine import BUSY_SECONDS
from hubbub.storage.errors import opening_error

MIB = 1024 * 1024
SPARE = 4 * MIB  # for files that are small, and what others write meanwhile


def take(database: Path, into: Path, stop: Stop) -> None:
    """Writes a copy of ``database`` to ``into``, which only this user can read.

    Raises `StorageError`, `OSError` and `Stopped`.
    """
    private.make_file(into)
    with _opened(database) as connection, stop.interrupting(connection):
        try:
            connection.execute("VACUUM INTO ?", (str(into),))
        except sqlite3.Error as error:
            if error.sqlite_errorname.startswith("SQLITE_FULL"):
                raise NoRoom(
                    f"No backup was made: the disk of {into.parent} is full. Make room there, "
                    "then try again."
                ) from error
            raise


def size(database: Path) -> int:
    """How many bytes a copy of ``database`` may take. Raises `StorageError`."""
    with _opened(database) as connection:
        pages, free, page_bytes = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * page_bytes)


def make_sure_of_room(folder: Path, needed: int, keep_free: int) -> None:
    """Raises `NoRoom` if ``needed`` bytes leave less than ``keep_free`` on the folder's disk."""
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE + keep_free:
        kept = f", of which {keep_free // MIB:,} MiB are to stay free" if keep_free else ""
        raise NoRoom(
            f"A backup needs up to {(needed + SPARE) // MIB:,} MiB on the disk of {folder}, and "
            f"there are {free // MIB:,} MiB{kept}. Make room there, then try again."
        )


@contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    # For writing, or SQLite could not read the log beside a database that no server has open.
    uri = f"{database.absolute().as_uri()}?mode=rw"
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS)
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        if not database.exists():
            raise BackupFailed(f"There is no database in {database.parent}.") from error
        raise opening_error(error, database) from error
