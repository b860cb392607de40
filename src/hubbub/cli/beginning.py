"""What a command does first: it repairs its standard streams, and lets signals end it.

It is imported before the modules that take long, so it imports next to nothing itself.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

SIGNALLED = 128  # plus the signal's number, as shells have it


def begin(words: Sequence[str]) -> None:
    """Call this first. ``words``: the command line."""
    open_missing_streams()
    write_in_any_encoding()
    if not os.environ.get("NO_COLOR", "not set"):
        del os.environ["NO_COLOR"]  # no-color.org: "when present and not an empty string"
    end_when_told(0 if words[:1] == ["serve"] else None)


def open_missing_streams() -> None:
    """Opens the null device for each standard stream that is closed, as with ``2>&-`` in a shell.

    Otherwise the next file or socket that is opened takes its number, and what is meant for the
    stream goes there. It is opened the wrong way round, so that to read from the standard input, or
    to write to the output, stays an error: an end, or a success, would be a lie. For Python's own
    streams that are closed, ``sys.stdin`` and ``sys.stdout`` stay None; what is said on stderr is
    for nobody.
    """
    for number, mode in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest number that is free, which is this one
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="replace", closefd=False)


def write_in_any_encoding() -> None:
    """Makes outputs write a question mark for a character that their encoding lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        with suppress(OSError):  # one that leads elsewhere than when it was opened
            sys.stdout.reconfigure(errors="replace")


def end_when_told(status: int | None) -> None:
    """From now on SIGTERM and SIGHUP raise `SystemExit`, until the command has ways of its own.

    ``status`` is then the exit code; None: that of a program which the signal has killed. Without
    this, a signal at the start is lost on the first process of a container, which the system spares
    what it has no handler for. SIGUSR1 and SIGUSR2, which kill by default, do nothing.
    """

    def end(number: int, frame: FrameType | None) -> None:
        sys.exit(SIGNALLED + number if status is None else status)

    def nothing(number: int, frame: FrameType | None) -> None:
        """A handler that does nothing: unlike SIG_IGN, child processes do not inherit it."""

    for name, handler in (
        ("SIGTERM", end),
        ("SIGHUP", end),
        ("SIGUSR1", nothing),
        ("SIGUSR2", nothing),
    ):
        number = getattr(signal, name, None)  # Windows has only the first
        # What whoever started us has switched off, as nohup does, stays so.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            with suppress(ValueError):  # not in the main thread: whoever calls us there decides
                signal.signal(number, handler)
