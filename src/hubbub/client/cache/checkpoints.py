"""Checkpoints: a thread moves committed pages from SQLite's write-ahead log to the file.

That waits for the disk, 10 ms and more. SQLite would do it within a commit, on the event loop.

When a text was taken away, the thread also writes the file anew: the log beside it has earlier
forms of its pages, and a page that was divided once keeps bytes of what it had, secure_delete or
not.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

EVERY_BYTES = 4 * 1024 * 1024  # SQLite's own measure: 1,000 pages
MOST_BYTES = 32 * 1024 * 1024  # of the log, if there is no pause in which it can be reset
BYTES_A_COMMIT = 4 * 4096  # the pages that even a small commit touches


class Checkpoints:
    """The checkpoints of one file. `wrote` is to be called after each commit."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = 0
        self._to_clean = False
        self._defect: BaseException | None = None
        self._thread: threading.Thread | None = None

    def wrote(self, size: int) -> None:
        """``size`` bytes were committed. Raises an unexpected error of the last checkpoint."""
        if self._defect is not None:
            defect, self._defect = self._defect, None
            raise defect
        self._written += size + BYTES_A_COMMIT
        if self._written >= EVERY_BYTES or self._to_clean:
            self._start()

    def clean(self) -> None:
        """A text is to be nowhere on the disk any more, as soon as `wrote` is called."""
        self._to_clean = True

    def end(self) -> None:
        """Waits for the thread, and for what it has not begun yet."""
        if self._thread is not None:
            self._thread.join()
        if self._to_clean:
            self._start().join()

    def _start(self) -> threading.Thread:
        if self._thread is not None and self._thread.is_alive():
            return self._thread
        self._written = 0
        work = self._clean if self._to_clean else self._move
        self._to_clean = False
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()
        return self._thread

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as defect:  # noqa: BLE001  # `wrote` raises it
            self._defect = defect

    def _clean(self) -> None:
        # A file that somebody keeps busy, or a full disk: it is tried again with the next commit.
        connection = sqlite3.connect(self._path)
        try:
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("VACUUM")
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._to_clean = self._to_clean or bool(busy)
        except sqlite3.Error:
            self._to_clean = True
        finally:
            connection.close()

    def _move(self) -> None:
        # An error of the file will come up with the next commit.
        with contextlib.suppress(sqlite3.Error):
            connection = sqlite3.connect(self._path)
            try:
                (page_size,) = connection.execute("PRAGMA page_size").fetchone()
                _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if pages * page_size > MOST_BYTES:
                    # The writer waits while the few pages that came meanwhile are moved.
                    connection.execute("PRAGMA wal_checkpoint(RESTART)")
            finally:
                connection.close()
