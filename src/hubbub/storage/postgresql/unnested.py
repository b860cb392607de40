"""Many rows in one statement: its parameters are arrays, so that it is the same for any number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Dialect, text
from sqlalchemy.engine.interfaces import DBAPICursor


class Unnested:
    """As `hubbub.storage.bulk.Bulk` with `hubbub.storage.bulk.inserts`."""

    def __init__(
        self,
        dialect: Dialect,
        *columns: Column[Any],
        made: Mapping[str, str] | None = None,
    ) -> None:
        """``made``: SQL that makes what some columns get of what is given for them."""
        names = ", ".join(f'"{column.name}"' for column in columns)
        values = ", ".join((made or {}).get(one.name, f'"{one.name}"') for one in columns)
        into = text(
            f"INSERT INTO {columns[0].table.name} ({names})"  # noqa: S608
            f" SELECT {values} FROM {unnest(columns)} AS given({names})"
        )
        self._sql = str(into.compile(dialect=dialect))
        self._width = len(columns)

    def run(self, cursor: DBAPICursor, rows: Sequence[Iterable[object]]) -> None:
        """Inserts ``rows``, in order."""
        if rows:
            cursor.execute(self._sql, columns_of(rows, self._width))


def unnest(columns: Iterable[Column[Any]]) -> str:
    """The rows of arrays, one for each of ``columns``, as SQL."""
    arrays = (
        f"CAST(:{column.name}s AS {'text' if column.type.python_type is str else 'bigint'}[])"
        for column in columns
    )
    return f"unnest({', '.join(arrays)})"


def columns_of(rows: Sequence[Iterable[object]], width: int) -> tuple[str, ...]:
    """``rows`` of texts and integers as the arrays of their ``width`` columns.

    In PostgreSQL's own notation: psycopg takes seven times as long to write it.
    """
    if not rows:
        return ("{}",) * width
    return tuple(map(array_of, zip(*rows, strict=True)))


def array_of(values: Iterable[object]) -> str:
    """Texts, integers and NULLs as an array.

    Source: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
    """
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
