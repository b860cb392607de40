"""A PostgreSQL in which the logs are: whether it is ours, keeps what it says, and has no holes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg

from hubbub.admin.doctor.database import cure, differs
from hubbub.admin.doctor.findings import Finding, Level
from hubbub.admin.doctor.patient import Patient
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.rules import Role
from hubbub.storage.errors import DamagedRows, StorageError
from hubbub.storage.postgresql.address import Address, said_by
from hubbub.storage.rows import facts_of
from hubbub.storage.upgrade import HEAD

COUNT_SECONDS = 60  # for all events: of more than some ten millions they are not counted
MOST_TOLD = 5

DURABLE = ("fsync", "full_page_writes")
"""Settings of PostgreSQL without which what was acknowledged may be gone after a power cut."""

_HEADS = """
SELECT count(*) FROM rooms
WHERE head <> coalesce((SELECT max(seq) FROM events WHERE room_id = rooms.id), head)
"""
_HOLES = """
SELECT rooms.name, rooms.head, count(*), min(events.seq)
FROM events JOIN rooms ON rooms.id = events.room_id
GROUP BY rooms.id HAVING count(*) <> max(events.seq) - min(events.seq) + 1
ORDER BY rooms.id
"""
_STATE = """
SELECT state FROM room_state JOIN rooms ON rooms.id = room_state.room_id WHERE rooms.key = %s
"""
RESTORE = "Restore the newest backup of the database that is sound: docs/reliability.md"


def shared(patient: Patient) -> Iterator[Finding]:
    """Looks at the database in the setting ``database``."""
    try:
        with Address(patient.settings.database).connect(seconds=COUNT_SECONDS) as connection:
            yield from _look(patient, connection)
    except StorageError as error:
        yield _found(Level.ERROR, str(error), "See the setting database.")
    except psycopg.Error as error:
        said = f"It cannot be looked at: {said_by(error)}"
        yield _found(Level.ERROR, said, "Check that it runs.")


def rows_of(patient: Patient, statement: LiteralString) -> list[Any] | None:
    """What ``statement`` finds there; None if it cannot be asked, which `shared` tells."""
    try:
        with Address(patient.settings.database).connect(seconds=COUNT_SECONDS) as connection:
            return connection.execute(statement).fetchall()
    except (StorageError, psycopg.Error):
        return None


def _look(patient: Patient, connection: psycopg.Connection) -> Iterator[Finding]:
    version = connection.execute("SHOW server_version").fetchone()
    yield _found(Level.OK, f"It is PostgreSQL {version and version[0]}.")
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    schema = "" if found is None else str(found[0])
    if schema != HEAD:
        yield _found(Level.NOTE, differs(schema), cure(schema))
    for name in DURABLE:
        if connection.execute("SELECT current_setting(%s)", (name,)).fetchone() != ("on",):
            yield _found(
                Level.WARNING,
                f"{name} is off: a power cut may take away what was acknowledged.",
                f"Set {name} = on in postgresql.conf.",
            )
    names = connection.execute("SELECT current_setting('synchronous_standby_names')").fetchone()
    if names == ("",):
        yield _found(
            Level.NOTE,
            "It has no synchronous standby: what was acknowledged is on one computer alone.",
            "synchronous_standby_names, if that is not enough.",
        )
    patient.rest()
    yield from _owner(connection)
    yield from _logs(connection)


def _owner(connection: psycopg.Connection) -> Iterator[Finding]:
    found = connection.execute(_STATE, (DIRECTORY.key,)).fetchone()
    try:
        owned = found is not None and Role.OWNER in facts_of(found[0]).roles.values()
    except DamagedRows as error:
        yield _found(Level.ERROR, f"{error}.", RESTORE)
        return
    if owned:
        yield Finding(level=Level.OK, about="owner", said="Somebody owns this server.")
    else:
        cure = "hubbub admin owner NAME"
        yield Finding(
            level=Level.WARNING, about="owner", said="Nobody owns this server.", cure=cure
        )


def _logs(connection: psycopg.Connection) -> Iterator[Finding]:
    wrong = connection.execute(_HEADS).fetchone()
    bad = [] if wrong == (0,) else [f"{wrong and wrong[0]} of the rooms have another head"]
    try:
        holes = connection.execute(_HOLES).fetchmany(MOST_TOLD)
    except psycopg.errors.QueryCanceled:
        yield _found(Level.NOTE, f"To count all events takes more than {COUNT_SECONDS} s.")
        holes = []
    bad += [
        f"{name} has {count} events from {first} to {head}" for name, head, count, first in holes
    ]
    if bad:
        yield _found(Level.ERROR, f"Events are missing: {'; '.join(bad)}.", RESTORE)
    else:
        yield _found(Level.OK, "No event is missing.")


def _found(level: Level, said: str, cure: str = "") -> Finding:
    return Finding(level=level, about="database", said=said, cure=cure)
