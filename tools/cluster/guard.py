"""Ends what a cluster has started when the program that started it is gone, however it ended.

`Guard` is for the cluster; run as a program, this module is the process that watches. It holds the
end of a pipe, and reads which processes there are and which folder is theirs. When the pipe ends,
it kills their process groups and deletes the folder. The kernel's PR_SET_PDEATHSIG would not do: it
is about the thread that has started a process, and threads come and go here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

WAIT_SECONDS = 10.0  # for processes that were killed to be gone, before their folder is deleted


class Guard:
    """Knows a folder and processes, and leaves nothing of them behind."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # ^C in the terminal is not for it
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        with suppress(BrokenPipeError):
            pipe.close()
        self._process.wait()

    def watch(self, pid: int) -> None:
        """This process is to end, with its process group."""
        self._tell(f"+{pid}")

    def forget(self, pid: int) -> None:
        """This process has ended, and its number may be another one's soon."""
        self._tell(f"-{pid}")

    def _tell(self, line: str) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        pipe.write(line + "\n")
        pipe.flush()


def guard(folder: str, lines: Iterable[str]) -> None:
    """Reads ``lines`` until they end; then ends all."""
    watched: set[int] = set()
    for line in lines:
        pid = int(line[1:])
        if line[0] == "+":
            watched.add(pid)
        else:
            watched.discard(pid)
    for pid in watched:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    until = time.monotonic() + WAIT_SECONDS
    while os.path.lexists(folder) and time.monotonic() < until:
        shutil.rmtree(folder, ignore_errors=True)  # what still runs may make files meanwhile
        time.sleep(0.05)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guard(sys.argv[1], sys.stdin)
