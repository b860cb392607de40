"""Writes to the terminal in a thread, so that the program never waits for it and never fails.

A terminal may stall (as ssh does) or be gone. The program must still handle signals, save texts,
and end.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from hubbub.terminal.writing import write_all

MOST_WAITING = 4 * 1024 * 1024  # queued characters: hundreds of whole screens
END_SECONDS = 1.0  # for the last output, on a terminal that stalls


class Painter:
    """A file for Textual to write to.

    ``gone`` is called in the thread when the terminal is gone. When more than `MOST_WAITING`
    characters are queued, further output is dropped; when the queue is empty again, ``behind`` is
    called, and the whole screen has to be drawn again.
    """

    def __init__(self, fd: int, gone: Callable[[], None], behind: Callable[[], None]) -> None:
        self._fd = fd
        self._gone = gone
        self._behind = behind
        self._pieces: deque[str] = deque()
        self._waiting = 0
        self._skipping = False
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="terminal-output", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        with self._changed:
            if self._closed:
                return
            if self._waiting + len(text) > MOST_WAITING:
                self._skipping = True
            if not self._skipping:
                self._pieces.append(text)
                self._waiting += len(text)
                self._changed.notify()

    def flush(self) -> None:
        """Does nothing: all output is written as soon as possible."""

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return True

    def close(self) -> None:
        """Ends the thread when everything is written, or after `END_SECONDS`."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(END_SECONDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pieces or self._closed)
                if not self._pieces:
                    return
                text = "".join(self._pieces)
                self._pieces.clear()
            try:
                write_all(self._fd, text.encode("utf-8", errors="replace"))
            except OSError:
                with self._changed:
                    self._closed = True
                self._gone()
                return
            with self._changed:
                self._waiting -= len(text)
                behind, self._skipping = self._skipping, False
            if behind:
                self._behind()
