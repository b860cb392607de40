"""Brings a cluster up on this computer, to look at and to break: `python3 -m tools.cluster`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from types import FrameType
from typing import NoReturn

from tools.cluster import console
from tools.cluster.balancer import Mode
from tools.cluster.cluster import Cluster, Plan, is_possible
from tools.cluster.looking import look
from tools.cluster.processes import ClusterError
from tools.cluster.table import Line, lines, text_of

GREETING = """\
A cluster of {nodes}. All of them are one server, which is at port {port}:
  nc 127.0.0.1 {port}
  python3 client.py 127.0.0.1:{port}
  http://127.0.0.1:{port}/
Break something: kill node 2, kill primary, promote, kill nats … help lists all. quit ends it."""


def main() -> None:
    """See above."""
    options = _options()
    if missing := is_possible():
        sys.exit(missing)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ended)
    plan = Plan(
        nodes=options.nodes,
        standby=not options.no_standby,
        brokers=options.nats,
        lease_seconds=options.lease_seconds,
        mode=Mode(options.mode),
    )
    nodes = f"{plan.nodes} node{'s' if plan.nodes > 1 else ''}"
    print(f"Starting PostgreSQL{', NATS' if plan.brokers else ''} and {nodes} …", flush=True)
    try:
        with Cluster(plan) as cluster:
            greeting = GREETING.format(nodes=nodes, port=cluster.balancer.port)
            if sys.stdin.isatty() and sys.stdout.isatty():
                from tools.cluster.screen import Screen

                screen = Screen(
                    lambda: _seen(cluster), lambda line: console.run(cluster, line), greeting
                )
                asyncio.run(screen.show())
                print("Ending everything …", flush=True)
            else:
                _plain(cluster, greeting)
    except ClusterError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _plain(cluster: Cluster, greeting: str) -> None:
    """Commands from a pipe; after each, what there is to see."""
    print(greeting)
    print(text_of(_seen(cluster)), flush=True)
    for line in sys.stdin:
        print(f"> {line.strip()}")
        try:
            print(console.run(cluster, line))
        except (console.Mistake, ClusterError) as error:
            print(error)
        except console.Quit:
            return
        print(text_of(_seen(cluster)), flush=True)


def _seen(cluster: Cluster) -> list[Line]:
    return lines(look(cluster), cluster.balancer.connections, cluster.balancer.health)


def _ended(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.cluster", description=__doc__)
    parser.add_argument("--nodes", type=int, default=3, help="how many nodes (3)")
    parser.add_argument("--nats", type=int, default=1, help="how many NATS servers (1; 0: none)")
    parser.add_argument("--no-standby", action="store_true", help="a primary alone")
    parser.add_argument(
        "--lease-seconds", type=int, default=15, help="after which a silent node is dead (15)"
    )
    parser.add_argument(
        "--mode",
        choices=[mode.value for mode in Mode],
        default=Mode.NEXT.value,
        help="how the balancer chooses a node (next)",
    )
    options = parser.parse_args()
    if not 1 <= options.nodes <= 20 or not 0 <= options.nats <= 5 or options.lease_seconds < 1:
        parser.error("There can be 1 to 20 nodes and 0 to 5 NATS servers; a lease takes a second.")
    return options


if __name__ == "__main__":
    main()
