"""One of the two databases of a move, whichever kind it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, Protocol

from sqlalchemy import Table

from hubbub.storage.schema import meta
from hubbub.storage.upgrade import VERSION_TABLE

Kind = Literal["SQLite", "PostgreSQL"]
Row = Sequence[Any]

PORTION = 500  # rows that are read at a time: at most 8 MiB, if all texts are as long as allowed


class Side(Protocol):
    """A database that nobody else uses until `close`. For one thread.

    Statements have ``?`` for each value. Raises the driver's errors; see `words`.
    """

    kind: Kind
    shown: Path | str
    """For people: a folder, or a URL without the password."""

    def tables(self) -> set[str]:
        """The names of the tables that are there."""

    def columns(self, table: str) -> list[str]:
        """The names of its columns."""

    def upgrade(self) -> None:
        """Makes the tables, or brings them to the schema of this version.

        Raises `hubbub.storage.errors.StorageError` for what is not ours, or newer.
        """

    def portions(
        self, statement: str, values: Sequence[object] = (), *, as_bytes: bool = False
    ) -> Iterator[Sequence[Row]]:
        """What a query finds, `PORTION` rows at a time; texts ``as_bytes``, in UTF-8, if asked.

        One at a time, and no other statement before it is at its end.
        """

    def execute(self, statement: str, values: Sequence[object] = ()) -> Sequence[Row]:
        """Runs it; the rows that it gives."""

    def transaction(self, *, certain: bool = True) -> AbstractContextManager[None]:
        """Within this all statements are done, or none. ``certain``: at the end, on the disk."""

    def add(self, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Inserts ``rows``."""

    def empty(self, tables: Sequence[Table]) -> None:
        """Deletes all rows of these tables."""

    def unsound(self) -> str | None:
        """What is wrong with the files of the database, if the database can tell; for people."""

    def cannot_go(self, table: Table) -> list[str]:
        """The first few rows that the other kind of database could not hold, for people."""

    def begin(self) -> list[str]:
        """Within the first transaction: makes ready for many rows. What `settle` has to know."""

    def settle(self, left: Sequence[str]) -> None:
        """Within the last one: what there is beside the rows. ``left``: by `begin`."""

    def tidy(self) -> None:
        """After some transactions, outside of them."""

    def words(self, error: Exception) -> str | None:
        """What an error of the driver means, for people; None for what is none of its errors."""

    def close(self) -> None:
        """Lets others use the database."""


def name(identifier: str) -> str:
    """An identifier as both databases quote it. ``by`` is a word of their language."""
    return '"' + identifier.replace('"', '""') + '"'


def names(identifiers: Sequence[str]) -> str:
    """The same of several."""
    return ", ".join(map(name, identifiers))


def meta_of(side: Side) -> dict[str, str]:
    """The rows of ``meta``; none if there is no such table."""
    if meta.name not in side.tables():
        return {}
    return {str(key): str(value) for key, value in side.execute("SELECT key, value FROM meta")}


def put_meta(side: Side, key: str, value: str) -> None:
    """Writes one row of ``meta``."""
    side.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def schema_of(side: Side) -> str:
    """The revision of its schema."""
    ((found,),) = side.execute(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608
    return str(found)
