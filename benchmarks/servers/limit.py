"""What plain sockets allow at all: limit.c, a bare loop in C that keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import processes
from benchmarks.servers.listening import Server, free_port, wait_until_open


@contextmanager
def limit(program: Path, processor: int, folder: Path, *options: str) -> Iterator[Server]:
    """``options`` are those of limit.c, such as ``tick=5``."""
    port = free_port()
    command: list[str | Path] = [program, str(port), *options]
    with processes.running(processes.start(command, processor, folder=folder)) as process:
        wait_until_open(process, port)
        yield Server(process, port, "irc")
