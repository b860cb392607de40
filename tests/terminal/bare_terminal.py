"""A terminal that nothing stands behind but the test: it may vanish, stall, or send any byte."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Self

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.process import ROOT


class BareTerminal:
    """`hubbub WORD...` on a new terminal. ``stderr`` may be somewhere else.

    ``as_job``: a shell with job control has started it, to whom Ctrl+Z gives the terminal back.
    ``hears_hangups``: False if whoever started it has switched SIGHUP off, as ``trap '' HUP``.
    """

    def __init__(
        self,
        words: Sequence[str],
        home: Path,
        *,
        stderr: IO[bytes] | None = None,
        hears_hangups: bool = True,
        as_job: bool = False,
        program: Sequence[str] = (),
        module: str = "hubbub",
        **environment: str,
    ) -> None:
        self.shown = b""
        self._master, slave = pty.openpty()

        started = ["bash", "-c", 'set -m; "$@"', "bash"] if as_job else []
        deaf = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"] if not hears_hangups else []
        self.process = subprocess.Popen(
            [*started, *deaf, *(program or (sys.executable, "-m", module)), *words],
            stdin=slave,
            stdout=slave,
            stderr=slave if stderr is None else stderr,
            env={
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
                "TERM": "xterm-256color",
                "HOME": str(home),
                "HUBBUB_CACHE": str(home / "cache"),
                "XDG_CONFIG_HOME": str(home),
                "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
                **environment,
            },
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.kill()
        self.process.wait()
        self.vanish()

    def vanish(self) -> None:
        """The terminal is no more."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def send(self, data: bytes) -> None:
        """Types these bytes."""
        os.write(self._master, data)

    def sees(self, words: bytes) -> None:
        """Waits until ``words`` were written."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while words not in self.shown:
            left = deadline - time.monotonic()
            if left <= 0 or not self._read(left):
                pytest.fail(f"no {words!r} in {self.shown[-2000:]!r}")

    def watch(self, seconds: float, words: bytes) -> None:
        """Reads what is written until ``words`` are, or for so many seconds."""
        until = time.monotonic() + seconds
        while words not in self.shown and (left := until - time.monotonic()) > 0:
            self._read(left)

    def until(self, condition: Callable[[], bool]) -> None:
        """Waits for ``condition``; what is written meanwhile is read."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.shown[-2000:]
            self._read(0.05)

    def ended(self) -> int:
        """Waits for its end; the exit code. What it writes meanwhile is read."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it lives on"
            if self._master < 0:
                self.process.wait(deadline - time.monotonic())
            else:
                self._read(0.05)
        while self._master >= 0 and self._read(0.05):
            pass
        return self.process.returncode

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # it has ended
            return False
        self.shown += data
        return bool(data)
