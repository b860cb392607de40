"""Places what there is to see of a cluster on a screen: lines of pieces, each with a style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hubbub.terminal.safe import safe
from tools.cluster.balancer import Health
from tools.cluster.looking import Look, NodeLook, ServerLook
from tools.cluster.processes import State

Piece = tuple[str, str]
"""A style, as prompt_toolkit names it, and a text."""
Line = list[Piece]

PLAIN, DIM, HEAD, GOOD, BAD = "", "class:dim", "class:head", "class:good", "class:bad"
UNKNOWN = "–"
MOST_ROOMS = 8

Cell = tuple[str, str]


def lines(look: Look, connections: Mapping[str, int], health: Mapping[str, Health]) -> list[Line]:
    """All that is to be seen. ``connections`` and ``health`` are the balancer's, by node."""
    found = _table(
        ("NODE", "PORT", "STATE", "BALANCER", "SESSIONS", "USERS", "DATABASE", "BUS", "LAG"),
        [_node(look, node, connections, health) for node in look.nodes],
    )
    found.append([])
    found += _table(
        ("SERVER", "PORT", "STATE", "WHAT IT IS"),
        [_server(one) for one in (*look.databases, *look.brokers)],
    )
    found.append([])
    return found + _rooms(look)


def _node(
    look: Look, node: NodeLook, connections: Mapping[str, int], health: Mapping[str, Health]
) -> Sequence[Cell]:
    lag = look.lag(node)
    saves = {True: (GOOD, "saves"), False: (BAD, "cannot save"), None: (DIM, UNKNOWN)}[node.saves]
    bus = {True: (GOOD, "connected"), False: (BAD, "away"), None: (DIM, UNKNOWN)}[node.bus]
    if "database" in node.cut:
        saves = (BAD, "cut off")
    if "nats" in node.cut:
        bus = (BAD, "cut off")
    balancer = health[node.name]
    style = {Health.WELL: GOOD, Health.AILING: BAD, Health.AWAY: DIM}[balancer]
    silent = node.state is State.RUNS and node.saves is None
    return (
        (HEAD, node.name),
        (PLAIN, str(node.port)),
        (BAD, "silent") if silent else _state(node.state),
        (style, f"{balancer.value}, {connections[node.name]}"),
        _count(node.sessions),
        _count(node.users),
        saves,
        bus,
        (BAD if lag else PLAIN, UNKNOWN if lag is None else f"{lag:,}"),
    )


def _server(server: ServerLook) -> Sequence[Cell]:
    what = "the bus" if not server.role else f"the {server.role}"
    return (
        (HEAD, server.name),
        (PLAIN, str(server.port)),
        _state(server.state),
        (PLAIN, what + safe(server.says)),
    )


def _rooms(look: Look) -> list[Line]:
    if look.heads is None:
        return [[(BAD, "The database cannot be asked which rooms there are.")]]
    names = [name for name in look.heads if not name.startswith("/")][:MOST_ROOMS]
    if not names:
        return [[(DIM, "There are no rooms yet.")]]
    heads = look.heads
    rows = []
    for name in names:
        row = [(HEAD, safe(name)), _count(look.users.get(name)), (PLAIN, f"{heads[name]:,}")]
        for node in look.nodes:
            head = node.heads.get(name)
            late = head is not None and head < heads[name]
            row.append((BAD, f"{head:,}") if late else _count(head))
        rows.append(row)
    nodes = (f"AT {one.name.upper()}" for one in look.nodes)
    return _table(("ROOM", "USERS", "HEAD", *nodes), rows)


def _state(state: State) -> Cell:
    style = {State.RUNS: GOOD, State.STOPPED: BAD, State.DOWN: BAD}[state]
    return style, state.value


def _count(count: int | None) -> Cell:
    return (DIM, UNKNOWN) if count is None else (PLAIN, f"{count:,}")


def _table(heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[Line]:
    wide = [
        max(len(head), *(len(row[place][1]) for row in rows)) for place, head in enumerate(heads)
    ]
    headed = [[(HEAD, head) for head in heads], *rows]
    return [
        [(style, f"{text:<{wide[place]}}  ") for place, (style, text) in enumerate(row)]
        for row in headed
    ]


def text_of(found: Sequence[Line]) -> str:
    """Without styles, for a pipe."""
    return "\n".join("".join(text for _, text in line).rstrip() for line in found)
