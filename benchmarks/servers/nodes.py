"""Several Hubbubs as one server: PostgreSQL and NATS on loopback, and nodes at known ports."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.errors import Failed
from benchmarks.machine import Processors
from benchmarks.servers.hubbub import hubbub, settle
from tools.cluster.broker import Broker
from tools.cluster.guard import Guard
from tools.cluster.ports import LOOPBACK, free_ports
from tools.cluster.postgres import USER, Postgres
from tools.cluster.processes import ClusterError


class Nodes(NamedTuple):
    """Servers on one log. ``postgres`` and ``nats``: the processes that work for them."""

    ports: Sequence[int]
    pids: Sequence[int]
    postgres: Sequence[int] = ()
    nats: Sequence[int] = ()


class Shared:
    """What nodes have in common. Each set of them gets a new database in the same PostgreSQL.

    It waits for its disk. PostgreSQL and NATS run on any processor.
    """

    def __init__(self, folder: Path, processors: Processors) -> None:
        self._folder = folder
        self._processors = processors
        self._numbers = itertools.count(1)
        self._ends = ExitStack()

    def __enter__(self) -> Shared:
        with ExitStack() as ends:
            guard = ends.enter_context(Guard(self._folder))
            port, broker_port, route = free_ports(3)
            self._password = secrets.token_urlsafe()
            try:
                self.postgres = Postgres(
                    "postgres", self._folder, guard, port, self._password, safe=True
                )
                ends.callback(self.postgres.kill)
                self.postgres.make()
                self._broker = Broker(
                    "nats", self._folder, guard, broker_port, route, [f"{LOOPBACK}:{route}"]
                )
                ends.callback(self._broker.kill)
                self._broker.start()
            except ClusterError as error:
                raise Failed(str(error)) from error
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ends.close()

    @contextmanager
    def database(self) -> Iterator[str]:
        """The name of a new database, which is gone at the end."""
        name = f"bench_{next(self._numbers)}"
        with self.postgres.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield name
        finally:
            with suppress(ClusterError), self.postgres.connect("postgres") as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    @contextmanager
    def nodes(self, count: int, database: str, *flags: str) -> Iterator[Nodes]:
        """So many nodes on ``database``, until the block ends."""
        at = f"postgresql://{USER}:{self._password}@{LOOPBACK}:{self.postgres.port}/{database}"
        common = ("--database", at, "--bus", f"nats://{LOOPBACK}:{self._broker.port}", *flags)
        with ExitStack() as ends:
            servers = []
            for number in range(1, count + 1):
                folder = self._folder / f"{database}-node-{number}"
                name = ("--node-name", f"node-{number}")
                server = ends.enter_context(hubbub(self._processors.server, folder, *common, *name))
                servers.append(server)
            for server in servers:
                settle(server)
            yield Nodes(
                [server.port for server in servers],
                [server.pid for server in servers],
                self._backends(),
                [self._broker.pid],
            )

    def connect(self, database: str) -> Any:
        """A connection that commits each statement."""
        return self.postgres.connect(database)

    def _backends(self) -> list[int]:
        """PostgreSQL's processes: its first one, and one for each connection among others."""
        first = self.postgres.pid
        return [first, *children_of(first)]


def children_of(pid: int) -> list[int]:
    """The processes that ``pid`` has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            words = stat.read_text().rpartition(")")[2].split()
            if int(words[1]) == pid:
                found.append(int(stat.parent.name))
    return found
