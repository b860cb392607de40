"""Histories: all talk on all nodes while one thing after the other fails; then books are compared.

Each round is a fault by the dice, for as long as they say, and its end. ``HUBBUB_SEED`` names
another seed than the usual one; what was done is told with a failure.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.cluster.conftest import running
from tests.cluster.talkers import (
    LineTalker,
    Talker,
    compare,
    compare_lines,
    nobody_comes_or_goes_twice,
)
from tests.conftest import LONG
from tests.faults.moments import seeded
from tests.faults.people import read_log
from tests.faults.test_clock import WallClock
from tests.patience import PATIENCE_SECONDS
from tools.cluster.cluster import Cluster, Plan
from tools.cluster.forwarder import Way

ROUNDS = 100 if LONG else 5
LEASE_SECONDS = 3
LONGEST_SECONDS = 2.0  # of a fault that has no length of its own
AFTERWARDS_SECONDS = 3 * PATIENCE_SECONDS  # until all have said something again
ROOM = "General"
PEOPLE = ("ada", "ben", "eve")
MINUTES = {1: 4, 2: -3}
"""By how much the clocks of nodes are wrong."""

Talkers = Sequence[Talker | LineTalker]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Three nodes with clocks that differ by minutes, a synchronous standby, two NATS servers."""
    plan = Plan(
        nodes=3,
        standby=True,
        brokers=2,
        safe=False,
        lease_seconds=LEASE_SECONDS,
        environments=clocks(tmp_path),
    )
    with running(plan) as cluster:
        yield cluster


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


@pytest.mark.slow
@pytest.mark.timeout(7200 if LONG else 300)
async def test_all_views_are_of_one_log_whatever_fails(cluster: Cluster) -> None:
    json_talkers = [Talker(cluster.url, name, ROOM) for name in PEOPLE]
    json_talkers += [Talker(node.url, f"at-{node.name}", ROOM) for node in cluster.nodes]
    line_talkers = [LineTalker(cluster.address, f"line{number}-", ROOM) for number in range(2)]
    everybody: Talkers = [*json_talkers, *line_talkers]
    story: list[str] = []
    with seeded() as dice:
        try:
            async with asyncio.TaskGroup() as group:
                for talker in everybody:
                    group.create_task(talker.live())
                await all_say_something(everybody)
                for fault in deck(dice):
                    await fault(cluster, dice, story)
                    await asyncio.to_thread(cluster.heal)
                    await all_say_something(everybody)
                for talker in everybody:
                    talker.talking = False
            log = await whole_log(cluster)
            compare(log, json_talkers)
            compare_lines(log, line_talkers)
            nobody_comes_or_goes_twice(log)
        except BaseException as error:
            error.add_note("What was done:\n" + "\n".join(story))
            raise


async def all_say_something(talkers: Talkers) -> None:
    """Returns when each of them has had a few texts saved."""
    until = asyncio.get_running_loop().time() + AFTERWARDS_SECONDS
    for talker in talkers:
        try:
            async with asyncio.timeout_at(until):
                await talker.acks(3)
        except TimeoutError:
            raise AssertionError(f"{talker.name} cannot say anything any more") from None


async def whole_log(cluster: Cluster) -> list[dict[str, object]]:
    """The log, of which each node gives a beginning at least: some may be a moment late."""
    logs = [await read_log(node.url, ROOM, reader=f"reader-{node.name}") for node in cluster.nodes]
    longest = max(logs, key=len)
    for log in logs:
        assert log == longest[: len(log)], "two nodes have different logs"
    return longest


Fault = Callable[[Cluster, random.Random, list[str]], Awaitable[None]]


def deck(dice: random.Random) -> Iterator[Fault]:
    """As many faults as there are rounds; each before any comes again."""
    left: list[Fault] = []
    for _ in range(ROUNDS):
        if not left:
            left = list(FAULTS)
            dice.shuffle(left)
        yield left.pop()


async def kill_a_node(cluster: Cluster, dice: random.Random, story: list[str]) -> None:
    node = dice.choice(cluster.nodes)
    story.append(f"kill {node.name}")
    await asyncio.to_thread(node.kill)
    await moment(dice)


async def end_a_node(cluster: Cluster, dice: random.Random, story: list[str]) -> None:
    node = dice.choice(cluster.nodes)
    story.append(f"drain {node.name}")
    await asyncio.to_thread(node.end)
    await moment(dice)


async def freeze_a_node(cluster: Cluster, dice: random.Random, story: list[str]) -> None:
    """For longer than its lease: others have taken its guests for gone when it goes on."""
    node = dice.choice(cluster.nodes)
    seconds = LEASE_SECONDS + dice.uniform(-1, 3)
    story.append(f"stop {node.name} for {seconds:.1f} s")
    await asyncio.to_thread(node.stop)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(node.go_on)
    await moment(dice)


async def kill_nats(cluster: Cluster, dice: random.Random, story: list[str]) -> None:
    killed = dice.choice((cluster.brokers[:1], cluster.brokers))
    story.append(f"kill {' and '.join(broker.name for broker in killed)}")
    for broker in killed:
        await asyncio.to_thread(broker.kill)
    await moment(dice)


async def restart_postgresql(cluster: Cluster, dice: random.Random, story: list[str]) -> None:
    story.append("restart the primary")
    await asyncio.to_thread(cluster.primary.restart)
    await moment(dice)


async def fail_over(cluster: Cluster, dice: random.Random, story: list[str]) -> None:
    story.append("kill the primary, and promote the standby")
    await asyncio.to_thread(cluster.primary.kill)
    await moment(dice)
    await asyncio.to_thread(cluster.promote)
    await moment(dice)


async def cut_from_the_database(cluster: Cluster, dice: random.Random, story: list[str]) -> None:
    node, way = dice.choice(cluster.nodes), dice.choice((*Way, Way.BOTH))
    seconds = dice.uniform(0, 2 * LEASE_SECONDS)
    story.append(f"cut {node.name} from PostgreSQL, {way.name}, for {seconds:.1f} s")
    await asyncio.to_thread(cluster.cut, cluster.to_database(node), way)
    await asyncio.sleep(seconds)


async def cut_from_the_bus(cluster: Cluster, dice: random.Random, story: list[str]) -> None:
    node, way = dice.choice(cluster.nodes), dice.choice((*Way, Way.BOTH))
    story.append(f"cut {node.name} from NATS, {way.name}")
    await asyncio.to_thread(cluster.cut, cluster.to_bus(node), way)
    await moment(dice)


async def moment(dice: random.Random) -> None:
    await asyncio.sleep(dice.uniform(0, LONGEST_SECONDS))


FAULTS: tuple[Fault, ...] = (
    kill_a_node,
    end_a_node,
    freeze_a_node,
    kill_nats,
    restart_postgresql,
    fail_over,
    cut_from_the_database,
    cut_from_the_bus,
)
