"""Who is here and whose a name is, at three servers, of which one dies or stands still."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.cluster.conftest import running
from tests.faults.people import read_log
from tests.patience import PATIENCE_SECONDS
from tools.cluster.cluster import Cluster, Plan

LEASE_SECONDS = 3
Frame = dict[str, Any]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Three nodes that live for seconds after their last word."""
    with running(Plan(nodes=3, safe=False, lease_seconds=LEASE_SECONDS)) as cluster:
        yield cluster


class Client:
    """One connection to one node."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.token: str | None = None
        self.left: list[str] = []
        """Of whom it was told that they have left."""

    async def ask(self, answer: str, **command: Any) -> Frame:
        """Sends a command; the first frame of that type."""
        await self.socket.send(json.dumps(command))
        return await self.hear(answer)

    async def hear(self, kind: str) -> Frame:
        """The next frame of that type."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame: Frame = json.loads(await self.socket.recv())
                events = frame.get("events", ())
                self.left += [one["by"] for one in events if one["kind"] == "left"]
                if frame["type"] == kind:
                    return frame

    async def hello(self, name: str, token: str | None = None) -> Frame:
        command = {"type": "hello", "user": name} | ({"token": token} if token else {})
        frame = await self.ask("welcome", **command)
        self.token = frame["token"]
        return await self.ask("joined", type="join", room="General")


@asynccontextmanager
async def at(url: str) -> AsyncIterator[Client]:
    async with connect(url, compression=None) as socket:
        yield Client(socket)


async def comings_and_goings(cluster: Cluster) -> list[tuple[str, str]]:
    log = await read_log(cluster.nodes[-1].url)
    return [(one["by"], one["kind"]) for one in log if one["kind"] in ("joined", "left")]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", ["killed", "stopped"])
async def test_guests_of_a_dead_server_leave_once_and_it_speaks_for_nobody(
    cluster: Cluster, how: str
) -> None:
    dying, other, third = cluster.nodes
    async with at(dying.url) as ada, at(dying.url) as ben, at(other.url) as eve:
        await ada.hello("ada")
        await ben.hello("ben")
        await eve.hello("eve")
        (dying.kill if how == "killed" else dying.stop)()
        began = asyncio.get_running_loop().time()
        async with at(third.url) as back:
            await back.hello("ben", ben.token)
            while eve.left != ["ada"]:
                await eve.hear("events")
            lasted = asyncio.get_running_loop().time() - began
            assert lasted < 2 * LEASE_SECONDS + 2
            if how == "stopped":
                with_pending = {"type": "say", "room": "General", "text": "late", "nonce": "n"}
                await ada.socket.send(json.dumps(with_pending))
                dying.go_on()
                goodbye = await ada.hear("bye")
                assert goodbye["reconnect"] > 0
                with pytest.raises(ConnectionClosed):
                    await ada.hear("nothing")
            else:
                dying.start()
            await asyncio.to_thread(dying.wait_until_up)
            await asyncio.sleep(2 * LEASE_SECONDS)
            told = await comings_and_goings(cluster)
            assert told == [
                ("ada", "joined"),
                ("ben", "joined"),
                ("eve", "joined"),
                ("ada", "left"),
            ]
            async with at(dying.url) as again:
                there = await again.hello("ada", ada.token)
                assert sorted(there["users"]) == ["ada", "ben", "eve"]
            texts = [one for one in await read_log(third.url) if one["kind"] == "said"]
            assert texts == []


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_name_is_given_once_and_guests_move_with_a_server_that_stops(
    cluster: Cluster,
) -> None:
    one, two, three = cluster.nodes

    async def claim(url: str) -> Frame:
        async with connect(url, compression=None) as socket:
            await socket.send(json.dumps({"type": "hello", "user": "lovelace"}))
            frame: Frame = json.loads(await socket.recv())
            await asyncio.sleep(0.5)
            return frame

    frames = await asyncio.gather(*(claim(node.url) for node in cluster.nodes))
    kinds = sorted(frame["type"] for frame in frames)
    assert kinds == ["error", "error", "welcome"]
    refused = next(frame for frame in frames if frame["type"] == "error")
    assert (refused["code"], refused["suggestion"]) == ("name-taken", "lovelace2")
    async with at(three.url) as eve, at(one.url) as ada:
        await eve.hello("eve")
        await ada.hello("ada")
        drained = asyncio.get_running_loop().run_in_executor(None, one.end)
        assert (await ada.hear("bye"))["reconnect"] >= 0
        async with at(two.url) as back:
            joined = await back.hello("ada", ada.token)
            assert sorted(joined["users"]) == ["ada", "eve"]
            await drained
            await asyncio.sleep(4 * LEASE_SECONDS)
            told = await comings_and_goings(cluster)
            assert told == [("eve", "joined"), ("ada", "joined")]
