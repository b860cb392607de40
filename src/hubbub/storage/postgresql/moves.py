"""No server writes to a database while it is moved elsewhere, or before all of it is there."""

from __future__ import annotations

from typing import Any

import psycopg

from hubbub.storage.copying.marks import MARKS, why_not_served
from hubbub.storage.postgresql.address import IN_USE

_BEING_MOVED = (
    "hubbub migrate is moving what is in the database {}, or is filling it. Wait for its end, or "
    "stop it."
)


class NotServed(psycopg.OperationalError):
    """No server may write there. The text says why, for the operator."""


def refuse_if_moved(connection: psycopg.Connection[Any], shown: object) -> None:
    """Raises `NotServed`, or keeps moves away as long as ``connection`` is there.

    Asked of each connection that is to write: the server may have stood still during a whole move.
    """
    if not _one(connection, "SELECT pg_try_advisory_lock_shared(%s)", IN_USE):
        raise NotServed(_BEING_MOVED.format(shown))
    if _one(connection, "SELECT to_regclass('meta') IS NULL"):
        return  # it is new
    rows = connection.execute(
        "SELECT key, value FROM meta WHERE key = ANY(%s)", (sorted(MARKS),)
    ).fetchall()
    if (why := why_not_served(rows, str(shown))) is not None:
        raise NotServed(why)


def have_alone(connection: psycopg.Connection[Any]) -> bool:
    """Keeps servers and other moves away as long as ``connection`` is there; False if one is."""
    return bool(_one(connection, "SELECT pg_try_advisory_lock(%s)", IN_USE))


def _one(connection: psycopg.Connection[Any], statement: str, *values: object) -> object:
    found = connection.execute(statement.encode(), values).fetchone()
    assert found is not None
    return found[0]
