"""The server as its users run it: `hubbub serve` as a process, to talk to and to kill."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import IO, Protocol, Self

from tests.conftest import LONG
from tests.patience import PATIENCE_SECONDS
from tests.server.tls_streams import open_encrypted

ROOT = Path(__file__).parents[1]
STOP_SECONDS = 5.0  # promised after SIGTERM, to a machine that has nothing else to do

_LISTENING = re.compile(r"Listening on \S*:(\d+)")


class Process(Protocol):
    """What is needed of `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...
    @property
    def stdout(self) -> IO[str] | None: ...
    def kill(self) -> None: ...
    def send_signal(self, sig: int, /) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


class ServerProcess:
    """One server on a data folder. Restarts keep the port, as a real one would."""

    def __init__(
        self,
        data: Path,
        *flags: str,
        environment: dict[str, str] | None = None,
        module: str = "hubbub",
    ) -> None:
        self.data = data
        self.flags = flags
        self.port = 0
        self.output: list[str] = []
        self.module = module
        self.told = threading.Condition()
        self.environment = environment or {}
        self._process: Process | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    @property
    def url(self) -> str:
        scheme = "wss" if "--tls-cert" in self.flags else "ws"
        return f"{scheme}://127.0.0.1:{self.port}/ws"

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        """What clients trust it by (SSL_CERT_FILE); None for one that does not encrypt."""
        return ssl.create_default_context() if "--tls-cert" in self.flags else None

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to it."""
        if self.tls is None:
            return await asyncio.open_connection(*self.address)
        return await open_encrypted(*self.address, self.tls, None)

    def start(self) -> None:
        """Starts it and waits until it listens."""
        arguments = ("serve", "--port", str(self.port), "--data", str(self.data), *self.flags)
        self._process = self._spawn(arguments)
        listening = threading.Event()
        threading.Thread(target=self._read, args=(self._process, listening), daemon=True).start()
        if not listening.wait(PATIENCE_SECONDS) or self.port == 0:
            raise AssertionError("the server did not start:\n" + "\n".join(self.output))

    def refuses_to_start(self) -> str:
        """Starts it, and returns what it says before it ends with the exit code 1."""
        arguments = ("serve", "--port", str(self.port), "--data", str(self.data), *self.flags)
        process = self._spawn(arguments)
        assert process.stdout is not None
        try:
            assert process.wait(PATIENCE_SECONDS) == 1
            with process.stdout:
                return process.stdout.read()
        finally:
            process.kill()
            process.wait()

    def _spawn(self, arguments: Sequence[str]) -> Process:
        return subprocess.Popen(
            [sys.executable, "-m", self.module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.data.parent,
            env={**clean_environment(), **self.environment},
        )

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit code.

        How long that may take, `tests/server/test_shutdown.py` tells on a busy machine, too.
        """
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STOP_SECONDS if LONG else PATIENCE_SECONDS)

    def tells(self, words: str, *, after: int = 0) -> None:
        """Waits until a line of its output, behind the first ``after`` lines, has these words."""
        with self.told:
            assert self.told.wait_for(
                lambda: any(words in line for line in self.output[after:]), PATIENCE_SECONDS
            ), f"{words!r} was not told:\n" + "\n".join(self.output[after:])

    def died(self) -> None:
        """Waits until it has ended by itself."""
        assert self._process is not None
        self._process.wait(PATIENCE_SECONDS)

    def restart(self) -> None:
        """kill -9, and a new start on the same folder and port."""
        self.kill()
        self.start()

    def memory(self) -> int:
        """Resident bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _read(self, process: Process, listening: threading.Event) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                with self.told:
                    self.output.append(line.rstrip())
                    self.told.notify_all()
                found = _LISTENING.search(line)
                if found:
                    self.port = int(found[1])
                    listening.set()
        listening.set()


def clean_environment() -> dict[str, str]:
    """That of this process, without settings of ours, and with the sources and the tests."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("HUBBUB_")}
    return {**inherited, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
