"""The index's file: its tables, how it is opened, and what makes it worthless.

All of it can be made again from the log. So it is never repaired: when it is of another log or
version, broken, or ahead of the log (which was restored from a backup, say), it begins anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from hubbub import private
from hubbub.domain.search import day_of
from hubbub.domain.words import UNICODE
from hubbub.storage.guard import files_of
from hubbub.storage.opened import OpenFiles
from hubbub.storage.search.terms import terms_of

VERSION = 3_000 + UNICODE
"""Of the tables and of `terms`, and of the Unicode by which words were found: an index of another
one begins anew."""

OUTDATED = 1  # the file's own version number, once texts in it are gone: it begins anew
UNCLEAN = 2  # the same, while words stand in it, found by nobody, of what was taken back
CACHE_KIB = 16 * 1024
WAL_PAGES = 8000  # 32 MiB: each time that it is emptied, the disk is waited for
_BROKEN = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_UNSOUND = ("SQLITE_CONSTRAINT", "SQLITE_ERROR")  # a row is there twice, a table is not there

SCHEMA = """
CREATE TABLE state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL,
    log TEXT NOT NULL,      -- id of the log that is indexed
    place INTEGER NOT NULL, -- id of its newest event that is
    stamp TEXT NOT NULL     -- what that event looks like
);
CREATE VIRTUAL TABLE texts USING fts5 (
    words, chars, facts,
    content = '', columnsize = 0, prefix = '1 2 3', tokenize = 'ascii'
);
CREATE TABLE docs (id INTEGER PRIMARY KEY, room INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE TABLE days (day INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);
"""


class Row(NamedTuple):
    """An event of the log. ``text`` is None where nothing was said.

    ``forgets``: by it, texts before it are others now, or by somebody else, than when they were
    indexed. ``about``: the number of the message that says ``text`` from here on, or nothing any
    more if it is ``redacted``.
    """

    id: int
    room: int
    seq: int
    at: int
    by: str
    text: str | None
    forgets: bool = False
    about: int | None = None
    redacted: bool = False


Before = Callable[[Row], tuple[Row, str | None] | None]
"""The message that an event is about, and what it said before that; None if it is gone.

The text is None or "" if it had none, or if nobody knows it any more.
"""

Stamp = Callable[[int], str | None]
"""What the event with that id looks like in the log; None when there is none."""


def stamp_of(row: Row | None) -> str:
    """Tells an event from another one that a restored log has in its place."""
    return "" if row is None else f"{row.room} {row.seq} {row.at} {row.by}"


def is_broken(error: sqlite3.Error) -> bool:
    """Whether the file is damaged, or no database at all."""
    name: str = getattr(error, "sqlite_errorname", "")
    return name.startswith(_BROKEN)


def is_worthless(error: Exception) -> bool:
    """Whether an error of writing says that the index is not what it should be."""
    name: str = getattr(error, "sqlite_errorname", "")
    return isinstance(error, IndexLost) or (
        isinstance(error, sqlite3.Error) and (is_broken(error) or name.startswith(_UNSOUND))
    )


class IndexLost(Exception):
    """The index's files were removed, or others put in their place, while they are open."""


class Index:
    """The index, to write; ``place`` is the id of the newest event in it.

    ``clean``: up to that event all had been forgotten that was to be, before anything was indexed.
    """

    def __init__(self, connection: sqlite3.Connection, place: int, path: Path) -> None:
        self._connection = connection
        self._files = OpenFiles(files_of(path))
        self.place = place
        self.clean = 0

    def check(self) -> None:
        """Raises `IndexLost`."""
        if self._files.lost() is not None:
            raise IndexLost

    @classmethod
    def open(cls, path: Path, log: str, stamp: Stamp) -> Index:
        """Opens the index of ``log``; an empty one, if what is there is worth nothing.

        Raises `sqlite3.Error` or `OSError` when the file cannot be used.
        """
        for attempt in range(2):
            connection = None
            try:
                connection = _connect(path)
                place = _place(connection, log, stamp)
                if place is None and attempt == 0 and _is_used(connection):
                    connection.close()
                    remove(path)
                    continue
                if place is None:
                    place = 0
                    _make(connection, log)
                return cls(connection, place, path)
            except sqlite3.Error as error:
                if connection is not None:
                    connection.close()
                if attempt or not is_broken(error):
                    raise
                remove(path)
        raise AssertionError("two attempts end before this")

    def add(
        self,
        rows: Sequence[Row],
        pause: Callable[[], None] = lambda: None,
        before: Before = lambda _: None,
    ) -> None:
        """Adds the next events of the log, in one transaction; pauses often while it works."""
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            outdated = any(row.forgets and row.id > self.clean for row in rows)
            removed = False
            for row in rows:
                if row.about is not None:
                    known = self._change_text(row, before(row))
                    outdated = outdated or not known
                    removed = removed or row.redacted
                    pause()
                elif row.text:
                    self._add_text(row, row.text)
                    pause()
            if outdated:
                execute(f"PRAGMA user_version = {OUTDATED}")
            elif removed and not self.is_outdated:
                execute(f"PRAGMA user_version = {UNCLEAN}")
            last = rows[-1]
            execute("UPDATE state SET place = ?, stamp = ?", (last.id, stamp_of(last)))
        except BaseException:
            self._connection.rollback()
            raise
        execute("COMMIT")
        self.place = last.id

    @property
    def is_outdated(self) -> bool:
        """Whether words of texts that are gone stand in the file, though nobody finds them."""
        return _is_outdated(self._connection)

    @property
    def is_unclean(self) -> bool:
        """Whether words of what was taken back stand in the file, though nobody finds them."""
        return _version(self._connection) == UNCLEAN

    def clean_up(self) -> bool:
        """Takes those out of it, which takes as long as to copy it; whether nobody reads them yet.

        Another thread may `interrupt` it.
        """
        execute = self._connection.execute
        execute("INSERT INTO texts (texts) VALUES ('optimize')")  # what was deleted is left out
        execute("VACUUM")
        (busy, *_) = execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            execute("PRAGMA user_version = 0")
        return not busy

    def interrupt(self) -> None:
        """Ends what it does just now, with an error. For any thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Closes the file; what is in the write-ahead log goes into it."""
        with suppress(sqlite3.Error):
            # An `interrupt` that came too late lasts until the next statement begins, and would
            # end what is done at the close.
            self._connection.execute("SELECT 1").fetchone()
        self._connection.close()

    def _change_text(self, row: Row, before: tuple[Row, str | None] | None) -> bool:
        """Another text is found for a message, or none; whether it is known which one was."""
        if before is None:
            return True
        said, text = before
        execute = self._connection.execute
        if execute("SELECT 1 FROM docs WHERE id = ?", (said.id,)).fetchone() is not None:
            if not text:
                return False
            # An index without the texts themselves has to be told what to take out.
            execute(
                "INSERT INTO texts (texts, rowid, words, chars, facts)"
                " VALUES ('delete', ?, ?, ?, ?)",
                (said.id, *terms_of(said.room, said.by, text)),
            )
            execute("DELETE FROM docs WHERE id = ?", (said.id,))
        if row.text and not row.redacted:
            self._add_text(said, row.text)
        return True

    def _add_text(self, row: Row, text: str) -> None:
        execute = self._connection.execute
        execute(
            "INSERT INTO texts (rowid, words, chars, facts) VALUES (?, ?, ?, ?)",
            (row.id, *terms_of(row.room, row.by, text)),
        )
        execute("INSERT INTO docs VALUES (?, ?, ?)", (row.id, row.room, row.at))
        execute(
            "INSERT INTO days VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET first = min(first, excluded.first), last = max(last, excluded.last)",
            (day_of(row.at), row.id, row.id),
        )


def remove(path: Path) -> None:
    """Removes the index's files."""
    for file in files_of(path):
        file.unlink(missing_ok=True)


def reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, to be used by one thread at a time."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def _connect(path: Path) -> sqlite3.Connection:
    if path.is_symlink():
        remove(path)  # the link: what it leads to is not ours to write
    # It has the words of every text in it, so nobody else may read it; SQLite gives its other files
    # the mode that this one has. Only a file that was not there is opened here: closing one that
    # somebody has open drops the locks of this whole process.
    if not path.exists():
        private.make_file(path)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = NORMAL",  # what a power cut takes away is read from the log again
            f"cache_size = -{CACHE_KIB}",
            f"wal_autocheckpoint = {WAL_PAGES}",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _tables(connection: sqlite3.Connection) -> Iterable[str]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [name for (name,) in found]


def _is_used(connection: sqlite3.Connection) -> bool:
    return bool(_tables(connection))


def _place(connection: sqlite3.Connection, log: str, stamp: Stamp) -> int | None:
    """How far the index goes; None if it is none of ours, or not of this log as it is now."""
    if "state" not in _tables(connection):
        return None
    found = connection.execute("SELECT version, log, place, stamp FROM state").fetchone()
    if found is None or found[:2] != (VERSION, log) or _is_outdated(connection):
        return None
    place: int = found[2]
    return place if place == 0 or stamp(place) == found[3] else None


def _is_outdated(connection: sqlite3.Connection) -> bool:
    return _version(connection) == OUTDATED


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _make(connection: sqlite3.Connection, log: str) -> None:
    connection.executescript(f"BEGIN; {SCHEMA} COMMIT;")
    connection.execute("INSERT INTO state VALUES (1, ?, ?, 0, '')", (VERSION, log))
