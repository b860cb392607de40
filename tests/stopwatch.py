"""Measures time that passes, less what other programs on the machine take of it."""

from __future__ import annotations

import os
import time
from pathlib import Path


class Stopwatch:
    """Runs from when it is made.

    On Linux it stands still while this process, or one of ``pids``, waits for a processor: so a
    bar in seconds means the same on a busy machine as on a quiet one.
    """

    def __init__(self, *pids: int) -> None:
        self._pids = (os.getpid(), *pids)
        self._began = self._now()

    @property
    def seconds(self) -> float:
        return max(0.0, self._now() - self._began)

    def _now(self) -> float:
        return time.monotonic() - sum(map(_waited, self._pids))


def _waited(pid: int) -> float:
    """Seconds for which threads of a process could run and did not."""
    waited = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            waited += int(thread.read_text().split()[1])
        except OSError:  # it has ended meanwhile
            continue
    return waited / 1e9
