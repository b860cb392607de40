"""The client as a person starts it, in a terminal that notes when what is written to it came."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from benchmarks.errors import Failed

ROOT = Path(__file__).parents[2]
SIZE = (100, 30)
WAIT_SECONDS = 30.0
END_SECONDS = 10.0
CTRL_Q = b"\x11"
READ_BYTES = 1 << 16

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Screen:
    """`python client.py` with ``arguments``; ``home`` keeps its files."""

    def __init__(self, home: Path, arguments: Sequence[str] = ()) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_DATA_HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        self._since = b""
        self._began = time.perf_counter()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            command = [sys.executable, str(ROOT / "client.py"), *arguments]
            os.execve(command[0], command, environment)  # noqa: S606 - no shell is wanted
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            self._end()
        finally:
            os.close(self._terminal)

    def press(self, keys: bytes) -> None:
        """Presses keys. Only what is drawn afterwards counts for `until`."""
        self._read(0)
        self._since = b""
        self._began = time.perf_counter()
        os.write(self._terminal, keys)

    def until(self, text: str) -> float:
        """The seconds from the last press (or the start) until ``text`` was drawn."""
        wanted = text.encode()
        deadline = time.perf_counter() + WAIT_SECONDS
        while wanted not in self._since:
            if time.perf_counter() > deadline:
                raise Failed(f"the client did not show {text!r} within {WAIT_SECONDS:g} s")
            if not self._read(0.1):
                raise Failed(f"the client ended before it showed {text!r}")
        return time.perf_counter() - self._began

    def watch(self, seconds: float) -> None:
        """Lets it draw for a while."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0 and self._read(left):
            pass

    def memory(self) -> int:
        """Resident bytes."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE_BYTES

    def processor_seconds(self) -> float:
        """The processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def _read(self, seconds: float) -> bool:
        """Takes what is drawn within so many seconds; False when there will be no more."""
        if select.select([self._terminal], [], [], seconds)[0]:
            try:
                data = os.read(self._terminal, READ_BYTES)
            except OSError:
                return False
            # What is looked for may be cut in two, and is never longer than this.
            self._since = self._since[-READ_BYTES:] + data
        return True

    def _end(self) -> None:
        os.write(self._terminal, CTRL_Q)
        deadline = time.monotonic() + END_SECONDS
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            self._read(0.05)
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise Failed("the client did not end")
