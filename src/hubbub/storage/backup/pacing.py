"""Long work in a thread that leaves the disk and the processors to others in between."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import BinaryIO

from hubbub.storage.backup.stopping import Stop

MOMENT_SECONDS = 0.05  # of work between two rests
REST_RATIO = 0.5  # of the time that the work took
MAX_REST_SECONDS = 0.5
TELL_SECONDS = 0.2  # between two words on how far it is

Progress = Callable[[str, int, int], None]
"""Is told what is being done, and how many bytes of how many are done."""


class Pace:
    """Is called after each bit of the work. Raises `Stopped` when it is to end.

    What was written to ``file`` is synced before each rest: if all of it waited for the end, a
    commit that comes in between would wait for all of it.
    """

    def __init__(self, stop: Stop, file: BinaryIO | None = None) -> None:
        self._stop = stop
        self._file = file
        self._since = time.monotonic()

    def __call__(self) -> None:
        self._stop.check()
        if time.monotonic() - self._since < MOMENT_SECONDS:
            return
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
        worked = time.monotonic() - self._since
        self._stop.rest(min(worked * REST_RATIO, MAX_REST_SECONDS))
        self._since = time.monotonic()


class Teller:
    """Tells how far something is, now and then."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._next = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        if self._progress is None:
            return
        now = time.monotonic()
        if now >= self._next or done >= total:
            self._next = now + TELL_SECONDS
            self._progress(what, done, total)
