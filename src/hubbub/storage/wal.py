"""Care for SQLite's write-ahead log: taken over, emptied in pauses, cleared of what was refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, delete, insert

from hubbub.storage.schema import meta

DUE_PAGES = 1000  # 4 MiB, SQLite's own choice
OVERDUE_PAGES = 4 * DUE_PAGES  # from here on it does not wait for a pause
PAGES_OF_A_GROUP = 4  # at least: the rooms, and the ends of the events and of their two indexes
CHARS_OF_A_PAGE = 4096

COPY_BYTES = 1024 * 1024

COVER = "wal_cover"
"""The key in `meta` under which `Wal.cover` writes."""


class Wal:
    """Counts, roughly, the pages in the log, and moves them into the database when it is time.

    SQLite would do so by itself, but inside a COMMIT: that group would wait for it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pages = 0

    def grew(self, entries: int, chars: int, *, pause: bool) -> None:
        """A group was saved; ``pause``: nothing waits to be saved now.

        May raise what the database raises. Nothing is lost then, and it is tried again later.
        """
        # Each entry has a page to itself: its nonce is anywhere among all nonces.
        self._pages += PAGES_OF_A_GROUP + entries + chars // CHARS_OF_A_PAGE
        if self._pages >= (DUE_PAGES if pause else OVERDUE_PAGES):
            self._pages = 0
            connection = self._engine.raw_connection()  # without a transaction around it
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                connection.close()

    def take_over(self, path: Path) -> None:
        """Makes sure that what another process left in the log of the database ``path`` is on disk.

        Before anything of it is shown: who was killed between writing and syncing a commit has
        left it whole in the file and perhaps nowhere on the disk, and SQLite reads it as saved.
        A sync alone would not do: after one that failed the system takes pages for written that
        are not (https://wiki.postgresql.org/wiki/Fsync_Errors). Only what is written anew is
        certain; the bytes stay what they are, so that nothing can break while they are.

        Raises what the database raises, and OSError.
        """
        with self._engine.begin():  # nobody else writes meanwhile
            try:
                file = path.with_name(f"{path.name}-wal").open("r+b")
            except FileNotFoundError:
                return
            with file:
                while data := file.read(COPY_BYTES):
                    file.seek(-len(data), os.SEEK_CUR)
                    file.write(data)
                file.flush()
                sync(file.fileno())

    def cover(self) -> None:
        """Overwrites what a failed COMMIT may have left behind; raises when that fails, too.

        When only its fsync failed, the transaction stands whole in the file. SQLite ignores it
        from then on, but after a crash it would read it as saved, and it was refused. The next
        transaction is written in its place; it does not matter whether that one succeeds.
        """
        with self._engine.begin() as connection:
            connection.execute(delete(meta).where(meta.c.key == COVER))
            connection.execute(insert(meta), {"key": COVER, "value": uuid4().hex})


def sync(file: int) -> None:
    """Returns when what was written to ``file`` is on the disk itself."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(file, fcntl.F_FULLFSYNC)  # fsync leaves it in the disk's own cache
    else:
        os.fsync(file)
