"""Signals that end the program: SIGHUP, SIGINT and SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Callable

from hubbub.terminal.signalled import SIGNALLED


def listen(end: Callable[[int], None]) -> None:
    """Calls ``end`` with the exit code when one of them comes."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for name in ("SIGHUP", "SIGINT", "SIGTERM"):
        number = getattr(signal, name, None)
        # A signal that our parent ignores, as nohup does with SIGHUP, stays ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(NotImplementedError):  # on Windows
                loop.add_signal_handler(number, end, SIGNALLED + number)


def terminal_is_gone() -> bool:
    """Whether the terminal was closed."""
    if sys.platform == "win32":
        return False
    import termios

    try:
        termios.tcgetattr(sys.__stdin__.fileno() if sys.__stdin__ else 0)
    except (termios.error, ValueError, OSError):
        return True
    return False
