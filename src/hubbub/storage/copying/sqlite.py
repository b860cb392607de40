"""A data folder as one side of a move."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from hubbub.storage import guard
from hubbub.storage.copying.contents import sqlite_type
from hubbub.storage.copying.errors import MoveRefused
from hubbub.storage.copying.side import PORTION, Kind, Row, name, names
from hubbub.storage.engine import BEGIN, writing_engine
from hubbub.storage.errors import StorageError, opening_error
from hubbub.storage.lock import lock_folder
from hubbub.storage.log import DATABASE
from hubbub.storage.schema import events
from hubbub.storage.search.sqlite import INDEX
from hubbub.storage.takeover import take_over
from hubbub.storage.upgrade import upgrade

MOST_TOLD = 5  # rows that cannot go; there may be thousands


class SqliteSide:
    """The database in ``folder``, which is locked. Raises `StorageError`.

    ``new``: whether it may be made.
    """

    kind: Kind = "SQLite"

    def __init__(self, folder: Path, *, new: bool) -> None:
        self.shown: Path | str = folder
        self._folder = folder
        self._path = folder / DATABASE
        if not new and not self._path.exists():
            raise MoveRefused(
                f"There is no server's data in {folder}. Which folder is it? --data FOLDER. A "
                "server says it when it starts."
            )
        self._lock = lock_folder(folder)
        self._engine = writing_engine(self._path, "full")
        try:
            guard.make_file(self._path)
            guard.close_all(self._path)
            take_over(self._engine, self._path)
            self._take_connection()
        except BaseException as error:
            self._engine.dispose()
            self._lock.release()
            if isinstance(error, StorageError) or not isinstance(error, Exception):
                raise
            raise opening_error(error, self._path) from error

    def tables(self) -> set[str]:
        return {str(found) for (found,) in self.execute("SELECT name FROM sqlite_schema")}

    def columns(self, table: str) -> list[str]:
        found = self.execute("SELECT name FROM pragma_table_info(?)", (table,))
        return [str(column) for (column,) in found]

    def upgrade(self) -> None:
        self._pooled.close()  # there is one connection
        try:
            upgrade(self._engine, self._path)
        finally:
            self._take_connection()

    def _take_connection(self) -> None:
        self._pooled = self._engine.raw_connection()
        driver: Any = self._pooled.driver_connection
        self._connection: sqlite3.Connection = driver

    def portions(
        self, statement: str, values: Sequence[object] = (), *, as_bytes: bool = False
    ) -> Iterator[Sequence[Row]]:
        before = self._connection.text_factory
        cursor = self._connection.cursor()
        self._connection.text_factory = bytes if as_bytes else str
        try:
            cursor.execute(statement, tuple(values))
            while rows := cursor.fetchmany(PORTION):
                yield rows
        finally:
            self._connection.text_factory = before
            cursor.close()

    def execute(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        return self._connection.execute(statement, tuple(values)).fetchall()

    @contextmanager
    def transaction(self, *, certain: bool = True) -> Iterator[None]:
        self._connection.execute(BEGIN)
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # a full disk may have ended it
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def add(self, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * len(columns))
        self._connection.executemany(
            f"INSERT INTO {name(table.name)} ({names(columns)}) VALUES ({marks})",  # noqa: S608
            rows,
        )

    def empty(self, tables: Sequence[Table]) -> None:
        for table in reversed(tables):
            self.execute(f"DELETE FROM {name(table.name)}")  # noqa: S608

    def unsound(self) -> str | None:
        ((found,),) = self.execute("PRAGMA quick_check(1)")
        if found != "ok":
            return f"SQLite says: {found}"
        loose = self._connection.execute("PRAGMA foreign_key_check").fetchone()
        if loose is not None:
            return f"row {loose[1]} of {loose[0]} speaks of one of {loose[2]} that is not there"
        return None

    def cannot_go(self, table: Table) -> list[str]:
        columns = [column for column in self.columns(table.name) if column in table.c]
        wrong = [
            f"(typeof({name(column)}) NOT IN ('{sqlite_type(table, column)}', 'null')"
            # A nonce with a NUL is escaped: any client can choose one.
            + (
                f" OR instr({name(column)}, char(0)) > 0"
                if sqlite_type(table, column) == "text" and table.c[column] is not events.c.nonce
                else ""
            )
            + ")"
            for column in columns
        ]
        where = " OR ".join(wrong)
        found = self.execute(
            f"SELECT rowid FROM {name(table.name)} WHERE {where} LIMIT {MOST_TOLD}"  # noqa: S608
        )
        return [f"row {row} of the table {table.name}" for (row,) in found]

    def begin(self) -> list[str]:
        return []

    def settle(self, left: Sequence[str]) -> None:
        # An index of searches that was left here is of another history; it is made anew.
        for path in self._folder.glob(f"{INDEX}*"):
            path.unlink()

    def tidy(self) -> None:
        # The server chooses the moment by itself, so that SQLite does not do it alone here.
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def words(self, error: Exception) -> str | None:
        if isinstance(error, sqlite3.Error):
            return str(opening_error(error, self._path))
        return None

    def close(self) -> None:
        self._pooled.close()
        self._engine.dispose()
        self._lock.release()
