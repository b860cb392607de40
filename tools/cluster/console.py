"""The commands of the demo: `kill node 2`, and what else can be done to a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.cluster.balancer import Mode
from tools.cluster.cluster import Cluster
from tools.cluster.forwarder import Link, Way
from tools.cluster.node import Node
from tools.cluster.postgres import Postgres
from tools.cluster.processes import ClusterError, Program, State

HELP = """\
kill X       kill -9: it is gone at once        X is: node 1, node 2, …
stop X       SIGSTOP: there, but frozen               nats, nats 1, …
continue X   ends that                                primary, standby
start X      starts it again
restart X    ends it in order, starts it again
drain X      SIGTERM: a node sends its clients elsewhere, and ends
promote      the standby becomes the primary
cut node 2 database      nothing gets through between them; "to database" and
cut node 2 nats          "from database" cut one direction only
mend         nothing is cut any more
mode M       how the balancer chooses a node: next, random, sticky, requests
heal         all runs again
quit         ends everything"""


class Mistake(Exception):
    """What was typed is no command. The text says what would be one."""


class Quit(Exception):
    """It is to end."""


@dataclass(frozen=True)
class _Deed:
    """Something that can be done to a program, and how it is told of when it is done."""

    do: Callable[[Cluster, Program], object]
    done: str


def run(cluster: Cluster, line: str) -> str:
    """Does what a line says, waits until it is done, and says so.

    Raises `Mistake` for what is no command, `ClusterError` for what cannot be done now, and `Quit`.
    """
    words = line.lower().split()
    if not words:
        return ""
    verb, rest = words[0], words[1:]
    if verb in ("help", "?", "h"):
        return HELP
    if verb in ("quit", "exit", "q"):
        raise Quit
    if verb in _ALONE:
        if rest:
            raise Mistake(f"{verb} takes no more words.")
        _ALONE[verb](cluster)
        return _TOLD[verb]
    if verb == "cut":
        return _cut(cluster, rest)
    if verb == "mode":
        return _mode(cluster, rest)
    if verb not in _DEEDS:
        raise Mistake(f'There is no command "{verb}": help lists those that there are.')
    deed = _DEEDS[verb]
    programs = _programs(cluster, verb, rest)
    for program in programs:
        deed.do(cluster, program)
    return f"{_names(programs)} {deed.done}"


def _names(programs: Sequence[Program]) -> str:
    return " and ".join(program.name for program in programs)


def _programs(cluster: Cluster, verb: str, words: Sequence[str]) -> Sequence[Program]:
    """Those that ``words`` name, such as ``node 2``, ``node2`` or ``nats``."""
    name = "".join(words)
    kind = name.rstrip("0123456789").rstrip("-")
    number = name[len(name.rstrip("0123456789")) :]
    if kind == "node":
        return [_node(cluster, number)]
    if kind == "nats":
        if not number:
            return cluster.brokers
        return [_numbered(cluster.brokers, number, "nats")]
    if kind in ("primary", "postgres", "postgresql", "database") and not number:
        return [cluster.primary]
    if kind == "standby" and not number:
        if not cluster.plan.standby:
            raise Mistake("This cluster has no standby.")
        return [cluster.standby]
    raise Mistake(f"What is to {verb}? node 1, nats, primary or standby.")


def _numbered(those: Sequence[Program], number: str, kind: str) -> Program:
    if not number or not 1 <= int(number) <= len(those):
        numbers = ", ".join(str(place + 1) for place in range(len(those)))
        raise Mistake(f"Which {kind}? There are: {numbers}.")
    return those[int(number) - 1]


def _node(cluster: Cluster, number: str) -> Node:
    node = _numbered(cluster.nodes, number, "node")
    assert isinstance(node, Node)
    return node


def _start(cluster: Cluster, program: Program) -> None:
    if program.state is State.STOPPED:
        program.go_on()
    elif program is cluster.standby:
        cluster.start_standby()
    else:
        program.start()


def _go_on(cluster: Cluster, program: Program) -> None:
    if program.state is not State.STOPPED:
        raise ClusterError(f"{program.name} was not stopped.")
    program.go_on()


def _kill(cluster: Cluster, program: Program) -> None:
    if program.state is State.DOWN:
        raise ClusterError(f"{program.name} is not running. To start it: start.")
    program.kill()


def _drain(cluster: Cluster, program: Program) -> None:
    if program.state is State.DOWN:
        raise ClusterError(f"{program.name} is not running.")
    program.end()


def _restart(cluster: Cluster, program: Program) -> None:
    if isinstance(program, Postgres):
        program.restart()
        return
    if program.state is not State.DOWN:
        program.end()
    program.start()


_DEEDS = {
    "kill": _Deed(_kill, "is gone."),
    "stop": _Deed(lambda cluster, program: program.stop(), "does nothing until you type continue."),
    "continue": _Deed(_go_on, "goes on."),
    "start": _Deed(_start, "runs."),
    "restart": _Deed(_restart, "runs again."),
    "drain": _Deed(_drain, "has ended in order."),
}

_ALONE: dict[str, Callable[[Cluster], object]] = {
    "promote": Cluster.promote,
    "mend": Cluster.mend,
    "heal": Cluster.heal,
}
_TOLD = {
    "promote": "The standby is the primary now. To have a standby again: start standby.",
    "mend": "Everything gets through again.",
    "heal": "All runs, and nothing is cut.",
}


def _cut(cluster: Cluster, words: Sequence[str]) -> str:
    if len(words) < 3 or words[0] != "node":
        raise Mistake("What is to cut? For example: cut node 2 database.")
    node = _node(cluster, words[1])
    way, others = Way.BOTH, list(words[2:])
    if others[0] in ("from", "to"):
        way = Way.THERE if others.pop(0) == "to" else Way.BACK
    links: list[Link] = []
    for other in others:
        if other in ("database", "primary", "postgres", "postgresql"):
            links += cluster.to_database(node)
        elif other in ("nats", "bus"):
            links += cluster.to_bus(node)
    if not links:
        raise Mistake("From what is the node to be cut off? database or nats.")
    cluster.cut(links, way)
    what = " and ".join(others)
    return f"Nothing gets through between {node.name} and {what}. To end that: mend."


def _mode(cluster: Cluster, words: Sequence[str]) -> str:
    try:
        (word,) = words
        cluster.balancer.mode = Mode(word)
    except ValueError:
        known = ", ".join(mode.value for mode in Mode)
        raise Mistake(f"Which mode? There are: {known}.") from None
    return f"The balancer chooses nodes so: {word}."
