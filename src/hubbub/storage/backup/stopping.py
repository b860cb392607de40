"""Ends work in a thread when it is not wanted any more, within a moment."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hubbub.storage.backup.errors import Stopped

INSTRUCTIONS = 100_000  # of SQLite's between two looks: some milliseconds


class Stop:
    """Says to one thread that its work is to end."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def set(self) -> None:
        """It is to end. For any thread."""
        with self._lock:
            self._event.set()
            if self._connection is not None:
                self._connection.interrupt()

    def check(self) -> None:
        """Raises `Stopped` if the work is to end."""
        if self._event.is_set():
            raise Stopped

    def rest(self, seconds: float) -> None:
        """Sleeps, and raises `Stopped` at once if the work is to end."""
        self._event.wait(seconds)
        self.check()

    @contextmanager
    def interrupting(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Within this a statement on ``connection`` is ended, too."""
        with self._lock:
            self._connection = connection
        # An interrupt ends only what has begun, and there is a moment before that.
        connection.set_progress_handler(self._event.is_set, INSTRUCTIONS)
        try:
            self.check()
            yield
        except sqlite3.OperationalError:
            self.check()
            raise
        finally:
            connection.set_progress_handler(None, INSTRUCTIONS)
            with self._lock:
                self._connection = None
