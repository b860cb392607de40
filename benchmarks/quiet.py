"""Waits for moments in which nobody else needs the processors, on a machine that is shared."""

from __future__ import annotations

import os
import time
from pathlib import Path

QUIET = 0.15  # processors that others may take while something is measured
LOOK_SECONDS = 0.5  # how long the machine has to be quiet before something is measured


class Patience:
    """At most ``seconds`` of waiting and of measuring again, in all; 0 takes what comes."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    def wait(self) -> None:
        """Returns when the machine is quiet, or patience is at its end."""
        while self._left > 0 and busy_processors(LOOK_SECONDS) > QUIET:
            self._left -= LOOK_SECONDS

    def again(self, others: float, seconds: float) -> bool:
        """Whether a measurement of ``seconds``, while ``others`` took so much, is to be redone."""
        if others <= QUIET or self._left <= 0:
            return False
        self._left -= seconds
        return True


def busy_processors(seconds: float) -> float:
    """How many processors are in use, this program asleep."""
    before = busy_seconds(Path("/proc/stat").read_text())
    time.sleep(seconds)
    return (busy_seconds(Path("/proc/stat").read_text()) - before) / seconds


def busy_seconds(stat: str) -> float:
    """Seconds that all processors together have worked, by the text of /proc/stat."""
    user, nice, system, _idle, _io_wait, *interrupts = (
        int(field) for field in stat.split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")
