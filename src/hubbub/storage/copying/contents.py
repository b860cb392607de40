"""Which tables are copied, in which order, and what PostgreSQL stores otherwise than SQLite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, Table

from hubbub.storage.schema import events, meta, metadata

PASSING = frozenset({"nodes", "attendances", "claims"})
"""Tables of the nodes that run now. None does during a move."""

TABLES: Sequence[Table] = [
    table for table in metadata.sorted_tables if table is not meta and table.name not in PASSING
]
"""What is copied row by row: each after the tables that it refers to. ``meta`` comes at last."""

ALL_ROWS: Sequence[Table] = [table for table in metadata.sorted_tables if table is not meta]
"""What is emptied to begin anew."""

MADE_THERE = frozenset({("rooms", "head")})
"""Columns that only PostgreSQL has filled: they are made of the others there."""

NONCE = events.c.nonce.name

_ESCAPE = "\ufdd0"  # a code point that no text has: Unicode keeps it for programs' own use
_NUL = "\0"


def to_postgresql(nonce: str) -> str:
    """The nonce as PostgreSQL can store it, whose texts have no NUL: it escapes the whole of it.

    Clients could once choose any characters for their nonces. Other texts with a NUL were always
    refused.
    """
    if _NUL not in nonce:
        return nonce
    return _ESCAPE + nonce.encode().hex()


def to_sqlite(nonce: str) -> str:
    """What `to_postgresql` was given."""
    if not nonce.startswith(_ESCAPE):
        return nonce
    try:
        found = bytes.fromhex(nonce[len(_ESCAPE) :]).decode()
    except ValueError:
        return nonce  # a client's own
    return found if to_postgresql(found) == nonce else nonce


def rewritten(
    rows: Sequence[Sequence[Any]], place: int, rewrite: Callable[[str], str], looks: str
) -> Sequence[Sequence[Any]]:
    """``rows`` with the nonces at ``place`` rewritten, where one has what it ``looks`` for."""
    return [
        (*row[:place], rewrite(value), *row[place + 1 :])
        if isinstance(value := row[place], str) and looks in value
        else row
        for row in rows
    ]


def for_postgresql(rows: Sequence[Sequence[Any]], place: int) -> Sequence[Sequence[Any]]:
    """Rows of events from SQLite, with the nonce at ``place``."""
    return rewritten(rows, place, to_postgresql, _NUL)


def for_sqlite(rows: Sequence[Sequence[Any]], place: int) -> Sequence[Sequence[Any]]:
    """Rows of events from PostgreSQL, with the nonce at ``place``."""
    return rewritten(rows, place, to_sqlite, _ESCAPE)


def sqlite_type(table: Table, column: str) -> str:
    """What SQLite has to call the type of each value in that column, beside NULL."""
    kind = table.c[column].type
    if isinstance(kind, BigInteger | Integer):
        return "integer"
    return "blob" if isinstance(kind, LargeBinary) else "text"
