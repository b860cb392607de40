"""Hubbub, as `hubbub serve` starts it, with its limits for each client lifted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from benchmarks import processes
from benchmarks.errors import Failed
from benchmarks.servers.listening import POLL_SECONDS, START_SECONDS, Server

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "hubbub", "serve")
LIFTED = ("--rate-limit", "0", "--sessions-per-address", "0", "--sessions", "0")
"""Without these the load would be a flood, and thousands of clients of one address too many."""

_LISTENING = re.compile(rb"Listening on \S*?:(\d+)")


@contextmanager
def hubbub(
    processor: int, folder: Path, *flags: str, command: Sequence[str] = COMMAND
) -> Iterator[Server]:
    """Serves on the database in ``folder``, on any free port, until the block ends."""
    log = folder.parent / f"{folder.name}.log"
    arguments = ("--host", "127.0.0.1", "--port", "0", "--data", str(folder), *LIFTED, *flags)
    with log.open("wb") as errors:
        process = processes.start(
            (*command, *arguments),
            processor,
            folder=folder.parent,
            errors=errors,
            environment=_environment(),
        )
    with processes.running(process):
        yield Server(process, _port(process, log), "line")


def settle(server: Server) -> None:
    """Returns when all is loaded that loads behind the start: it is none of the clients' cost."""
    with urlopen(f"http://127.0.0.1:{server.port}/healthz", timeout=START_SECONDS) as answer:
        answer.read()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """Waits until the server says where it listens."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        said = log.read_bytes()
        found = _LISTENING.search(said)
        if found:
            return int(found[1])
        if ended:
            raise Failed("did not start:\n" + said.decode(errors="replace").strip())
        time.sleep(POLL_SECONDS)
    raise Failed(f"did not listen within {START_SECONDS:g} s")


def _environment() -> dict[str, str]:
    """This one's, without what would change the server's settings."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("HUBBUB_")}
    return {**inherited, "PYTHONPATH": str(ROOT / "src")}
