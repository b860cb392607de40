"""Nodes end one after the other, and those of the next version come: nobody notices."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from websockets.asyncio.client import connect

import hubbub
from hubbub.server.handover.comebacks import SOONEST_SECONDS, last
from hubbub.storage.upgrade import HEAD
from tests.cluster.conftest import running
from tests.cluster.crowd import Listener, all_inside
from tests.cluster.neighbour import VERSION, WAVES, make_neighbour
from tests.cluster.talkers import (
    LineTalker,
    Talker,
    compare,
    compare_lines,
    nobody_comes_or_goes_twice,
)
from tests.faults.people import read_log
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.server.serving import Chatter
from tests.storage.neighbour import LATER
from tools.cluster.cluster import Cluster, Plan
from tools.cluster.node import Node
from tools.cluster.processes import ClusterError

CROWD = 300
AT_ONCE = 30  # that come for the first time, so that this process is quick enough for all of them
ROOM = "General"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    # Nobody is killed here for whose lease one has to wait; on a busy computer a short one is lost.
    with running(Plan(nodes=3, safe=False, lease_seconds=20)) as cluster:
        yield cluster


@pytest.mark.slow
async def test_hundreds_are_sent_to_other_nodes_and_miss_nothing(
    cluster: Cluster,
) -> None:
    crowd = [Listener(cluster.url, f"guest{number}", ROOM) for number in range(CROWD)]
    speaker = Talker(cluster.nodes[2].url, "ada", ROOM, window=1, pause=0.05)
    async with asyncio.timeout(4 * PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        group.create_task(speaker.live())
        await speaker.acks(1)
        for place in range(0, CROWD, AT_ONCE):
            for listener in crowd[place : place + AT_ONCE]:
                group.create_task(listener.live())
            await all_inside(crowd[: place + AT_ONCE])
        leaving = cluster.balancer.connections[cluster.nodes[0].name]
        assert await asyncio.to_thread(cluster.nodes[0].end) == 0
        moved = [one for one in crowd if one.told]
        assert len(moved) == leaving == CROWD // 3
        await asyncio.gather(*(came_back(one) for one in moved))
        await speaker.acks(3)
        for person in (*crowd, speaker):
            person.talking = False
    told = sorted(seconds for one in moved for seconds in one.told)
    part = (last(leaving) - SOONEST_SECONDS) / leaving
    for place, seconds in enumerate(told):  # none at the same time as another one
        earliest = SOONEST_SECONDS + place * part
        assert earliest - 0.001 <= seconds <= earliest + part + 0.001
    assert [why for one in crowd for why in one.failures] == [], "each first attempt succeeds"
    log = await read_log(cluster.nodes[1].url, ROOM)
    compare(log, [speaker, *crowd])
    nobody_comes_or_goes_twice(log)
    spoken = [event["seq"] for event in log if event["kind"] == "said"]
    left = [event for event in log if event["kind"] == "left" and event["seq"] < spoken[-1]]
    assert left == [], "nobody was taken for gone"
    late = max(one.away[0] - one.told[0] for one in moved)
    assert late < PATIENCE_SECONDS, "as long as they were told, and a moment"


async def came_back(listener: Listener) -> None:
    async with listener.progress:
        await listener.progress.wait_for(lambda: len(listener.away) == len(listener.told))


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``src`` of the next version."""
    return make_neighbour(tmp_path_factory.mktemp("newer"))


async def upgrade(node: Node, source: Path, **more: str) -> None:
    """Ends a node as an operator does, and starts it with another version."""
    assert await asyncio.to_thread(node.end) == 0
    node.environment |= {"PYTHONPATH": str(source), **more}
    await asyncio.to_thread(node.start)


def versions(cluster: Cluster) -> list[tuple[str, ...]]:
    """Of all nodes with a lease: name, version, newest migration it knows."""
    with cluster.primary.connect() as connection:
        return connection.execute(
            "SELECT name, version, schema FROM nodes"
            " WHERE until > extract(epoch FROM clock_timestamp()) * 1000 ORDER BY name"
        ).fetchall()


async def become(cluster: Cluster, *expected: tuple[str, str]) -> None:
    """Waits until those have leases that run, and no other ones any more."""
    rows = [(node.name, *one) for node, one in zip(cluster.nodes, expected, strict=True)]
    await asyncio.to_thread(wait_until, lambda: versions(cluster) == rows)


OLD, NEW = (hubbub.__version__, HEAD), (VERSION, LATER)


