"""What there is to see of a cluster at one moment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.request import urlopen

from tools.cluster.cluster import Cluster
from tools.cluster.node import Node
from tools.cluster.postgres import Postgres
from tools.cluster.processes import ClusterError, State

ANSWER_SECONDS = 1.0
MOST_ROOMS = 100


@dataclass(frozen=True)
class NodeLook:
    """``heads`` are by room. None: it does not answer, or does not tell."""

    name: str
    port: int
    state: State
    saves: bool | None = None
    sessions: int | None = None
    users: int | None = None
    bus: bool | None = None
    cut: Sequence[str] = ()
    heads: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ServerLook:
    """A server of the database or of the bus. ``says``: what else is to be told of it."""

    name: str
    port: int
    state: State
    role: str = ""
    says: str = ""


@dataclass(frozen=True)
class Look:
    """``heads``: by room, as the database has them; None if it cannot be asked.

    ``users``: of each room, as most of the nodes tell.
    """

    nodes: Sequence[NodeLook]
    databases: Sequence[ServerLook]
    brokers: Sequence[ServerLook]
    heads: Mapping[str, int] | None
    users: Mapping[str, int]

    def lag(self, node: NodeLook) -> int | None:
        """How many events are in the database that the node does not know yet."""
        if self.heads is None or not node.heads:
            return None
        return sum(max(0, head - node.heads.get(room, 0)) for room, head in self.heads.items())


def look(cluster: Cluster) -> Look:
    """Asks all of them at once, and waits for none longer than a moment."""
    with ThreadPoolExecutor() as threads:
        nodes = [threads.submit(_node, cluster, node) for node in cluster.nodes]
        databases = threads.submit(_databases, cluster)
        found = [one.result() for one in nodes]
        servers, heads = databases.result()
    brokers = [ServerLook(one.name, one.port, one.state) for one in cluster.brokers]
    users: dict[str, int] = {}
    for _, told in found:
        for room, count in told.items():
            users[room] = max(users.get(room, 0), count)
    return Look([node for node, _ in found], servers, brokers, heads, users)


def _node(cluster: Cluster, node: Node) -> tuple[NodeLook, dict[str, int]]:
    cut = [
        name
        for name, links in (
            ("database", cluster.to_database(node)),
            ("nats", cluster.to_bus(node)),
        )
        if any(link.is_cut for link in links)
    ]
    silent = NodeLook(node.name, node.port, node.state, cut=cut)
    if node.state is not State.RUNS:
        return silent, {}
    try:
        metrics = _metrics(_get(node, "/metrics").decode())
        rooms = json.loads(_get(node, f"/api/rooms?limit={MOST_ROOMS}"))["rooms"]
    except (OSError, HTTPException, ValueError, KeyError):
        return silent, {}
    connected = metrics.get("hubbub_bus_connected")
    return (
        NodeLook(
            node.name,
            node.port,
            node.state,
            saves=bool(metrics.get("hubbub_healthy")),
            sessions=int(metrics.get("hubbub_sessions", 0)),
            users=int(metrics.get("hubbub_users", 0)),
            bus=None if connected is None else bool(connected),
            cut=cut,
            heads={room["name"]: room["head"] for room in rooms},
        ),
        {room["name"]: room["users"] for room in rooms},
    )


def _get(node: Node, path: str) -> bytes:
    url = f"http://127.0.0.1:{node.port}{path}"
    with urlopen(url, timeout=ANSWER_SECONDS) as answer:
        return bytes(answer.read())


def _metrics(text: str) -> dict[str, float]:
    """Those without labels, of Prometheus' text format."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if not line.startswith("#") and "{" not in name:
            found[name] = float(value)
    return found


HEADS = """
SELECT rooms.name, max(events.seq) FROM rooms JOIN events ON events.room_id = rooms.id
GROUP BY rooms.id ORDER BY max(events.id) DESC LIMIT 100
"""


def _databases(cluster: Cluster) -> tuple[list[ServerLook], dict[str, int] | None]:
    primary, standby = cluster.primary, cluster.standby
    heads, says = None, ""
    if primary.state is State.RUNS:
        try:
            with primary.connect(seconds=ANSWER_SECONDS) as connection:
                says = f", with {_standbys(connection)}"
                heads = dict(connection.execute(HEADS).fetchall())
        except ClusterError:
            says = ": it takes no connection"
        except Exception as error:  # noqa: BLE001 - it is shown: whatever went wrong, the rest is shown
            says = f": {error}".splitlines()[0]
    both = [(primary, "primary", says)]
    if cluster.plan.standby:
        both.append((standby, "standby", ""))
    return list(_looks(both)), heads


def _looks(servers: Sequence[tuple[Postgres, str, str]]) -> Iterator[ServerLook]:
    for server, role, says in servers:
        yield ServerLook(server.name, server.port, server.state, role, says)


def _standbys(connection: Any) -> str:
    rows = connection.execute(
        "SELECT sync_state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint "
        "FROM pg_stat_replication WHERE state = 'streaming'"
    ).fetchall()
    found = (f"a standby ({state}, {behind or 0:,} bytes behind)" for state, behind in rows)
    return " and ".join(found) or "no standby"
