"""Moves what was written from SQLite's write-ahead log to the file, in a thread of its own.

That waits for the disk, for 10 ms and more. SQLite would do it within the commit that made the log
long, and so would hold up whoever is typing.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

EVERY_BYTES = 4 * 1024 * 1024  # SQLite's own measure: 1,000 pages
MOST_BYTES = 32 * 1024 * 1024  # of the log, when it is never quiet for long enough to begin anew
BYTES_A_COMMIT = 4 * 4096  # the pages that even a small one touches


class Checkpoints:
    """For one file; to be told of each commit."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = 0
        self._defect: BaseException | None = None
        self._thread: threading.Thread | None = None

    def wrote(self, size: int) -> None:
        """``size`` bytes were committed. Raises what nobody expected in the thread before."""
        if self._defect is not None:
            defect, self._defect = self._defect, None
            raise defect
        self._written += size + BYTES_A_COMMIT
        if self._written >= EVERY_BYTES and not (self._thread and self._thread.is_alive()):
            self._written = 0
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Waits for the thread."""
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._move()
        except BaseException as defect:  # noqa: BLE001  # raised where somebody hears of it
            self._defect = defect

    def _move(self) -> None:
        # If it cannot be done, whoever writes will hear of that.
        with contextlib.suppress(sqlite3.Error):
            connection = sqlite3.connect(self._path)
            try:
                (page_size,) = connection.execute("PRAGMA page_size").fetchone()
                _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if pages * page_size > MOST_BYTES:
                    # What came meanwhile is little, but for that the writer has to wait.
                    connection.execute("PRAGMA wal_checkpoint(RESTART)")
            finally:
                connection.close()
