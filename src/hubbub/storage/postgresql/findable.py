"""Events with the terms by which searches find them: they are written in the same statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Dialect, Text
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.storage.postgresql.unnested import Unnested
from hubbub.storage.search.vectors import terms_of_row

TERMS = Column("terms", Text)
"""As it is given to a statement: see `hubbub.storage.search.vectors.terms_of_row`."""

VECTOR = "CAST(terms AS tsvector)"
"""SQL of what that column gets."""

_ROOM, _, _, _KIND, _, _BY, _TEXT = range(7)  # of the columns of an event behind its id


class FindableEvents(Unnested):
    """As its base, for rows of ``columns``, which are those of events without their ids."""

    def __init__(self, dialect: Dialect, *columns: Column[Any]) -> None:
        super().__init__(dialect, *columns, TERMS, made={TERMS.name: VECTOR})

    def run(self, cursor: DBAPICursor, rows: Sequence[Iterable[object]]) -> None:
        super().run(cursor, with_terms(rows))


def with_terms(rows: Iterable[Iterable[Any]]) -> list[tuple[object, ...]]:
    """Rows of events without their ids, and behind each its terms."""
    return [
        (*row, terms_of_row(row[_ROOM], row[_KIND], row[_BY], row[_TEXT]))
        for row in map(tuple, rows)
    ]
