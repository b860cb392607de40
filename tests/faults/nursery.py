"""Processes that start in a hundredth of the time: forked from one that has imported everything.

A thousand servers can so be killed in minutes. `Nursery` is for the tests; run as a program, this
module is the process that forks: it takes a command and the ends of two pipes for each child.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Self

from tests.patience import PATIENCE_SECONDS
from tests.process import ROOT, clean_environment

MAX_COMMAND = 64 * 1024
PR_SET_PDEATHSIG = 1  # prctl(2): no child outlives the nursery, however that one ends

IMPORTED = (
    "alembic.command",
    "hubbub.cli",
    "hubbub.hub.hub",
    "hubbub.server.http.lazily",
    "hubbub.server.logs",
    "hubbub.server.run",
    "hubbub.storage.log",
    "tests.faults.talker",
    "tests.faults.trimming",
    "uvloop",
)
"""What a child would import otherwise; none of it starts a thread."""


class Child:
    """A forked process, as `subprocess.Popen` has them."""

    def __init__(self, pid: int, output: int, end: int) -> None:
        self.pid = pid
        self.stdout: IO[str] = os.fdopen(output)
        self._end = os.fdopen(end)
        self._status: int | None = None

    def send_signal(self, number: int) -> None:
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, or the negative number of the signal; TimeoutError if it lives on."""
        if self._status is None:
            if not select.select([self._end], [], [], timeout)[0]:
                raise TimeoutError(f"process {self.pid} has not ended")
            with self._end:
                self._status = int(self._end.read())
        return self._status


class Nursery:
    """Forks children until the block ends, which ends them, too."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """``environment``: variables of all children, beside those of this process."""
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(PATIENCE_SECONDS)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.nursery", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**clean_environment(), **(environment or {})},
                cwd=ROOT,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._socket.close()
        self._process.wait(PATIENCE_SECONDS)

    def spawn(
        self, module: str, arguments: Sequence[str], *, folder: Path, variables: Mapping[str, str]
    ) -> Child:
        """Runs ``main(arguments)`` of ``module`` in a process of its own."""
        output, output_in = os.pipe()
        end, end_in = os.pipe()
        command = {"module": module, "arguments": list(arguments), "folder": str(folder)}
        asked = json.dumps(command | {"variables": dict(variables)}).encode()
        socket.send_fds(self._socket, [asked], [output_in, end_in])
        os.close(output_in)
        os.close(end_in)
        return Child(int(self._socket.recv(32)), output, end)


def serve(commands: socket.socket) -> None:
    """Forks a child for each command, and tells its end, until ``commands`` is closed."""
    children: dict[int, tuple[int, int]] = {}  # by their pidfd: pid, and the pipe to tell its end
    try:
        while True:
            ready, _, _ = select.select([commands.fileno(), *children], [], [])
            for file in children.keys() & ready:
                os.close(file)
                _tell_end(*children.pop(file))
            if commands.fileno() in ready:
                asked, files, _, _ = socket.recv_fds(commands, MAX_COMMAND, 2)
                if not asked:
                    return
                output, end = files
                pid = os.fork()
                if pid == 0:
                    # Whoever holds a pipe's end keeps those waiting who read from it.
                    ends = [end for _, end in children.values()]
                    for file in [*children, *ends, end, commands.fileno()]:
                        os.close(file)
                    _run(json.loads(asked), output)
                os.close(output)
                children[os.pidfd_open(pid)] = pid, end
                commands.sendall(str(pid).encode())
    finally:
        for pid, _ in children.values():
            os.kill(pid, signal.SIGKILL)


def _tell_end(pid: int, end: int) -> None:
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(BrokenPipeError):  # nobody may want to know
        os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
    os.close(end)


def _run(command: dict[str, Any], output: int) -> None:
    """The child's life; never returns."""
    status = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.update(command["variables"])
        os.chdir(command["folder"])
        sys.modules[command["module"]].main(command["arguments"])
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - nobody else is left to tell it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    for name in IMPORTED:
        importlib.import_module(name)
    with socket.socket(fileno=int(sys.argv[1])) as commands:
        serve(commands)
