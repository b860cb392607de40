"""A flood of wrong passwords from many addresses: people chat on, and the owner logs in."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.faults.one_against_all import Bystander
from tests.faults.watched import VARIABLE, Steps
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess, clean_environment

PASSWORD = "correct horse battery"
SECONDS = 20.0 if os.environ.get("HUBBUB_LONG") else 3.0
TIMES = 3  # that a text may take longer than without the flood
LEAST_SECONDS = 0.004  # of the loop's time, of which three times are nothing to speak of
TRIES = 3  # a processor that is shared has cold caches: the best of three counts
HOME, ABROAD = "127.0.0.4", "127.0.0.5"

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads the processor time of a thread"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("logins")
    Steps(folder / "steps")
    environment = {VARIABLE: str(folder / "steps")}
    module = "tests.faults.watched"
    with ServerProcess(folder / "data", environment=environment, module=module) as server:
        yield server
        assert server.stop() == 0
        assert not [line for line in server.output if "Traceback" in line], server.output


@asynccontextmanager
async def connection(server: ServerProcess, address: str) -> AsyncIterator[ClientConnection]:
    url = f"ws://127.0.0.1:{server.port}/ws"
    async with connect(url, local_addr=(address, 0), subprotocols=None) as socket:
        yield socket


async def answer(socket: ClientConnection, **command: Any) -> dict[str, Any]:
    """The answer to a command."""
    await socket.send(json.dumps({"id": "asked", **command}))
    while True:
        frame: dict[str, Any] = json.loads(await socket.recv())
        if frame.get("re") == "asked":
            return frame


@asynccontextmanager
async def flood(server: ServerProcess, name: str, tried: list[int]) -> AsyncIterator[None]:
    """Tries wrong passwords meanwhile; ``tried`` is told how many."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.loginflood", str(server.port), name),
        env=clean_environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        await process.stdout.readline()  # it has begun
        yield
        count, _ = await process.communicate(b"")
        assert process.returncode == 0
        tried.append(int(count))
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


async def p99(server: ServerProcess, name: str) -> float:
    """How much of the loop's time passes until a text is shown, in 99 of 100 cases."""
    someone = Bystander(server, Steps(server.data.parent / "steps"), name)
    chat = asyncio.ensure_future(someone.chat())
    await asyncio.wait((chat,), timeout=SECONDS)
    someone.over = True
    async with asyncio.timeout(PATIENCE_SECONDS):
        await chat
    delays = sorted(someone.delays)
    return delays[int(len(delays) * 0.99)]


async def test_people_chat_on_and_the_owner_logs_in(server: ServerProcess) -> None:
    async with connection(server, HOME) as socket:
        made = await answer(socket, type="register", user="owner", password=PASSWORD)
        assert made["type"] == "welcome"
    found = []
    for number in range(TRIES):
        quiet = await p99(server, f"ada{number}")
        tried: list[int] = []
        async with flood(server, "owner", tried):
            flooded = await p99(server, f"ben{number}")
            await logs_in(server, HOME)
            await logs_in(server, ABROAD)
        found.append(f"{tried[0]} tries: p99 {quiet * 1000:.1f} ms, then {flooded * 1000:.1f} ms")
        logging.getLogger(__name__).info(found[-1])
        if flooded <= TIMES * max(quiet, LEAST_SECONDS):
            return
    raise AssertionError("\n".join(found))


async def logs_in(server: ServerProcess, address: str) -> None:
    """Logs in from there, waiting as long as the server says that one has to."""
    hello = {"type": "hello", "user": "owner", "password": PASSWORD}
    async with asyncio.timeout(PATIENCE_SECONDS), connection(server, address) as socket:
        while (told := await answer(socket, **hello))["type"] != "welcome":
            assert told["code"] == "rate-limited", told
            await asyncio.sleep(told["retry_after"])
