"""A node from which packets to the database are lost is out in time, though nobody tells it."""

from __future__ import annotations

import asyncio

import pytest

from tests.cluster.breaking import LEASE_SECONDS
from tests.cluster.conftest import running
from tests.cluster.talkers import nobody_comes_or_goes_twice
from tests.cluster.test_outage import Guest, guest, said
from tests.faults.people import read_log
from tests.patience import wait_until
from tools.cluster import network
from tools.cluster.cluster import Plan
from tools.cluster.forwarder import Way


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", [Way.THERE, Way.BACK])
async def test_who_is_at_a_node_that_the_database_does_not_hear_is_sent_elsewhere(way: Way) -> None:
    """Its guests have left for the others, its text is said once or not at all, and it says 503."""
    if reason := network.is_possible():
        pytest.skip(reason)
    plan = Plan(nodes=2, safe=False, lease_seconds=LEASE_SECONDS, network=True)
    with running(plan) as cluster:
        one, two = cluster.nodes
        async with guest(one, "ada") as ada, guest(two, "ben") as ben:
            await ada.say("before")
            await asyncio.to_thread(cluster.cut, cluster.to_database(one), way)
            await ada.send(type="say", room="General", text="lost?", nonce="lost?")
            await asyncio.to_thread(wait_until, lambda: one.health() != 200)
            await until_left(ben, "ada")
            assert (await ada.hear("bye"))["reconnect"]
            await asyncio.to_thread(cluster.mend)
            await asyncio.to_thread(wait_until, lambda: one.health() == 200)
            await said(one, "eve", "again")
        log = await read_log(two.url)
    texts = [event["text"] for event in log if event["kind"] == "said"]
    assert [text for text in texts if text != "lost?"] == ["before", "again"]
    assert len(texts) == len(set(texts))
    nobody_comes_or_goes_twice(log)


async def until_left(one: Guest, name: str) -> None:
    """Returns when ``one`` is told that ``name`` has left."""
    told: set[tuple[str, str]] = set()
    while (name, "left") not in told:
        events = (await one.hear("events"))["events"]
        told |= {(event["by"], event["kind"]) for event in events}
