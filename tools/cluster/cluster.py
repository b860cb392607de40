"""The whole cluster: who is there, what is between them, and what can be done to them."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tools.cluster.background import Background
from tools.cluster.balancer import Balancer, Health, Mode
from tools.cluster.broker import Broker
from tools.cluster.forwarder import Forwarder, Link, Way
from tools.cluster.guard import Guard
from tools.cluster.network import Network, Place
from tools.cluster.node import Node
from tools.cluster.packages import nats_server, postgresql
from tools.cluster.ports import LOOPBACK, free_ports
from tools.cluster.postgres import DATABASE, USER, Postgres
from tools.cluster.processes import PATIENCE_SECONDS, ClusterError, Program, State

UNBOUNDED = ("--rate-limit", "0", "--sessions-per-address", "0")
"""All that connect are one address here."""


@dataclass(frozen=True)
class Plan:
    """What a cluster is made of.

    ``synchronous``: whether a commit waits for the standby. ``safe``: whether PostgreSQL waits for
    the disk, see `Postgres`. ``network``: whether each program has a network of its own, see
    `Network`; else what can be cut are `Forwarder`s, between nodes and servers. ``flags`` are those
    of all nodes, ``environments`` variables of one of them, by its number.
    """

    nodes: int = 3
    standby: bool = False
    synchronous: bool = True
    brokers: int = 1
    lease_seconds: int = 15
    mode: Mode = Mode.NEXT
    safe: bool = True
    network: bool = False
    flags: Sequence[str] = UNBOUNDED
    environments: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


class Cluster:
    """Everything of it is reached on 127.0.0.1, is in one temporary folder, and gone with the end
    of the block; also when this process is killed. Raises `ClusterError` where something does not
    start.

    All methods wait until it is done, and may be called in any thread.
    """

    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan or Plan()
        self._ends = ExitStack()
        self._outdated = False  # whether the standby was the primary, and is no copy of it

    def __enter__(self) -> Self:
        with self._ends:
            self._make()
            self._start()
            self._ends = self._ends.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ends.close()

    def _make(self) -> None:
        plan = self.plan
        self.folder = Path(tempfile.mkdtemp(prefix="hubbub-cluster-"))
        self._ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
        guard = self._ends.enter_context(Guard(self.folder))
        background = self._ends.enter_context(Background())
        links = plan.nodes * (2 + plan.brokers)
        ports = iter(free_ports(3 + 2 * plan.brokers + plan.nodes + links))
        password = secrets.token_urlsafe()
        network = Network(guard) if plan.network else None
        if network is not None:
            self._ends.callback(network.close)

        def place() -> Place | None:
            return None if network is None else network.place()

        def database(name: str) -> Postgres:
            port = next(ports)
            return Postgres(name, self.folder, guard, port, password, place(), safe=plan.safe)

        self.primary = database("postgres-a")
        self.standby = database("postgres-b")
        routes = [(place(), next(ports)) for _ in range(plan.brokers)]
        told = [f"{LOOPBACK if at is None else at.address}:{route}" for at, route in routes]
        self.brokers = [
            Broker(f"nats-{number}", self.folder, guard, next(ports), route, told, at)
            for number, (at, route) in enumerate(routes, 1)
        ]
        databases = [self.primary, self.standby] if plan.standby else [self.primary]
        self._links: dict[tuple[str, str], Link] = {}
        self.nodes: list[Node] = []

        def linked(name: str, server: Program) -> str:
            """Where the node with that name reaches the server."""
            if server.place is not None:
                return f"{server.host}:{server.port}"
            link = Forwarder(background, next(ports), (LOOPBACK, server.port))
            self._ends.callback(link.close)
            self._links[name, server.name] = link
            return f"{LOOPBACK}:{link.port}"

        for number in range(1, plan.nodes + 1):
            name = f"node-{number}"
            to = [linked(name, server) for server in databases]
            bus = [f"nats://{linked(name, server)}" for server in self.brokers]
            flags = (
                *("--database", f"postgresql://{USER}@{','.join(to)}/{DATABASE}"),
                *(("--bus", ",".join(bus)) if bus else ()),
                *("--node-name", name, "--lease-seconds", str(plan.lease_seconds)),
                *plan.flags,
            )
            variables = {"PGPASSWORD": password, **plan.environments.get(number, {})}
            port = next(ports)
            self.nodes.append(Node(name, self.folder, guard, port, flags, variables, place()))
        if network is not None:
            self._enter(network, background)
        self._ends.callback(self._end_all)
        self.balancer = Balancer(
            background, next(ports), {node.name: node.port for node in self.nodes}, plan.mode
        )
        self._ends.callback(self.balancer.close)

    def _enter(self, network: Network, background: Background) -> None:
        """Makes doors into the network from this computer, and what can be cut in there."""
        programs = list(self.programs)
        for place, program in enumerate(programs):
            assert program.place is not None
            target = (LOOPBACK, program.port)
            door = Forwarder(background, program.port, target, program.place.socket)
            self._ends.callback(door.close)
            for other in programs[:place]:
                assert other.place is not None
                between = network.between(program.place, other.place)
                self._links[program.name, other.name] = between

    def _start(self) -> None:
        with ThreadPoolExecutor() as threads:
            waiting = [threads.submit(broker.start) for broker in self.brokers]
            self.primary.make()
            if self.plan.standby:
                self.standby.follow(self.primary, synchronous=self.plan.synchronous)
            for done in waiting:
                done.result()
        for node in self.nodes:
            node.start(wait=False)
        self._wait_until_up()

    def _wait_until_up(self) -> None:
        """Returns when all nodes serve, and the balancer has seen that they do."""
        for node in self.nodes:
            node.wait_until_up()
        until = time.monotonic() + PATIENCE_SECONDS
        while Health.AWAY in self.balancer.health.values():
            if time.monotonic() > until:
                raise ClusterError("The balancer does not reach all nodes.")
            time.sleep(0.05)

    @property
    def programs(self) -> Iterator[Program]:
        """All of them, whether they run or not."""
        yield self.primary
        if self.plan.standby:
            yield self.standby
        yield from self.brokers
        yield from self.nodes

    @property
    def address(self) -> tuple[str, int]:
        """The balancer's."""
        return (LOOPBACK, self.balancer.port)

    @property
    def url(self) -> str:
        """Where WebSockets are, at the balancer."""
        return f"ws://{LOOPBACK}:{self.balancer.port}/ws"

    def link(self, one: Program, other: Program) -> Link:
        """What is between a node and a server; in a `Network` between any two programs.

        There the one that is later among the `programs` comes first.
        """
        return self._links[one.name, other.name]

    def all_links(self, program: Program) -> list[Link]:
        """Between it and anybody."""
        return [link for pair, link in self._links.items() if program.name in pair]

    def to_database(self, node: Node) -> list[Link]:
        """All links of a node to PostgreSQL."""
        return self._between(node, [self.primary, self.standby])

    def to_bus(self, node: Node) -> list[Link]:
        """All links of a node to NATS."""
        return self._between(node, self.brokers)

    def cut(self, links: Sequence[Link], way: Way = Way.BOTH) -> None:
        """Nothing comes through these links any more."""
        for link in links:
            link.cut(way)

    def mend(self) -> None:
        """All links are whole again."""
        for link in self._links.values():
            link.mend()

    def promote(self) -> None:
        """The standby is the primary from then on, and the other way round.

        A primary that still runs is killed first: there are never two.
        """
        self._need_standby()
        if self.standby.state is State.DOWN:
            raise ClusterError("The standby is not running, so it cannot be promoted.")
        if self.primary.state is not State.DOWN:
            self.primary.kill()
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary
        self._outdated = True

    def start_standby(self) -> None:
        """Starts the standby. If it was the primary before, it is made anew, as a copy."""
        self._need_standby()
        if self._outdated:
            self.standby.follow(self.primary, synchronous=self.plan.synchronous)
            self._outdated = False
        else:
            self.standby.start()

    def heal(self) -> None:
        """All runs again, and nothing is cut."""
        self.mend()
        for program in self.programs:
            if program.state is State.STOPPED:
                program.go_on()
        if self.primary.state is State.DOWN:
            self.primary.start()
        if self.plan.standby and self.standby.state is State.DOWN:
            self.start_standby()
        for broker in self.brokers:
            if broker.state is State.DOWN:
                broker.start()
        for node in self.nodes:
            if node.state is State.DOWN:
                node.start(wait=False)
        self._wait_until_up()

    def told(self) -> str:
        """The last lines of all logs."""
        return "\n\n".join(f"── {one.name} ──\n{one.told()}" for one in self.programs)

    def _between(self, node: Node, servers: Sequence[Program]) -> list[Link]:
        names = {server.name for server in servers}
        return [link for (one, to), link in self._links.items() if one == node.name and to in names]

    def _need_standby(self) -> None:
        if not self.plan.standby:
            raise ClusterError("This cluster has no standby.")

    def _end_all(self) -> None:
        for program in reversed(list(self.programs)):
            program.kill()


def is_possible() -> str | None:
    """Why there can be no cluster here; None if there can."""
    if os.name != "posix":
        return "A cluster is tried on Linux and macOS only."
    try:
        postgresql()
        nats_server()
    except ClusterError as error:
        return str(error)
    return None
