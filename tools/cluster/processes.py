"""A program of a cluster: started, killed, stopped for a while, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from tools.cluster.guard import Guard
from tools.cluster.ports import EVERYWHERE, LOOPBACK

if TYPE_CHECKING:
    from tools.cluster.network import Place

PATIENCE_SECONDS = 60.0
"""For a program to start or to end. Only what has failed takes so long, on a busy computer, too."""

LAST_LINES = 20


class ClusterError(Exception):
    """Something does not run as it should. The text says what, and what to do."""


class State(Enum):
    """What a program does."""

    RUNS = "runs"
    STOPPED = "stopped"
    """By SIGSTOP: it is there, and does nothing."""
    DOWN = "down"


class Program(ABC):
    """One program that listens on ``port``, with a log file in ``folder``.

    ``place``: where it runs, if that is not this computer's own network.
    """

    def __init__(
        self, name: str, folder: Path, guard: Guard, port: int, place: Place | None = None
    ) -> None:
        self.name = name
        self.port = port
        self.place = place
        self.folder = folder
        self.log = folder / f"{name}.log"
        self._guard = guard
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._lock = threading.Lock()

    @abstractmethod
    def start(self) -> None:
        """Starts it, and returns when it takes connections."""

    @property
    def listens_on(self) -> str:
        """The address on which it takes connections."""
        return LOOPBACK if self.place is None else EVERYWHERE

    @property
    def host(self) -> str:
        """The address at which the other programs of the cluster reach it."""
        return LOOPBACK if self.place is None else self.place.address

    def placed(self, command: Sequence[str]) -> Sequence[str]:
        """``command`` as one that runs where it does."""
        return command if self.place is None else self.place.command(*command)

    @property
    def pid(self) -> int:
        """Raises `ClusterError` if it is not running."""
        if self._process is None or self._process.poll() is not None:
            raise ClusterError(f"{self.name} is not running.")
        return self._process.pid

    @property
    def state(self) -> State:
        """What it does now."""
        if self._process is None or self._process.poll() is not None:
            return State.DOWN
        return State.STOPPED if self._stopped else State.RUNS

    def kill(self) -> None:
        """kill -9, whatever it does. Returns when it is gone."""
        self._signal(signal.SIGKILL)
        self._reap(PATIENCE_SECONDS)

    def stop(self) -> None:
        """SIGSTOP: all that it does waits, and others do not notice that it does."""
        if self.state is State.DOWN:
            raise ClusterError(f"{self.name} is not running.")
        self._signal(signal.SIGSTOP)
        self._stopped = True

    def go_on(self) -> None:
        """SIGCONT, after `stop`."""
        self._signal(signal.SIGCONT)
        self._stopped = False

    def end(self, number: int = signal.SIGTERM, *, seconds: float = PATIENCE_SECONDS) -> int:
        """Asks it to end, and returns the exit code. Raises `ClusterError` if it does not."""
        if self.state is State.STOPPED:
            self.go_on()
        self._signal(number)
        return self._reap(seconds)

    def told(self) -> str:
        """The last lines of its log."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        return "\n".join(lines[-LAST_LINES:])

    def _start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        if self.state is not State.DOWN:
            raise ClusterError(f"{self.name} is running already.")
        with self.log.open("ab") as log, self._lock:
            self._process = subprocess.Popen(
                self.placed(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=environment,
                start_new_session=True,
            )
            self._guard.watch(self._process.pid)
        self._stopped = False

    def _signal(self, number: int) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)

    def _reap(self, seconds: float) -> int:
        with self._lock:
            process = self._process
            if process is None:
                return 0
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                raise ClusterError(f"{self.name} does not end:\n{self.told()}") from None
            self._guard.forget(process.pid)
            self._process = None
            return code
