"""The clock on the wall jumps: times are what it says, and nothing else depends on it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.faults.disk.shim import needs_a_compiler
from tests.faults.people import read_log
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess

pytestmark = needs_a_compiler

# Beyond 2262 Python itself cannot tell the time.
YEAR = 365 * 86_400
JUMPS = (10 * YEAR, -10 * YEAR, -80 * YEAR, 0, 200 * YEAR, -3600)
"""Seconds from the right time: wrong years, before 1970, the next century, and summer time."""


class WallClock:
    """What a process sees that runs with `environment`."""

    def __init__(self, folder: Path) -> None:
        self._offset = folder / "offset"
        library = folder / "clock.so"
        source = Path(__file__).with_name("clock.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(self._offset)}

    def jump(self, seconds: int) -> None:
        """It is off by so much from now on."""
        new = self._offset.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self._offset)


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    return WallClock(tmp_path)


@pytest.fixture
def server(clock: WallClock, tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", environment=clock.environment) as server:
        yield server


async def test_a_clock_that_jumps_changes_times_and_nothing_else(
    clock: WallClock, server: ServerProcess
) -> None:
    ben_in, ben_out = await asyncio.open_connection(*server.address)
    ben_out.write(b"ben\nGeneral\n")
    async with asyncio.timeout(PATIENCE_SECONDS):
        token: str | None = None
        for number, jump in enumerate(JUMPS):
            clock.jump(jump)
            # Comes back by the token, within the grace period: nobody is told that she left.
            async with connect(server.url, compression=None) as ada:
                welcome = await ask(ada, type="hello", user="ada", token=token)
                assert welcome["type"] == "welcome", welcome
                token = welcome["token"]
                await ask(ada, type="join", room="General")
                ack = await ask(ada, type="say", room="General", text=f"jump {number}")
                assert ack["type"] == "ack", "no limit has run out"
                assert abs(ack["at"] / 1000 - (time.time() + jump)) < 60
                ada.transport.abort()  # the connection is lost, and the name is held
        ben_out.write(b"exit\n")
        heard = (await ben_in.read()).decode()
        ben_out.close()
    places = [heard.index(f"ada: jump {number}\n") for number in range(len(JUMPS))]
    assert places == sorted(places)
    assert heard.count("ada has left") == 0
    log = await read_log(server.url)
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    assert len([event for event in log if event["by"] == "ada" and event["kind"] == "joined"]) == 1


async def test_a_server_starts_whatever_its_clock_says(
    clock: WallClock, server: ServerProcess
) -> None:
    """Names are held over a restart, and history is there, in order."""
    async with connect(server.url, compression=None) as ada:
        token = (await ask(ada, type="hello", user="ada"))["token"]
        await ask(ada, type="join", room="General")
        await ask(ada, type="say", room="General", text="before")
        clock.jump(-30 * YEAR)
        await asyncio.to_thread(server.restart)
    async with connect(server.url, compression=None) as eve:
        assert (await ask(eve, type="hello", user="ada"))["code"] == "name-taken"
    async with connect(server.url, compression=None) as ada:
        assert (await ask(ada, type="hello", user="ada", token=token))["type"] == "welcome"
        await ask(ada, type="join", room="General")
        await ask(ada, type="say", room="General", text="after")
    texts = [event["text"] for event in await read_log(server.url) if event["kind"] == "said"]
    assert texts == ["before", "after"]


async def ask(socket: ClientConnection, **fields: Any) -> dict[str, Any]:
    """Sends a command, and returns the answer."""
    await socket.send(json.dumps({key: value for key, value in fields.items() if value}))
    while True:
        answer: dict[str, Any] = json.loads(await socket.recv())
        if answer["type"] != "events":
            return answer