@pytest.mark.slow
async def test_a_version_comes_in_node_by_node(cluster: Cluster, newer: Path) -> None:
    one, two, three = cluster.nodes
    crowd = [Listener(cluster.url, f"guest{number}", ROOM) for number in range(30)]
    json_talkers = [Talker(cluster.url, name, ROOM, window=2) for name in ("ada", "ben", "eve")]
    line_talkers = [LineTalker(cluster.address, "line-", ROOM)]
    everybody: Sequence[Talker | LineTalker] = [*crowd, *json_talkers, *line_talkers]
    speaking: Sequence[Talker | LineTalker] = [*json_talkers, *line_talkers]
    async with asyncio.timeout(6 * PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        for person in everybody:
            group.create_task(person.live())
        await all_inside(crowd)
        await all_say_something(speaking)
        await upgrade(one, newer, HUBBUB_WAVES="7")
        await become(cluster, NEW, OLD, OLD)
        await all_say_something(speaking)
        await kinds_that_the_old_one_does_not_know(one, two)
        await asyncio.to_thread(two.restart)  # as after a crash: with the newer tables
        for listener in crowd:
            listener.failures.clear()
        await all_inside(crowd)
        for node in (two, three):
            await all_say_something(speaking)
            await upgrade(node, newer)
        await all_say_something(speaking)
        await become(cluster, NEW, NEW, NEW)
        for person in everybody:
            person.talking = False
    log = without_shades(await read_log(one.url, ROOM))
    for talker in (*crowd, *json_talkers):
        talker.shown = without_shades(talker.shown)
    compare(log, [*crowd, *json_talkers])
    compare_lines(log, line_talkers)
    nobody_comes_or_goes_twice(log)
    assert [why for one in crowd for why in one.failures] == []


async def all_say_something(talkers: Sequence[Talker | LineTalker]) -> None:
    for talker in talkers:
        await talker.acks(3)


def without_shades(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the older version shows of what the newer one has said."""
    return [{name: value for name, value in one.items() if name != "shade"} for one in events]


@asynccontextmanager
async def at(node: Node, name: str) -> AsyncIterator[Chatter]:
    async with connect(node.url) as socket:
        person = Chatter(socket)
        await person.enter(name, "Waves")
        yield person


async def kinds_that_the_old_one_does_not_know(newer: Node, older: Node) -> None:
    """It shows no text of theirs, and no hole: at once, and when it reads the log."""
    async with at(newer, "nina") as nina, at(older, "olaf") as olaf:
        reader, writer = await asyncio.open_connection(*older.address)
        writer.write(b"nick\nWaves\n")
        await read_until(reader, "nick has joined the chat!")
        for text in ("one", WAVES, "two"):
            await nina.ask("ack", type="say", room="Waves", text=text, nonce=text)
        await olaf.ask("ack", type="say", room="Waves", text="three", nonce="three")
        lines = await read_until(reader, "olaf: three")
        assert [line.partition("] ")[2] for line in lines] == [
            "nina: one",
            "nina: two",
            "olaf: three",
        ]
        writer.close()
        await writer.wait_closed()
        while not (olaf.events and olaf.events[-1].get("text") == "three"):
            await olaf.hear("events")
        while not (nina.events and nina.events[-1].get("text") == "three"):
            await nina.hear("events")
        for events in (olaf.events, nina.events):
            seqs = [event["seq"] for event in events]
            assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        waved = next(event for event in nina.events if event["kind"] == "waved")
        assert (waved["text"], waved["shade"]) == (WAVES, "blue")
        (unknown,) = [event for event in olaf.events if event["seq"] == waved["seq"]]
        assert {"text", "shade"}.isdisjoint(unknown)
    for node in (newer, older):
        log = await read_log(node.url, "Waves", reader=f"reader-{node.name}")
        assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    counts = await asyncio.to_thread(counters, older)
    assert counts["unknown"] > 0
    assert counts["refused"] == 0


async def read_until(reader: asyncio.StreamReader, end: str) -> list[str]:
    """Lines up to one that ends so."""
    lines: list[str] = []
    while not (lines and lines[-1].endswith(end)):
        line = await reader.readline()
        assert line, lines
        lines.append(line.decode().rstrip())
    return lines


def counters(node: Node) -> dict[str, float]:
    """What a node tells of the bus."""
    with urlopen(f"http://127.0.0.1:{node.port}/metrics") as answer:
        said = answer.read().decode()
    found = re.findall(r"^hubbub_bus_(\w+)_total (\S+)$", said, re.MULTILINE)
    return {name: float(value) for name, value in found}


@pytest.mark.slow
def test_a_version_that_would_break_the_others_does_not_start(
    cluster: Cluster, tmp_path: Path
) -> None:
    one = cluster.nodes[0]
    source = make_neighbour(tmp_path, breaks=True)
    one.end()
    one.environment["PYTHONPATH"] = str(source)
    with pytest.raises(ClusterError, match=r"node-2 \(Hubbub .*\), node-3 .*Stop these first"):
        one.start()
    assert [node.health() for node in cluster.nodes[1:]] == [200, 200]
    for node in cluster.nodes[1:]:
        node.end()
    one.start()
    wait_until(lambda: versions(cluster) == [("node-1", *NEW)])
    two = cluster.nodes[1]
    with pytest.raises(ClusterError, match="was written by a newer Hubbub"):
        two.start()
