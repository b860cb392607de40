"""One hostile client, with the settings as they are, against a server where somebody chats.

What is measured is processor time of the server's loop, so that other work on the machine does
not count: how long each of its steps takes, and how much of it passes until a text of the
bystander is acknowledged.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from hubbub.domain.events import AnyEvent, Joined, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import Draft, MakeRoom, Settled
from hubbub.storage.log import SqlLog
from tests.faults.attacks import ATTACKS, ROOM
from tests.faults.watched import VARIABLE, WATCHED, Steps
from tests.process import ServerProcess, clean_environment

LONG = bool(os.environ.get("HUBBUB_LONG"))
SECONDS = 20.0 if LONG else 2.0
ROOMS = 9_900  # of ten thousand that there may be
ELSEWHERE = "127.0.0.2"
PAUSE_SECONDS = 0.105  # between two texts: ten a second are allowed
P99_SECONDS = 0.025
WORST_SECONDS = 0.100
GROWTH_BYTES = 64 << 20

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads the processor time of a thread"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with many rooms, and one with texts that are dear to look through."""
    folder = tmp_path_factory.mktemp("hostile") / "data"
    asyncio.run(_fill(folder))
    return folder


async def _fill(folder: Path) -> None:
    log = await SqlLog.open(folder, durability="process")
    saved, left = asyncio.Event(), ROOMS

    def settled(outcomes: Sequence[Settled]) -> None:
        nonlocal left
        left -= sum(isinstance(outcome.entry, MakeRoom) for outcome in outcomes)
        if not left:
            saved.set()

    log.listen(settled)
    eve, room = UserName.parse("eve"), RoomName.parse(ROOM)
    texts = ["い" * 4000] * 48 + ["a" * 3999 + "b"] * 48 + ["a " * 2000] * 48
    events: list[AnyEvent] = [Joined(0, 1, eve)]
    events += [Said(0, 1, eve, text=text) for text in texts]
    for event in events:
        log.append(Draft(room, event, eve))
    for number in range(ROOMS):
        log.append(MakeRoom(RoomName.parse(f"room{number}")))
    await saved.wait()
    await log.close()


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[ServerProcess]:
    environment = {VARIABLE: str(data.parent / "steps")}
    Steps(data.parent / "steps")
    with ServerProcess(data, environment=environment, module="tests.faults.watched") as server:
        yield server
        assert server.stop() == 0
        assert not [line for line in server.output if "Traceback" in line], server.output


def loop_seconds(server: ServerProcess) -> float:
    """Processor time of the server's main thread, where its loop is."""
    schedstat = Path(f"/proc/{server.pid}/task/{server.pid}/schedstat").read_text()
    return int(schedstat.split()[0]) / 1e9


class Bystander:
    """Somebody on another computer, in another room. ``delays``: of the loop's time, for a text."""

    def __init__(self, server: ServerProcess, steps: Steps, name: str) -> None:
        self._server = server
        self._steps = steps
        self._name = name
        self.delays: list[float] = []
        self.over = False

    async def chat(self) -> None:
        """Says something ten times a second, and waits each time until it is back."""
        reader, writer = await asyncio.open_connection(
            *self._server.address, local_addr=(ELSEWHERE, 0)
        )
        try:
            writer.write(f"{self._name}\n{WATCHED}\n".encode())
            while not (await reader.readline()).endswith(
                f"{self._name} has joined the chat!\n".encode()
            ):
                pass
            while not self.over:
                text = b"text %d\n" % len(self.delays)
                began = loop_seconds(self._server)
                writer.write(text)
                while not (await reader.readline()).endswith(b": " + text):
                    pass
                self.delays.append(max(0.0, self._steps.shown_at - began))
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            writer.close()


@pytest.fixture
async def rested(server: ServerProcess) -> AsyncIterator[ServerProcess]:
    """The server when it has nothing left to do of the attack before."""
    yield server
    async with asyncio.timeout(20):
        while True:
            before = loop_seconds(server)
            await asyncio.sleep(0.2)
            if loop_seconds(server) - before < 0.02:
                return


@pytest.mark.parametrize("name", ATTACKS)
async def test_a_hostile_client_harms_only_itself(rested: ServerProcess, name: str) -> None:
    server = rested
    number = list(ATTACKS).index(name) + 1
    steps = Steps(server.data.parent / "steps")
    steps.write(0.0, 0, 0)
    memory = server.memory()
    bystander = Bystander(server, steps, f"ada{number}")
    chat = asyncio.ensure_future(bystander.chat())
    attacker = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "tests.faults.attacks",
            str(server.port),
            f"127.0.1.{number}",
            name,
        ),
        env=clean_environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await asyncio.wait((chat,), timeout=SECONDS)
        grown = server.memory() - memory
        refusals, _ = await attacker.communicate(b"")
        assert attacker.returncode == 0
        bystander.over = True
        async with asyncio.timeout(30):
            await chat
    finally:
        chat.cancel()
        with contextlib.suppress(ProcessLookupError):
            attacker.kill()
    worst, slow, count = steps.read()
    delays = sorted(bystander.delays)
    p99 = delays[int(len(delays) * 0.99)]
    figures = (
        f"{name}: {len(delays)} texts, p99 {p99 * 1000:.1f} ms, worst {delays[-1] * 1000:.1f} ms; "
        f"{count} steps, worst {worst * 1000:.1f} ms; memory {grown >> 20:+} MiB; "
        f"{refusals.decode()}"
    )
    logging.getLogger(__name__).info(figures)
    slow_steps = [line for line in server.output if "a step took" in line][-3:]
    assert p99 <= P99_SECONDS, figures
    assert delays[-1] <= WORST_SECONDS, figures
    assert slow == 0, (figures, slow_steps)
    assert grown <= GROWTH_BYTES, figures
