"""Whether the full-screen or the plain client suits the terminal."""

from __future__ import annotations

import os
import sys


def on_terminal() -> bool:
    """Whether both input and output are a terminal, rather than a pipe or a file."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def only_goes_forward() -> bool:
    """Whether the terminal cannot move its cursor, or does not say that it can."""
    return os.environ.get("TERM", "") in ("dumb", "unknown", "") and sys.platform != "win32"


def takes_the_screen() -> bool:
    """Whether the full-screen client can be shown here."""
    return on_terminal() and not only_goes_forward()
