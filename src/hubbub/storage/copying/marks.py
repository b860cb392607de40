"""What a database says of a move that it is the target or the source of: rows in ``meta``.

A server that finds one of them does not start: half of the data would look like all of it, and
what is said in a copy that was left behind would be said in another log of the same id.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

MIGRATING = "migrating"
"""The key of `Migrating`, in the target until all of it is there."""

MOVED = "moved"
"""The key of `Moved`, in the source from then on."""

MARKS = frozenset({MIGRATING, MOVED})
"""The rows of ``meta`` that are not copied."""


class Migrating(Struct, frozen=True, kw_only=True):
    """How far a copy is.

    ``source``: of what, for people. ``log_id``: the id of the log that is copied. ``proof``: a hash
    over all that is in the source. ``done``: the tables that are whole; what is there of
    ``events`` tells by itself how far it is, as they are copied in the order of their ids.
    ``left``: what is to be made at last; see `hubbub.storage.copying.side.Side.begin`.
    """

    source: str
    log_id: str
    proof: str
    done: list[str]
    left: list[str]


class Moved(Struct, frozen=True, kw_only=True):
    """Where the data went. ``to``: for people. ``at``: in ms since the Unix epoch."""

    to: str
    at: int


def encode(mark: Migrating | Moved) -> str:
    """The value of the row."""
    return msgspec.json.encode(mark).decode()


def migrating(meta: Mapping[str, str]) -> Migrating | None:
    """The mark of a half-done target among the rows of ``meta``, as ``key: value``."""
    value = meta.get(MIGRATING)
    return None if value is None else msgspec.json.decode(value, type=Migrating)


def why_not_served(rows: Iterable[tuple[str, str]], shown: Path | str) -> str | None:
    """Why no server may run on the database called ``shown``, with these ``rows`` of ``meta``.

    ``shown``: a data folder, or a text for a PostgreSQL. None: one may.
    """
    meta = dict(rows)
    if (half := migrating(meta)) is not None:
        return (
            f"{shown} holds only a part of what is being moved there from {half.source}. "
            "To finish the move, repeat the command that began it: hubbub migrate. "
            "Until then the server can run where it was."
        )
    if (value := meta.get(MOVED)) is not None:
        moved = msgspec.json.decode(value, type=Moved)
        place = "--from postgresql://…"
        if isinstance(shown, Path):
            place = f"--data {shlex.quote(str(shown))}"
        at = datetime.fromtimestamp(moved.at / 1000, UTC)
        return (
            f"What is in {shown} was moved to {moved.to} on {at:%Y-%m-%d at %H:%M} UTC, and is to "
            "be served from there. To serve this older copy again, which knows nothing of what "
            f"was said since: hubbub migrate --reopen {place}"
        )
    return None
