"""Care for SQLite's write-ahead log: taken over, emptied in pauses, cleared of what was refused."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from sqlalchemy import Dialect, bindparam, delete, insert

from hubbub.storage.engine import WritingConnection
from hubbub.storage.schema import meta

DUE_PAGES = 1000  # 4 MiB, SQLite's own choice
OVERDUE_PAGES = 4 * DUE_PAGES  # from here on it does not wait for a pause
PAGES_OF_A_GROUP = 3  # at least: the ends of the events and of their two indexes
CHARS_OF_A_PAGE = 4096

COVER_KEY = "wal_cover"
"""The key in `meta` under which `Wal.cover` writes."""

UNCOVER = delete(meta).where(meta.c.key == bindparam("key"))
COVER = insert(meta).values(key=bindparam("key"), value=bindparam("value"))


class Wal:
    """Counts, roughly, the pages in the log, and moves them into the database when it is time.

    SQLite would do so by itself, but inside a COMMIT: that group would wait for it.
    """

    def __init__(
        self, connection: WritingConnection, dialect: Dialect, cleared: Callable[[], None]
    ) -> None:
        """``cleared`` is called when `clear` was possible."""
        self._connection = connection
        self._cleared = cleared
        self._uncover = str(UNCOVER.compile(dialect=dialect))
        self._cover = str(COVER.compile(dialect=dialect))
        self._pages = 0

    def grew(self, entries: int, chars: int) -> None:
        """A group was saved."""
        # Each entry has a page to itself: its nonce is anywhere among all nonces.
        self._pages += PAGES_OF_A_GROUP + entries + chars // CHARS_OF_A_PAGE

    def is_due(self, *, pause: bool) -> bool:
        """Whether it is time to empty it; ``pause``: nothing waits to be saved now."""
        return self._pages >= (DUE_PAGES if pause else OVERDUE_PAGES)

    def empty(self) -> None:
        """Moves what is in it into the database, which waits for the disk.

        May raise what the database raises. Nothing is lost then, and it is tried again later.
        """
        self._pages = 0
        self._connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def clear(self) -> bool:
        """Empties the file, too, in which old pages stay otherwise; whether nobody reads them."""
        cursor = self._connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = cursor.fetchone()
        done = found is not None and not found[0]
        if done:
            self._cleared()
        return done

    def cover(self) -> None:
        """Overwrites what a failed COMMIT may have left behind; raises when that fails, too.

        When only its fsync failed, the transaction stands whole in the file. SQLite ignores it
        from then on, but after a crash it would read it as saved, and it was refused. The next
        transaction is written in its place; it does not matter whether that one succeeds.
        """
        with self._connection as cursor:
            cursor.execute(self._uncover, (COVER_KEY,))
            cursor.execute(self._cover, (COVER_KEY, uuid4().hex))
