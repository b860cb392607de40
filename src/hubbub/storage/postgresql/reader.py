"""Reads of the log where others write to it: what has grown is told by the rooms themselves."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine, text

from hubbub.hub.ports import Heads
from hubbub.storage.reader import HEADS, Reader
from hubbub.storage.trouble import OnError

# All that is committed later is of this transaction, or of later ones.
MARK = text(
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text,"
    " (SELECT CAST(value AS bigint) FROM meta WHERE key = 'generation')"
)
# The transaction that has written a row last is a number of 32 bits, which begins anew; its age
# does not. Whose head has grown has a new row. Too many of them do no harm.
GROWN = HEADS.where(text("age(rooms.xmin) <= age(CAST(CAST(:since AS xid8) AS xid))"))


class SharedReader(Reader):
    """As its base. The ids of events do not tell in which order they were committed.

    ``saw`` is told the log's generation with each look at the heads.
    """

    def __init__(self, engine: Engine, on_error: OnError, saw: Callable[[int], None]) -> None:
        super().__init__(engine, on_error)
        self._saw = saw

    def _heads(self, since: str | None) -> Heads:
        with self._engine.connect() as connection:
            mark, generation = connection.execute(MARK).one()
            self._saw(generation)
            found = (
                connection.execute(HEADS)
                if since is None
                else connection.execute(GROWN, {"since": since})
            )
            return Heads({id: (key, head) for id, key, head in found if head}, mark)
