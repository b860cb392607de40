"""Commands as a script runs them, each in a process of its own, against a server in another."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hubbub.client import connect
from tests.patience import PATIENCE_SECONDS
from tests.process import ROOT, ServerProcess

SAID_AT_ONCE = 500  # texts that wait to be saved, at most


class Ran(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


class Commands:
    """Runs `hubbub send` and the like; ``login`` is who one is on this computer."""

    def __init__(self, server: ServerProcess, cache: Path, login: str = "ada") -> None:
        self.server = server
        self.login = login
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "PYTHONPATH": str(ROOT / "src"),
            "HUBBUB_CACHE": str(cache),
            "LOGNAME": login,
            "TZ": "Asia/Kathmandu",  # 5 hours and 45 minutes: no other zone is mistaken for it
        }

    def run(self, command: str, *words: str, stdin: str = "", **environment: str) -> Ran:
        """Runs a command to its end."""
        done = subprocess.run(
            self._line(command, words),
            env=self.environment | environment,
            input=stdin.encode(),
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    @contextmanager
    def started(
        self,
        command: str,
        *words: str,
        stdout: int = subprocess.PIPE,
        stderr: int = subprocess.PIPE,
        **environment: str,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Runs a command beside the test; it is killed at the end."""
        with subprocess.Popen(
            self._line(command, words),
            env=self.environment | environment,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def events(self, room: str = "General") -> list[dict[str, Any]]:
        """The whole log of a room."""
        ran = self.run("tail", room, "--after", "0", "--json", "--user", f"{self.login}-reads")
        assert (ran.code, ran.err) == (0, ""), ran.err
        return [json.loads(line) for line in ran.out.splitlines()]

    def said(self, room: str = "General") -> list[tuple[str, str]]:
        """Who said what."""
        return [
            (event["by"], event["text"]) for event in self.events(room) if event["kind"] == "said"
        ]

    def texts(self, room: str = "General") -> list[str]:
        return [text for _, text in self.said(room)]

    def _line(self, command: str, words: tuple[str, ...]) -> list[str]:
        where = ["--server", f"127.0.0.1:{self.server.port}"] if "--server" not in words else []
        return [sys.executable, "-m", "hubbub", command, *where, *words]


def say_inside(server: ServerProcess, user: str, *texts: str, room: str = "General") -> None:
    """Somebody enters a room, says these texts, and leaves it: ``len(texts) + 2`` events."""

    async def say() -> None:
        async with connect(f"127.0.0.1:{server.port}", user=user) as chat:
            await chat.join(room)
            for begin in range(0, len(texts), SAID_AT_ONCE):
                lines = [chat.send(room, text) for text in texts[begin : begin + SAID_AT_ONCE]]
                await asyncio.gather(*(line.saved() for line in lines))
            await chat.leave(room)

    asyncio.run(say())


def read_lines(process: subprocess.Popen[bytes], count: int) -> list[str]:
    """The next lines that a command writes; waits for them, and fails if there are no more."""
    assert process.stdout is not None
    too_late = threading.Timer(PATIENCE_SECONDS, process.kill)
    too_late.start()
    try:
        lines = [process.stdout.readline().decode() for _ in range(count)]
    finally:
        too_late.cancel()
    assert all(lines), f"the command has ended: {end_of(process)}"
    return [line.rstrip("\n") for line in lines]


def end_of(process: subprocess.Popen[bytes]) -> Ran:
    """How a started command ends."""
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return Ran(process.returncode, (out or b"").decode(), (err or b"").decode())
