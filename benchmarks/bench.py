"""What every measurement needs: the tools, the servers, a folder, and how much to do."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from benchmarks import processes
from benchmarks.errors import Failed
from benchmarks.load.generator import Load, Outcome
from benchmarks.load.tools import Tools
from benchmarks.machine import Processors
from benchmarks.servers.bare import bare
from benchmarks.servers.hubbub import hubbub, settle
from benchmarks.servers.limit import limit
from benchmarks.servers.listening import Server
from benchmarks.servers.ngircd import ngircd

N = TypeVar("N")


class Bench:
    """``quick``: small and short, to see that all works. ``folder`` is empty, on a real disk.

    ``connections``: as many as a server here can have. ``notes`` is for what the reader of the
    contest's figures has to know.
    """

    def __init__(
        self,
        tools: Tools,
        processors: Processors,
        folder: Path,
        *,
        ngircd: Path | None,
        connections: int,
        quick: bool,
    ) -> None:
        self.tools = tools
        self.processors = processors
        self.folder = folder
        self.ngircd_program = ngircd
        self.connections = connections
        self.quick = quick
        self.notes: list[str] = []
        self._numbers = itertools.count(1)

    def of(self, full: N, quick: N) -> N:
        """How much to do."""
        return quick if self.quick else full

    def note(self, text: str) -> None:
        """Tells the reader, once."""
        if text not in self.notes:
            self.notes.append(text)

    # Servers, each on a processor of its own

    @contextmanager
    def data(self) -> Iterator[Path]:
        """A place for one server's database; it is gone at the end."""
        place = self.folder / f"data-{next(self._numbers)}"
        place.mkdir()
        try:
            yield place / "data"
        finally:
            shutil.rmtree(place, ignore_errors=True)

    @contextmanager
    def hubbub(self, *flags: str) -> Iterator[Server]:
        """A new server without any history."""
        with self.data() as folder, self.hubbub_on(folder, *flags) as server:
            yield server

    @contextmanager
    def hubbub_on(self, folder: Path, *flags: str, settled: bool = True) -> Iterator[Server]:
        """A server on a database that may be there already; ``settled``: when its start is over."""
        with hubbub(self.processors.server, folder, *flags) as server:
            if settled:
                settle(server)
            yield server

    @contextmanager
    def limit(self, *options: str) -> Iterator[Server]:
        """The bare loop in C."""
        with limit(self.tools.limit, self.processors.server, self.folder, *options) as server:
            yield server

    @contextmanager
    def bare(self, durability: str) -> Iterator[Server]:
        """The bare room in Python."""
        with (
            self.data() as folder,
            bare(self.processors.server, folder, durability) as server,
        ):
            yield server

    @contextmanager
    def ngircd(self) -> Iterator[Server]:
        """Raises `Failed` where it is not installed."""
        if self.ngircd_program is None:
            raise Failed("is not installed (Debian, Ubuntu: apt install ngircd)")
        with ngircd(self.ngircd_program, self.processors.server, self.folder) as server:
            yield server

    # Load

    def load(self, server: Server, load: Load, *, websocket: bool = False) -> Outcome:
        """Puts ``load`` on ``server``; raises `Failed` when it was not served as it should."""
        output = processes.output_of(
            self.command(server, load, websocket=websocket),
            self.processors.load,
            folder=self.folder,
            seconds=load.seconds,
        )
        return Outcome.read(output)

    def command(self, server: Server, load: Load, *, websocket: bool = False) -> list[str]:
        """The generator's command line."""
        if websocket:
            program = [str(self.tools.wsload)]
        else:
            program = [str(self.tools.chatload), "--proto", server.protocol]
        return [*program, *load.arguments(server.port, server.pid)]
