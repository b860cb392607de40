"""Deletes events that are too old, so that nothing of them is left in the file: see `Trim`."""

from __future__ import annotations

from sqlalchemy import ClauseElement, Dialect, text
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.hub.ports import Trim, TrimNameless
from hubbub.storage.forgetting import blank
from hubbub.storage.staging import FORGOTTEN

_OF_ROOM = "room_id = (SELECT id FROM rooms WHERE key = :key)"
_NAMELESS = f"room_id IN (SELECT id FROM rooms WHERE key LIKE '{FORGOTTEN}%')"  # noqa: S608
FIND = text(f"SELECT id FROM events WHERE {_OF_ROOM} AND seq <= :upto ORDER BY seq LIMIT :most")  # noqa: S608
FIND_NAMELESS = text(f"SELECT id FROM events WHERE {_NAMELESS} AND at < :before LIMIT :most")  # noqa: S608
# First what has the same size, which SQLite writes in its place: see `hubbub.storage.forgetting`.
BLANK = text(
    "UPDATE events SET"  # noqa: S608
    f' "by" = {blank(chr(34) + "by" + chr(34))}, text = {blank("text")}, extra = {blank("extra")}'
    " WHERE id = :id"
)
DELETE = text("DELETE FROM events WHERE id = :id")


class Trimming:
    """The statements, compiled once."""

    def __init__(self, dialect: Dialect, *, overwrites: bool) -> None:
        def sql(statement: ClauseElement) -> str:
            return str(statement.compile(dialect=dialect))

        self._overwrites = overwrites
        self._find = sql(FIND)
        self._find_nameless = sql(FIND_NAMELESS)
        self._blank = sql(BLANK)
        self._delete_row = sql(DELETE)

    def delete(self, cursor: DBAPICursor, trim: Trim, upto: int) -> bool:
        """Deletes the oldest of what ``trim`` names, ``upto`` that number; whether there may be
        more.
        """
        return self._delete_found(cursor, trim.most, self._find, (trim.room.key, upto))

    def delete_nameless(self, cursor: DBAPICursor, trim: TrimNameless) -> bool:
        """The same, in rooms without a name."""
        return self._delete_found(cursor, trim.most, self._find_nameless, (trim.before,))

    def _delete_found(
        self, cursor: DBAPICursor, most: int, find: str, which: tuple[object, ...]
    ) -> bool:
        cursor.execute(find, (*which, most))
        found = cursor.fetchall()
        if self._overwrites:
            cursor.executemany(self._blank, found)
        cursor.executemany(self._delete_row, found)
        return len(found) == most
