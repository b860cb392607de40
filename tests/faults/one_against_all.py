"""Measures what a bystander notices while one client attacks a server with `ATTACKS`.

What is measured is processor time of the server's loop, so that other work on the machine does
not count: how long each of its steps takes, and how much of it passes until a text of the
bystander is shown. Linux only.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hubbub.domain.events import AnyEvent, Joined, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import Draft, MakeRoom, Settled
from hubbub.storage.log import SqlLog
from tests.certificates import make_certificate
from tests.faults.attacks import ATTACKS, ROOM
from tests.faults.watched import VARIABLE, WATCHED, Steps
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess, clean_environment

ROOMS = 9_900  # of ten thousand that there may be
ELSEWHERE = "127.0.0.2"
PAUSE_SECONDS = 0.105  # between two texts: ten a second are allowed
REST_SECONDS = 120.0  # a busy machine gives a server little of its time
WARM_SECONDS = 0.5  # of the attack before it counts: what is done once is nobody's harm


@dataclass(frozen=True)
class Figures:
    """What one attack did. Times in seconds of the loop's processor time, memory in bytes.

    ``ran``: which part of the time the loop had a processor.
    """

    attack: str
    texts: int
    due: int
    ran: float
    p99: float
    worst: float
    steps: int
    slow_steps: int
    worst_step: float
    grown: int
    refusals: str

    @property
    def is_starved(self) -> bool:
        """Whether it was other programs that kept the bystander waiting, and not the attack.

        All that is sent meanwhile is there at once then, and one text waits for many turns.
        """
        return self.texts < self.due / 2 and self.ran < 0.5

    def __str__(self) -> str:
        return (
            f"{self.attack}: {self.texts} texts of {self.due}, p99 {self.p99 * 1000:.1f} ms, worst "
            f"{self.worst * 1000:.1f} ms; {self.steps} steps, worst {self.worst_step * 1000:.1f} "
            f"ms; ran {self.ran:.0%}; memory {self.grown >> 20:+} MiB; {self.refusals}"
        )


@contextmanager
def victim(folder: Path) -> Iterator[ServerProcess]:
    """A server with ten thousand rooms, and one with texts that are dear to look through."""
    asyncio.run(_fill(folder / "data"))
    Steps(folder / "steps")
    environment = {VARIABLE: str(folder / "steps")}
    module = "tests.faults.watched"
    files = make_certificate(folder)
    flags = ("--tls-cert", str(files.certificate), "--tls-key", str(files.key))
    with ServerProcess(folder / "data", *flags, environment=environment, module=module) as server:
        yield server


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
        log.append(Draft(room, event))
    for number in range(ROOMS):
        log.append(MakeRoom(RoomName.parse(f"room{number}")))
    await saved.wait()
    await log.close()


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


async def attacked(server: ServerProcess, name: str, seconds: float) -> Figures:
    """Attacks a `victim` for so long while somebody chats; then lets it rest."""
    number = list(ATTACKS).index(name) + 1
    steps = Steps(server.data.parent / "steps")
    memory = server.memory()
    bystander = Bystander(server, steps, f"ada{number}")
    chat = asyncio.ensure_future(bystander.chat())
    address = f"127.0.1.{number}"
    attacker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.attacks", str(server.port), address, name),
        env=clean_environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert attacker.stdout is not None
        await attacker.stdout.readline()  # it has begun
        await asyncio.sleep(WARM_SECONDS)
        bystander.delays.clear()
        steps.write(0.0, 0, 0)
        ran = -loop_seconds(server)
        await asyncio.wait((chat,), timeout=seconds)
        ran += loop_seconds(server)
        grown = server.memory() - memory
        refusals, _ = await attacker.communicate(b"")
        assert attacker.returncode == 0
        bystander.over = True
        async with asyncio.timeout(PATIENCE_SECONDS):
            await chat
    finally:
        chat.cancel()
        with contextlib.suppress(ProcessLookupError):
            attacker.kill()
    worst_step, slow, count = steps.read()
    delays = sorted(bystander.delays)
    p99 = delays[int(len(delays) * 0.99)]
    await _rest(server)
    return Figures(
        attack=name,
        texts=len(delays),
        due=int(seconds / PAUSE_SECONDS),
        ran=ran / seconds,
        p99=p99,
        worst=delays[-1],
        steps=count,
        slow_steps=slow,
        worst_step=worst_step,
        grown=grown,
        refusals=refusals.decode(),
    )


async def _rest(server: ServerProcess) -> None:
    """Until the server has nothing left to do of an attack."""
    async with asyncio.timeout(REST_SECONDS):
        while True:
            before = loop_seconds(server)
            await asyncio.sleep(0.2)
            if loop_seconds(server) - before < 0.02:
                return
