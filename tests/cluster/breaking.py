"""What can be done to a cluster at random, and how a history of it is told and had again."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.conftest import LONG
from tests.faults.test_clock import WallClock
from tools.cluster.cluster import Cluster
from tools.cluster.forwarder import Link, Way
from tools.cluster.processes import Program, State

ROUNDS = int(os.environ.get("HUBBUB_ROUNDS", "100" if LONG else "5"))
ROUND_SECONDS = 60  # that it may take on a busy computer; mostly it takes seven
LEASE_SECONDS = 3
LONGEST_SECONDS = 2.0  # of a fault that has no length of its own
MINUTES = {1: 4, 2: -3}
"""By how much the clocks of nodes are wrong."""

logger = logging.getLogger(__name__)


class Story:
    """What was done, line by line. ``--log-cli-level=INFO`` shows it while it is done."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def tell(self, what: str) -> None:
        self.lines.append(what)
        logger.info("%s", what)

    def __str__(self) -> str:
        return "What was done:\n" + "\n".join(self.lines)


Fault = Callable[[Cluster, random.Random, Story], Awaitable[None]]


def clocks(folder: Path) -> Mapping[int, Mapping[str, str]]:
    """Variables by which nodes have wrong clocks; none where there is no compiler."""
    if shutil.which("cc") is None:
        return {}
    found = {}
    for number, minutes in MINUTES.items():
        own = folder / f"clock-{number}"
        own.mkdir()
        clock = WallClock(own)
        clock.jump(60 * minutes)
        found[number] = clock.environment
    return found


def deck(dice: random.Random, faults: Sequence[Fault], rounds: int) -> Iterator[Fault]:
    """So many ``faults``; each before any comes again."""
    left: list[Fault] = []
    for _ in range(rounds):
        if not left:
            left = list(faults)
            dice.shuffle(left)
        yield left.pop()


async def moment(dice: random.Random) -> None:
    await asyncio.sleep(dice.uniform(0, LONGEST_SECONDS))


async def a_while(dice: random.Random) -> None:
    """For longer than a lease, or shorter."""
    await asyncio.sleep(dice.uniform(0, 2 * LEASE_SECONDS))


# Programs that end, or stand still


async def kill_a_node(cluster: Cluster, dice: random.Random, story: Story) -> None:
    node = dice.choice(cluster.nodes)
    story.tell(f"kill {node.name}")
    await asyncio.to_thread(node.kill)
    await moment(dice)


async def end_a_node(cluster: Cluster, dice: random.Random, story: Story) -> None:
    node = dice.choice(cluster.nodes)
    story.tell(f"drain {node.name}")
    await asyncio.to_thread(node.end)
    await moment(dice)


async def freeze_a_node(cluster: Cluster, dice: random.Random, story: Story) -> None:
    """For longer than its lease: others have taken its guests for gone when it goes on."""
    node = dice.choice(cluster.nodes)
    seconds = LEASE_SECONDS + dice.uniform(-1, 3)
    story.tell(f"stop {node.name} for {seconds:.1f} s")
    await asyncio.to_thread(node.stop)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(node.go_on)
    await moment(dice)


async def kill_nats(cluster: Cluster, dice: random.Random, story: Story) -> None:
    killed = dice.choice((cluster.brokers[:1], cluster.brokers))
    story.tell(f"kill {' and '.join(broker.name for broker in killed)}")
    for broker in killed:
        await asyncio.to_thread(broker.kill)
    await moment(dice)


async def restart_postgresql(cluster: Cluster, dice: random.Random, story: Story) -> None:
    story.tell("restart the primary")
    await asyncio.to_thread(cluster.primary.restart)
    await moment(dice)


async def fail_over(cluster: Cluster, dice: random.Random, story: Story) -> None:
    story.tell("kill the primary, and promote the standby")
    await asyncio.to_thread(cluster.primary.kill)
    await moment(dice)
    await asyncio.to_thread(cluster.promote)
    await moment(dice)


# The network between nodes and servers


async def cut_from_the_database(cluster: Cluster, dice: random.Random, story: Story) -> None:
    node = dice.choice(cluster.nodes)
    await _cut(cluster, dice, story, f"{node.name} from PostgreSQL", cluster.to_database(node))
    await a_while(dice)


async def cut_from_the_bus(cluster: Cluster, dice: random.Random, story: Story) -> None:
    node = dice.choice(cluster.nodes)
    await _cut(cluster, dice, story, f"{node.name} from NATS", cluster.to_bus(node))
    await moment(dice)


async def cut_from_all(cluster: Cluster, dice: random.Random, story: Story) -> None:
    """One way: a node that hears and cannot speak, or speaks and cannot hear."""
    node = dice.choice(cluster.nodes)
    links = [*cluster.to_database(node), *cluster.to_bus(node)]
    await _cut(cluster, dice, story, f"{node.name} from all servers", links)
    await a_while(dice)


# The network between servers, and what dies without a last packet: only in a `Network`


async def split_the_bus(cluster: Cluster, dice: random.Random, story: Story) -> None:
    """Each NATS server is there yet for its nodes, which do not hear of the others."""
    one, other = cluster.brokers
    await _cut(cluster, dice, story, "NATS from NATS", [cluster.link(other, one)])
    await a_while(dice)


async def cut_off_the_standby(cluster: Cluster, dice: random.Random, story: Story) -> None:
    """Commits wait for it."""
    pair = sorted((cluster.primary, cluster.standby), key=lambda server: server.name)
    links = [cluster.link(pair[1], pair[0])]
    await _cut(cluster, dice, story, "the standby from the primary", links)
    await a_while(dice)


async def pull_out_a_node(cluster: Cluster, dice: random.Random, story: Story) -> None:
    """Its computer is gone: connections stay open at the other end, with what they lock."""
    node = dice.choice(cluster.nodes)
    story.tell(f"{node.name} is gone without a word")
    await _gone(cluster, node)
    await a_while(dice)


async def pull_out_the_primary(cluster: Cluster, dice: random.Random, story: Story) -> None:
    story.tell("the primary is gone without a word, and the standby promoted")
    await _gone(cluster, cluster.primary)
    await moment(dice)
    await asyncio.to_thread(cluster.promote)
    await moment(dice)


async def _gone(cluster: Cluster, program: Program) -> None:
    await asyncio.to_thread(cluster.cut, cluster.all_links(program))
    await asyncio.to_thread(program.kill)
    assert program.state is State.DOWN


async def _cut(
    cluster: Cluster, dice: random.Random, story: Story, what: str, links: Sequence[Link]
) -> None:
    way = dice.choice((*Way, Way.BOTH))
    story.tell(f"cut {what}: {way.name}")
    await asyncio.to_thread(cluster.cut, links, way)


FAULTS: tuple[Fault, ...] = (
    kill_a_node,
    end_a_node,
    freeze_a_node,
    kill_nats,
    restart_postgresql,
    fail_over,
    cut_from_the_database,
    cut_from_the_bus,
    cut_from_all,
)
IN_A_NETWORK: tuple[Fault, ...] = (
    *FAULTS,
    split_the_bus,
    cut_off_the_standby,
    pull_out_a_node,
    pull_out_the_primary,
)
