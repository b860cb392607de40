"""The database dies: a synchronous standby loses nothing; what another one loses, all hear of."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.cluster.conftest import running
from tests.cluster.talkers import PASSING, Talker, compare
from tests.faults.people import LOST, read_log
from tests.patience import PATIENCE_SECONDS
from tools.cluster.cluster import Cluster, Plan
from tools.cluster.node import Node

MOST_LINES = 40
"""That a node may log while the database is away for some seconds, and comes back."""


class Guest:
    """Somebody at one node who looks closely at what it says."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.log = ""
        self.events: dict[int, str] = {}

    async def send(self, **fields: Any) -> None:
        await self._socket.send(json.dumps(fields))

    async def hear(self, *kinds: str) -> dict[str, Any]:
        """The next frame of these kinds; events that come before are taken notice of."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame: dict[str, Any] = json.loads(await self._socket.recv())
                if frame["type"] == "events":
                    self.events |= {one["seq"]: one.get("text", "") for one in frame["events"]}
                if frame["type"] in kinds:
                    return frame

    async def say(self, text: str) -> dict[str, Any]:
        """What comes of it: an ack, or an error."""
        await self.send(type="say", room="General", text=text, nonce=text)
        return await self.hear("ack", "error")


@asynccontextmanager
async def guest(node: Node, name: str, **join: Any) -> AsyncIterator[Guest]:
    """In General."""
    async with connect(node.url) as socket:
        one = Guest(socket)
        await one.send(type="hello", user=name)
        one.log = (await one.hear("welcome"))["log"]
        await one.send(type="join", room="General", **join)
        await one.hear("joined")
        yield one


async def said(node: Node, name: str, text: str) -> tuple[int, str]:
    """Says it as soon as that can be saved; the number, and the id of the log."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            with suppress(*LOST):
                async with guest(node, name) as one:
                    outcome = await one.say(text)
                    if outcome["type"] == "ack":
                        return outcome["seq"], one.log
                    assert outcome["code"] in PASSING, outcome
            await asyncio.sleep(0.2)


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_commits_that_a_failover_lost_are_not_replaced_in_silence() -> None:
    plan = Plan(nodes=2, standby=True, synchronous=False, safe=False, lease_seconds=3)
    with running(plan) as cluster:
        one, two = cluster.nodes
        async with guest(one, "ada") as ada, guest(two, "ben") as ben:
            kept = (await ada.say("kept"))["seq"]
            await asyncio.to_thread(until_copied, cluster)
            await asyncio.to_thread(cluster.standby.fall_behind)
            acks = [await ada.say(f"lost {number}") for number in range(3)]
            lost = acks[-1]["seq"]
            while lost not in ben.events:
                await ben.hear("events")
            await asyncio.to_thread(cluster.primary.kill)
            await asyncio.to_thread(cluster.promote)
            for client in (ada, ben):
                assert (await client.hear("bye"))["reconnect"]
        seq, log = await said(one, "cid", "instead")
        assert log != ada.log == ben.log
        assert (await said(two, "dot", "later"))[1] == log
        assert kept < seq
        logs = [await read_log(node.url, reader=f"reader-{node.name}") for node in cluster.nodes]
        shortest = min(map(len, logs))
        assert logs[0][:shortest] == logs[1][:shortest]
        texts = [event["text"] for event in logs[1] if event["kind"] == "said"]
        assert texts == ["kept", "instead", "later"]


def until_copied(cluster: Cluster) -> None:
    """Returns when the standby has all that was committed."""
    with cluster.primary.connect() as primary, cluster.standby.connect() as standby:
        (here,) = primary.execute("SELECT pg_current_wal_lsn()::text").fetchall()
        for _ in range(1000):
            (there,) = standby.execute(
                "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", here
            ).fetchall()
            if there == (True,):
                return
    raise AssertionError("the standby does not catch up")


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_synchronous_standby_has_all_that_was_acknowledged() -> None:
    plan = Plan(nodes=2, standby=True, safe=False, lease_seconds=3)
    with running(plan) as cluster:
        one, two = cluster.nodes
        talkers = [Talker(node.url, f"at-{node.name}", "General") for node in cluster.nodes]
        async with guest(one, "ada") as ada:
            before = ada.log
            async with asyncio.TaskGroup() as group:
                for talker in talkers:
                    group.create_task(talker.live())
                for talker in talkers:
                    await talker.acks(20)
                await asyncio.to_thread(cluster.primary.kill)
                await read_from_memory(ada)
                # It is refused, or waits if the room's log was ahead of what was shown.
                await ada.send(type="say", room="General", text="away", nonce="away")
                await asyncio.to_thread(cluster.promote)
                async with asyncio.timeout(PATIENCE_SECONDS):
                    for talker in talkers:
                        await talker.acks(20)
                for talker in talkers:
                    talker.talking = False
            await ada.hear("ack", "error")
            assert (await ada.say("saved"))["type"] == "ack"
        compare(await read_log(two.url), talkers)
        assert (await said(two, "ben", "the same log"))[1] == before
        for node in cluster.nodes:
            assert len(node.log.read_text().splitlines()) < MOST_LINES, node.log.read_text()


async def read_from_memory(client: Guest) -> None:
    """What was said last can be read while there is no database."""
    await client.send(type="history", room="General", limit=5)
    assert len((await client.hear("history"))["events"]) == 5


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_all_comes_back_by_itself_when_the_database_does() -> None:
    with running(Plan(nodes=1, safe=False, lease_seconds=3)) as cluster:
        (node,) = cluster.nodes
        async with guest(node, "ada") as ada:
            for number in range(6):
                await ada.say(f"text {number}")
            await asyncio.to_thread(cluster.primary.kill)
            assert (await ada.say("not saved"))["code"] == "log-unavailable"
            used = processor_seconds(node)
            await asyncio.sleep(3)
            assert processor_seconds(node) - used < 1.0, "it is busy with waiting"
            await read_from_memory(ada)
            await asyncio.to_thread(cluster.primary.start)
            loop = asyncio.get_running_loop()
            back = loop.time()
            while (outcome := await ada.say("saved"))["type"] == "error":
                assert outcome["code"] == "log-unavailable"
                assert loop.time() - back < PATIENCE_SECONDS
                await asyncio.sleep(0.2)
            before = ada.log
        assert (await said(node, "ben", "the same log"))[1] == before
        lines = node.log.read_text().splitlines()
        assert len(lines) < MOST_LINES, "\n".join(lines)


def processor_seconds(node: Node) -> float:
    """What it has used of a processor; 0 where the system does not tell so."""
    stat = Path(f"/proc/{node.pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
