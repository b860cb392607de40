"""One SQL statement for many rows at once, compiled by SQLAlchemy for a few numbers of rows.

Not ``executemany``: sqlite3 lets go of Python's lock for each of its rows, and a busy event loop
is slow to give it back. Under load that makes a group of a thousand ten times slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat
from typing import Any

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    Column,
    Dialect,
    and_,
    bindparam,
    delete,
    insert,
    or_,
)
from sqlalchemy.engine.interfaces import DBAPICursor

SIZES = (64, 32, 16, 8, 4, 2, 1)
"""Rows in one statement: any number is the sum of few of these."""

Build = Callable[[int], ClauseElement]
"""Makes the statement for a number of rows, with its placeholders row by row."""


class Bulk:
    """A statement with the same placeholders for each of its rows."""

    def __init__(self, dialect: Dialect, build: Build) -> None:
        self._dialect = dialect
        self._build = build
        self._sql: dict[int, str] = {}

    def run(self, cursor: DBAPICursor, rows: Sequence[Iterable[object]]) -> None:
        """Does it for all ``rows``, in order."""
        done = 0
        for size in SIZES:
            while len(rows) - done >= size:
                values = tuple(chain.from_iterable(rows[done : done + size]))
                cursor.execute(self._of(size), values)
                done += size

    def find(self, cursor: DBAPICursor, rows: Sequence[Iterable[object]]) -> list[Any]:
        """What it finds for all ``rows``, of which some may be looked for twice.

        A statement of each size that may come would take megabytes.
        """
        found: list[Any] = []
        for start in range(0, len(rows), SIZES[0]):
            some = rows[start : start + SIZES[0]]
            size = min(size for size in SIZES if size >= len(some))
            filled = (*some, *repeat(some[-1], size - len(some)))
            cursor.execute(self._of(size), tuple(chain.from_iterable(filled)))
            found += cursor.fetchall()
        return found

    def as_one(self, rows: Sequence[Iterable[object]]) -> tuple[str, tuple[object, ...]] | None:
        """The statement and its values that do it for all ``rows``; None if it takes several."""
        size = len(rows)
        if size not in SIZES:
            return None
        return self._sql.get(size) or self._of(size), tuple(chain.from_iterable(rows))

    def _of(self, size: int) -> str:
        sql = self._sql.get(size)
        if sql is None:
            sql = self._sql[size] = str(self._build(size).compile(dialect=self._dialect))
        return sql


def inserts(*columns: Column[Any]) -> Build:
    """Inserts rows that have these columns."""

    def build(size: int) -> ClauseElement:
        return insert(columns[0].table).values(
            [{column.name: _place(column, row) for column in columns} for row in range(size)]
        )

    return build


def deletes(*columns: Column[Any]) -> Build:
    """Deletes what is equal to a given row in all ``columns``."""

    def build(size: int) -> ClauseElement:
        wanted = (
            and_(*(column == _place(column, row) for column in columns)) for row in range(size)
        )
        return delete(columns[0].table).where(or_(*wanted))

    return build


def _place(column: Column[Any], row: int) -> BindParameter[Any]:
    return bindparam(f"{column.name}_{row}")
