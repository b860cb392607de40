"""What a copy of the database holds, and whether it is sound: asked of the copy itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from hubbub.storage.backup.errors import BackupFailed
from hubbub.storage.backup.loghash import logs
from hubbub.storage.backup.manifest import RoomLog
from hubbub.storage.backup.stopping import Stop

_UNKNOWN = (
    "SELECT type FROM sqlite_schema "
    "WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
)
_TABLES = (
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' "
    "ORDER BY name"
)


class Facts(Struct, frozen=True):
    """What a database says of itself."""

    log_id: str
    schema: str
    rooms: list[RoomLog]
    rows: dict[str, int]


class Unsound(BackupFailed):
    """The database is damaged, or is not Hubbub's."""


def facts(path: Path, stop: Stop, check: Callable[[], None], *, quick: bool = False) -> Facts:
    """Looks through the whole database ``path``, which nobody writes. Raises `Unsound`, `Stopped`.

    ``check`` is called now and then; see `hubbub.storage.backup.pacing`. ``quick``: without a look
    at whether indexes fit their tables, which takes most of the time.
    """
    with _opened(path) as connection, stop.interrupting(connection):
        try:
            _check(connection, "quick_check" if quick else "integrity_check")
            return Facts(
                _one(connection, "SELECT value FROM meta WHERE key = 'log_id'"),
                _one(connection, "SELECT version_num FROM alembic_version"),
                list(logs(connection, check)),
                _rows(connection),
            )
        except sqlite3.OperationalError as error:
            stop.check()
            raise Unsound(f"it is not Hubbub's ({error})") from error
        except sqlite3.DatabaseError as error:
            raise Unsound(f"it is damaged ({error})") from error


def _check(connection: sqlite3.Connection, pragma: str) -> None:
    (found,) = connection.execute(f"PRAGMA {pragma}(1)").fetchone()
    if found != "ok":
        raise Unsound(f"it is damaged (SQLite says: {found})")
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise Unsound("it is damaged (a row refers to one that is not there)")
    # What runs by itself when a table is written is no part of our schema.
    unknown = connection.execute(_UNKNOWN).fetchone()
    if unknown is not None:
        raise Unsound(f"it is not as Hubbub makes them (it has a {unknown[0]} of its own)")


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    tables = [name for (name,) in connection.execute(_TABLES)]
    return {
        name: int(_one(connection, f'SELECT count(*) FROM "{name}"'))  # noqa: S608 - as it is there
        for name in tables
        if '"' not in name
    }


def _one(connection: sqlite3.Connection, query: str) -> str:
    found = connection.execute(query).fetchone()
    if found is None:
        raise Unsound("it is not Hubbub's")
    return str(found[0])


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        yield connection
    finally:
        connection.close()
