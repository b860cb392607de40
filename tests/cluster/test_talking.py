"""Whichever node one reaches, it is the same server."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess

import pytest
from websockets.asyncio.client import connect

from tests.cluster.talkers import Talker, compare, nobody_comes_or_goes_twice
from tests.faults.people import read_log
from tests.patience import PATIENCE_SECONDS
from tools.cluster.cluster import Cluster


class Nc:
    """netcat, as the first of all clients."""

    def __init__(self, cluster: Cluster) -> None:
        nc = shutil.which("nc")
        if nc is None:
            pytest.skip("there is no nc here")
        host, port = cluster.address
        self._process = subprocess.Popen(
            [nc, host, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Nc:
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait()

    def types(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def sees(self, end: str) -> None:
        """Waits for a line that ends so."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.rstrip().endswith(end):
                return
        raise AssertionError(f"the connection ended before {end!r}")

    def ends(self) -> None:
        """Waits until the server has ended the connection, and nothing more has come."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()  # netcat stays there for as long as one may type
        assert self._process.stdout.read() == ""


def test_the_dialogue_of_two_people_with_netcat(cluster: Cluster, room: str) -> None:
    """The balancer leads each of them to another node."""
    with Nc(cluster) as alice, Nc(cluster) as bob:
        alice.types("Alice")
        alice.sees("Available rooms:")
        alice.types(room)
        alice.sees(f"Welcome to room {room}!")
        alice.sees("Alice has joined the chat!")
        bob.types("Bob")
        bob.sees("Available rooms:")
        bob.types(room)
        bob.sees(f"Welcome to room {room}!")
        bob.sees("Alice has joined the chat!")
        bob.sees("Bob has joined the chat!")
        alice.sees("Bob has joined the chat!")
        bob.types("Hello Alice!")
        alice.sees("Bob: Hello Alice!")
        bob.sees("Bob: Hello Alice!")
        alice.types("Donec pulvinar erat.")
        bob.sees("Alice: Donec pulvinar erat.")
        alice.types("exit")
        alice.sees("Alice: Donec pulvinar erat.")
        alice.ends()
        bob.sees("Alice has left the chat!")


async def test_clients_of_two_nodes_see_the_same_texts_with_the_same_numbers(
    cluster: Cluster, room: str
) -> None:
    talkers = [Talker(node.url, f"{room}-{node.name}", room) for node in cluster.nodes]
    await talk(talkers, 50)
    logs = [
        await read_log(node.url, room, reader=f"{room}-reader-{node.name}")
        for node in cluster.nodes
    ]
    longest = max(logs, key=len)
    compare(longest, talkers)
    for log in logs:
        assert log == longest[: len(log)]
    assert min(len(talker.shown) for talker in talkers) > 100, "each has heard the other one"


async def talk(talkers: list[Talker], acks: int) -> None:
    """All of them talk at the same time."""
    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        for talker in talkers:
            group.create_task(talker.live())
        for talker in talkers:
            await talker.acks(acks)
        for talker in talkers:
            talker.talking = False


@pytest.mark.slow
async def test_who_was_at_a_node_that_is_killed_goes_on_at_another(
    breakable: Cluster, room: str
) -> None:
    talkers = [Talker(breakable.url, name, room) for name in ("ada", "ben", "eve")]
    async with asyncio.timeout(2 * PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        for talker in talkers:
            group.create_task(talker.live())
        for node in breakable.nodes[:2]:
            for talker in talkers:
                await talker.acks(20)
            await asyncio.to_thread(node.kill)
        for talker in talkers:
            await talker.acks(20)
        for talker in talkers:
            talker.talking = False
    log = await read_log(breakable.nodes[2].url, room)
    compare(log, talkers)
    nobody_comes_or_goes_twice(log)


@pytest.mark.slow
async def test_a_node_that_is_to_end_sends_its_clients_elsewhere(
    breakable: Cluster, room: str
) -> None:
    node, other, _ = breakable.nodes
    async with asyncio.timeout(PATIENCE_SECONDS):
        async with connect(node.url, compression=None) as socket:
            await socket.send(json.dumps({"type": "hello", "user": "ada"}))
            token = json.loads(await socket.recv())["token"]
            await socket.send(json.dumps({"type": "join", "room": room}))
            while (frame := json.loads(await socket.recv()))["type"] != "events":
                assert frame["type"] == "joined"
            seq = frame["events"][-1]["seq"]
            ending = asyncio.ensure_future(asyncio.to_thread(node.end))
            frames = [json.loads(frame) async for frame in socket]
        assert await ending == 0
        assert frames[-1]["type"] == "bye"
        assert frames[-1]["reconnect"] > 0, (
            "when to come again, which differs from client to client"
        )
        async with connect(other.url, compression=None) as socket:
            await socket.send(json.dumps({"type": "hello", "user": "ada", "token": token}))
            assert json.loads(await socket.recv())["type"] == "welcome"
            await socket.send(json.dumps({"type": "join", "room": room, "after": seq}))
            joined = json.loads(await socket.recv())
            assert (joined["type"], joined["after"], joined["head"]) == ("joined", seq, seq)
