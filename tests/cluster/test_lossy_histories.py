"""Histories in which failovers lose commits: all whom that concerns are told, and nobody is misled.

As `test_histories`, with a standby that commits do not wait for, and one more fault: it falls
behind while all talk, the primary dies, and the standby is promoted.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.cluster.breaking import (
    LEASE_SECONDS,
    ROUND_SECONDS,
    ROUNDS,
    Fault,
    Story,
    clocks,
    cut_from_the_bus,
    deck,
    freeze_a_node,
    kill_a_node,
    moment,
    restart_postgresql,
)
from tests.cluster.conftest import running
from tests.cluster.talkers import (
    PEOPLE,
    ROOM,
    all_say_something,
    nobody_comes_or_goes_twice,
    whole_log,
)
from tests.cluster.witnesses import Witness, compare_books
from tests.faults.moments import seeded
from tools.cluster import network
from tools.cluster.cluster import Cluster, Plan
from tools.cluster.forwarder import Way


@pytest.fixture(params=["forwarders", "network"])
def cluster(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Three nodes with clocks that differ by minutes, an asynchronous standby, one NATS server."""
    apart = request.param == "network"
    if apart and (reason := network.is_possible()):
        pytest.skip(reason)
    plan = Plan(
        nodes=3,
        standby=True,
        synchronous=False,
        safe=False,
        lease_seconds=LEASE_SECONDS,
        environments=clocks(tmp_path),
        network=apart,
    )
    with running(plan) as cluster:
        yield cluster


@pytest.mark.slow
@pytest.mark.timeout(300 + ROUND_SECONDS * ROUNDS)
async def test_nobody_is_misled_by_failovers_that_lose_texts(cluster: Cluster) -> None:
    witnesses = [Witness(cluster.url, name, ROOM) for name in PEOPLE]
    witnesses += [Witness(node.url, f"at-{node.name}", ROOM) for node in cluster.nodes]
    failovers = 0

    async def fall_behind_and_fail_over(
        cluster: Cluster, dice: random.Random, story: Story
    ) -> None:
        nonlocal failovers
        failovers += 1
        await lose_texts(cluster, dice, story, witnesses)

    others: tuple[Fault, ...] = (kill_a_node, freeze_a_node, cut_from_the_bus, restart_postgresql)
    story = Story()
    with seeded() as dice:
        try:
            async with asyncio.TaskGroup() as group:
                for witness in witnesses:
                    group.create_task(witness.live())
                await all_say_something(witnesses)
                between = deck(dice, others, ROUNDS)
                for number in range(ROUNDS):
                    fault = next(between) if number % 2 else fall_behind_and_fail_over
                    await fault(cluster, dice, story)
                    await asyncio.to_thread(cluster.heal)
                    await all_say_something(witnesses)
                for witness in witnesses:
                    witness.talking = False
            log = await whole_log(cluster)
            assert compare_books(log, witnesses, failovers), "no failover has lost anything"
            nobody_comes_or_goes_twice(log)
        except BaseException as error:
            error.add_note(str(story))
            raise


async def lose_texts(
    cluster: Cluster, dice: random.Random, story: Story, witnesses: Sequence[Witness]
) -> None:
    """The standby is promoted without the last texts. What the bus has of them may come later."""
    await asyncio.to_thread(cluster.standby.fall_behind)
    node, late = dice.choice(cluster.nodes), dice.choice((Way.BACK, Way.BOTH, None))
    dying = dice.choice(([], cluster.nodes[:1], cluster.nodes))
    told = "" if late is None else f"; {node.name} hears the bus later ({late.name})"
    story.tell(f"a failover that loses texts, with {len(dying)} nodes{told}")
    if late is not None:
        await asyncio.to_thread(cluster.cut, cluster.to_bus(node), late)
    await all_say_something(witnesses)
    dead = [cluster.primary.kill, *(one.kill for one in dying)]
    await asyncio.gather(*(asyncio.to_thread(kill) for kill in dead))
    await asyncio.to_thread(cluster.promote)
    await moment(dice)
    restart = [partial(one.start, wait=False) for one in dying]
    await asyncio.gather(*(asyncio.to_thread(start) for start in restart))
    await moment(dice)
