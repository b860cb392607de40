"""Histories: all talk on all nodes while one thing after the other fails; then books are compared.

Each round is a fault by the dice, for as long as they say, and its end. ``HUBBUB_SEED`` names
another seed than the usual one, ``HUBBUB_ROUNDS`` how many there are; what was done is told with a
failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.breaking import (
    FAULTS,
    IN_A_NETWORK,
    LEASE_SECONDS,
    ROUND_SECONDS,
    ROUNDS,
    Story,
    clocks,
    deck,
)
from tests.cluster.conftest import running
from tests.cluster.talkers import (
    PEOPLE,
    ROOM,
    LineTalker,
    Talker,
    Talkers,
    all_say_something,
    compare,
    compare_lines,
    nobody_comes_or_goes_twice,
    whole_log,
)
from tests.faults.moments import seeded
from tools.cluster import network
from tools.cluster.cluster import Cluster, Plan


@pytest.fixture(params=["forwarders", "network"])
def cluster(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Three nodes with clocks that differ by minutes, a synchronous standby, two NATS servers.

    ``forwarders``: what is cut between them keeps its connections, anywhere. ``network``: packets
    are lost, as kernels notice.
    """
    apart = request.param == "network"
    if apart and (reason := network.is_possible()):
        pytest.skip(reason)
    plan = Plan(
        nodes=3,
        standby=True,
        brokers=2,
        safe=False,
        lease_seconds=LEASE_SECONDS,
        environments=clocks(tmp_path),
        network=apart,
    )
    with running(plan) as cluster:
        yield cluster


@pytest.mark.slow
@pytest.mark.timeout(300 + ROUND_SECONDS * ROUNDS)
async def test_all_views_are_of_one_log_whatever_fails(cluster: Cluster) -> None:
    json_talkers = [Talker(cluster.url, name, ROOM) for name in PEOPLE]
    json_talkers += [Talker(node.url, f"at-{node.name}", ROOM) for node in cluster.nodes]
    line_talkers = [LineTalker(cluster.address, f"line{number}-", ROOM) for number in range(2)]
    everybody: Talkers = [*json_talkers, *line_talkers]
    faults = IN_A_NETWORK if cluster.plan.network else FAULTS
    story = Story()
    with seeded() as dice:
        try:
            async with asyncio.TaskGroup() as group:
                for talker in everybody:
                    group.create_task(talker.live())
                await all_say_something(everybody)
                for fault in deck(dice, faults, ROUNDS):
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
            error.add_note(str(story))
            raise
