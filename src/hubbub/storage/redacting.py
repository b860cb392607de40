"""Takes off the disk what a message said that was taken back: see `hubbub.domain.events.Redacted`.

Its row stays, for the numbers of the log and for what answers it; so do those of its edits, which
have no text any more. What was reported of it loses the excerpt; and so does all that waited in a
queue and is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace
from sqlalchemy import ClauseElement, Dialect, select, text
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.domain.events import AnyEvent, PutInQueue
from hubbub.domain.kinds import is_message
from hubbub.storage.forgetting import BLANK
from hubbub.storage.rows import EDITS, KINDS, MESSAGES, event_of
from hubbub.storage.schema import CONTENT, events


def listed(kinds: Iterable[str]) -> str:
    """SQL of kinds of events."""
    return ", ".join(f"'{kind}'" for kind in kinds)


_FOUND = select(events.c.id, *CONTENT)
FIND_MESSAGE = _FOUND.where(
    text(f"room_id = :room AND seq = :target AND kind IN ({listed(MESSAGES)})")
)
FIND_EDITS = _FOUND.where(
    text(f"room_id = :room AND amends = :target AND kind IN ({listed(EDITS)})")
)
FIND_REPORTS = _FOUND.where(
    text(
        "room_id = (SELECT id FROM rooms WHERE key = :queue) AND extra LIKE :about"  # noqa: S608
        f" AND kind = '{KINDS[PutInQueue].tag}'"
    )
)
FIND_ITEM = _FOUND.where(
    text(f"room_id = :queue AND seq = :item AND kind = '{KINDS[PutInQueue].tag}'")
)
EMPTY = "UPDATE events SET text = :text, extra = :extra{} WHERE id = :id"


class Redacting:
    """The statements, compiled once."""

    def __init__(self, dialect: Dialect, *, overwrites: bool, emptied: str = "") -> None:
        """``emptied``: SQL of what else is set where the text goes."""

        def sql(statement: ClauseElement) -> str:
            return str(statement.compile(dialect=dialect))

        self._overwrites = overwrites
        self._find_message = sql(FIND_MESSAGE)
        self._find_edits = sql(FIND_EDITS)
        self._find_reports = sql(FIND_REPORTS)
        self._find_item = sql(FIND_ITEM)
        self._blank = sql(BLANK)
        self._empty = sql(text(EMPTY.format(emptied)))

    def write(self, cursor: DBAPICursor, room: int, target: int, queue: str) -> dict[int, str]:
        """Empties the message ``target`` of the room with that row, and its edits.

        Returns what they said, by the ids of their events. ``queue``: the key of the room's queue.
        """
        cursor.execute(self._find_message, (room, target))
        found = [*cursor.fetchall()]
        cursor.execute(self._find_edits, (room, target))
        found += cursor.fetchall()
        said = {}
        for id, *row in found:
            event = event_of(*row)
            said[id] = getattr(event, "text", "")
            self._rewrite(cursor, id, row, _emptied(event))
        cursor.execute(self._find_reports, (queue, f'%"about":{target}%'))
        for id, *row in cursor.fetchall():
            event = event_of(*row)
            if isinstance(event, PutInQueue) and event.about == target:
                self._rewrite(cursor, id, row, replace(event, text=""))
        return said

    def write_decided(self, cursor: DBAPICursor, queue: int, item: int) -> None:
        """Empties what waited as the event ``item`` of the queue with that row: nobody reads it."""
        cursor.execute(self._find_item, (queue, item))
        for id, *row in cursor.fetchall():
            event = event_of(*row)
            if isinstance(event, PutInQueue):
                self._rewrite(cursor, id, row, replace(event, text=""))

    def _rewrite(self, cursor: DBAPICursor, id: int, row: Sequence[Any], event: AnyEvent) -> None:
        content = KINDS[type(event)].content(event) if type(event) in KINDS else None
        # What cannot be read may say anything.
        _, said, extra, _ = content or (None, "", None, None)
        if self._overwrites:
            cursor.execute(self._blank, (id,))
        cursor.execute(self._empty, (said, extra, id))


def _emptied(event: AnyEvent) -> AnyEvent:
    if is_message(event):
        return replace(event, text="", files=(), tags={})
    return replace(event, text="") if hasattr(event, "text") else event
