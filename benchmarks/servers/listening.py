"""A server that is up: where it listens, and which protocol the generator speaks to it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from typing import Literal, NamedTuple

from benchmarks.errors import Failed

START_SECONDS = 60.0
POLL_SECONDS = 0.002


class Server(NamedTuple):
    """``protocol`` is that of chatload."""

    process: subprocess.Popen[bytes]
    port: int
    protocol: Literal["line", "irc"]

    @property
    def pid(self) -> int:
        return self.process.pid


def free_port() -> int:
    """A port that nobody had a moment ago, for servers that cannot choose one themselves."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def wait_until_open(process: subprocess.Popen[bytes], port: int) -> None:
    """Returns when ``port`` takes connections; raises `Failed`."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with (
            contextlib.suppress(ConnectionRefusedError),
            socket.create_connection(("127.0.0.1", port), timeout=1),
        ):
            return
        time.sleep(POLL_SECONDS)
    raise Failed("did not start")
