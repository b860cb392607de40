"""The database: whether SQLite finds it sound, and the schema is that of this version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from hubbub.admin.doctor.findings import Finding, Level
from hubbub.admin.doctor.patient import Patient
from hubbub.storage.upgrade import HEAD

MOST_TOLD = 5  # lines of SQLite's, of which there may be thousands

RESTORE = (
    "Stop the server, keep a copy of the folder, and restore the newest backup that is sound: "
    "hubbub admin restore FILE. docs/reliability.md tells what else can be done."
)


def database(patient: Patient) -> Iterator[Finding]:
    """Raises `hubbub.admin.doctor.patient.TimeUp`."""
    if not patient.database.exists():
        yield _error(f"There is no {patient.database}.", "Start a server, or restore a backup.")
        return
    try:
        with patient.reading(patient.database) as connection:
            yield from _look(connection)
    except sqlite3.DatabaseError as error:
        yield _error(f"{patient.database} cannot be read: {error}.", RESTORE)


def _look(connection: sqlite3.Connection) -> Iterator[Finding]:
    schema = _one(connection, "SELECT version_num FROM alembic_version")
    if schema != HEAD:
        yield Finding(level=Level.NOTE, about="database", said=differs(schema), cure=cure(schema))
    # Table by table: one that is large has its rests in between, and nothing is looked at twice.
    bad: list[str] = []
    for (table,) in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' "
        "ESCAPE '~' ORDER BY name"
    ).fetchall():
        quoted = '"' + table.replace('"', '""') + '"'
        found = connection.execute(f"PRAGMA quick_check({quoted})")
        bad += [line for (line,) in found if line != "ok"]
    if bad:
        more = f" … and {len(bad) - MOST_TOLD} more" if len(bad) > MOST_TOLD else ""
        yield _error(f"It is damaged: {'; '.join(bad[:MOST_TOLD])}{more}.", RESTORE)
    loose = connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_TOLD)
    for table, row, parent, _ in loose:
        yield _error(f"Row {row} of {table} speaks of one of {parent} that is not there.", RESTORE)
    if not bad and not loose:
        yield Finding(level=Level.OK, about="database", said="It is sound.")


def differs(schema: str) -> str:
    """The database has another schema than this version."""
    return f"Its schema is {schema}, and this version's is {HEAD}."


def cure(schema: str) -> str:
    """What to do about that."""
    if schema > HEAD:
        return "A newer version has changed it. This one serves it, if it can, or refuses to start."
    return "The next start of a server upgrades it. Make a backup before."


def _one(connection: sqlite3.Connection, statement: str) -> str:
    found = connection.execute(statement).fetchone()
    return "" if found is None else str(found[0])


def _error(said: str, cure: str) -> Finding:
    return Finding(level=Level.ERROR, about="database", said=said, cure=cure)
