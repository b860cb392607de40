"""The search index: sound, of this log, and not far behind. All of it can be made again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from hubbub.admin.doctor.findings import Finding, Level
from hubbub.admin.doctor.patient import Patient

BEHIND = 100_000  # events: minutes, for the indexer

CURE = (
    "It is made again from the log by itself. If that does not help: stop the server, remove "
    "search.db and what begins with that name, start it."
)


def index(patient: Patient) -> Iterator[Finding]:
    """Raises `hubbub.admin.doctor.patient.TimeUp`."""
    if patient.settings.search == "off":
        return
    if not patient.index.exists():
        yield _found(Level.NOTE, "There is none yet.", "A server makes it when it runs.")
        return
    try:
        with patient.reading(patient.index) as connection:
            found = connection.execute("SELECT log, place FROM state").fetchone()
            bad = [line for (line,) in connection.execute("PRAGMA quick_check(docs)")]
        with patient.reading(patient.database) as connection:
            log = connection.execute("SELECT value FROM meta WHERE key = 'log_id'").fetchone()
            (newest,) = connection.execute("SELECT coalesce(MAX(id), 0) FROM events").fetchone()
    except sqlite3.DatabaseError as error:
        yield _found(Level.WARNING, f"It is damaged: {error}.", CURE)
        return
    if bad != ["ok"]:
        yield _found(Level.WARNING, f"It is damaged: {bad[0]}.", CURE)
    elif found is None or log is None or found[0] != log[0] or found[1] > newest:
        yield _found(Level.NOTE, "It is of another log.", CURE)
    elif newest - found[1] > BEHIND:
        said = f"It is {newest - found[1]:,} events behind the log: these cannot be found yet."
        yield _found(Level.NOTE, said, "It catches up while a server runs.")
    else:
        yield _found(Level.OK, "It is sound, and has what is in the log.", "")


def _found(level: Level, said: str, cure: str) -> Finding:
    return Finding(level=level, about="search", said=said, cure=cure)
