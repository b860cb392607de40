"""kill -9 of the server and of clients with a queue and a cache: all is there, and once."""

from __future__ import annotations

import asyncio
import random
import signal
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import LONG
from tests.faults.forked import CAN_FORK, ForkedServer
from tests.faults.moments import seeded
from tests.faults.nursery import Child, Nursery
from tests.faults.people import read_log
from tests.patience import PATIENCE_SECONDS

ROUNDS = 1000 if LONG else 30
NAMES = ("ada", "ben", "eve")

pytestmark = [
    pytest.mark.skipif(not CAN_FORK, reason="needs pidfd_open to start programs quickly"),
    pytest.mark.timeout(1500 if LONG else 300),
]


class Line(NamedTuple):
    """What a talker printed: shown, said, saved or kept, the event's ``seq``, who, and the text."""

    word: str
    seq: int
    by: str
    text: str


class Program:
    """A talker that is killed and started again; ``told`` is what all its runs printed."""

    def __init__(self, nursery: Nursery, server: ForkedServer, user: str, folder: Path) -> None:
        self.user = user
        self.told: list[Line] = []
        self.noise: list[str] = []
        self.runs = 0
        self._nursery = nursery
        self._server = server
        self._folder = folder
        self._here = threading.Condition()
        self.start()

    def start(self) -> None:
        address = self._server.url
        arguments = (address, self.user, str(self._folder), str(self.runs))
        self._child = self._nursery.spawn(
            "tests.faults.talker", arguments, folder=self._folder.parent, variables={}
        )
        self.runs += 1
        self._reading = threading.Thread(target=self._read, args=(self._child,), daemon=True)
        self._reading.start()

    def kill(self) -> None:
        """kill -9; what it had printed is read."""
        self._child.kill()
        self._child.wait(PATIENCE_SECONDS)
        self._reading.join()

    def here(self, runs: int) -> None:
        """Waits until so many runs came into the room."""
        with self._here:
            assert self._here.wait_for(lambda: self.count("here") >= runs, PATIENCE_SECONDS), (
                self.noise
            )

    def end(self) -> None:
        """Lets it save and show all, and end."""
        self._child.send_signal(signal.SIGTERM)
        assert self._child.wait(PATIENCE_SECONDS) == 0, self.noise
        self._reading.join()

    def count(self, word: str) -> int:
        return len(self.lines(word))

    def lines(self, word: str) -> list[Line]:
        return [line for line in self.told if line.word == word]

    def _read(self, child: Child) -> None:
        with child.stdout:
            for line in child.stdout:
                word, seq, *rest = line.rstrip("\n").split(" ", 3)
                with self._here:
                    if word in ("shown", "said", "saved", "kept", "here"):
                        by, text = (*rest, "")[:2]
                        self.told.append(Line(word, int(seq), by, text))
                    else:
                        self.noise.append(line)
                    self._here.notify_all()


@pytest.mark.slow
async def test_clients_with_a_queue_lose_and_repeat_nothing(
    tmp_path: Path, either: tuple[str, ...]
) -> None:
    with seeded() as dice, Nursery() as nursery:
        flags = ("--rate-limit", "0", "--sessions-per-address", "0", *either)
        with ForkedServer(nursery, tmp_path / "data", *flags) as server:
            programs = [Program(nursery, server, name, tmp_path / name) for name in NAMES]
            for program in programs:
                await asyncio.to_thread(program.here, 1)
            for _ in range(ROUNDS):
                await asyncio.sleep(dice.uniform(0, 0.15))
                await asyncio.to_thread(_kill_something, dice, server, programs)
            for program in programs:
                await asyncio.to_thread(program.end)
            log = await read_log(server.url)
        compare(log, programs)


def _kill_something(dice: random.Random, server: ForkedServer, programs: list[Program]) -> None:
    what = dice.choice(["server", "program", "both"])
    if what != "program":
        server.kill()
    if what != "server":
        program = dice.choice(programs)
        program.kill()
        program.start()
    if what != "program":
        server.start()


def compare(log: list[dict[str, object]], programs: list[Program]) -> None:
    """Holds what the programs told against the log."""
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    texts = [event["text"] for event in log if event["kind"] == "said"]
    assert len(texts) == len(set(texts)), "a text is in the log twice"
    logged = [(event["seq"], event["by"], event.get("text", "")) for event in log]
    for program in programs:
        assert not program.noise, program.noise
        shown = [line.seq for line in program.lines("shown")]
        assert shown == sorted(set(shown)), f"{program.user} was shown something twice"
        for line in program.lines("shown") + program.lines("saved") + program.lines("kept"):
            assert logged[line.seq - 1] == (line.seq, line.by, line.text), line
        kept = [line.seq for line in program.lines("kept")]
        assert kept == list(range(kept[0], kept[-1] + 1)), f"{program.user} has holes"
        said = {line.text for line in program.lines("said")}
        assert said <= set(texts), f"{program.user}'s lines are lost: {said - set(texts)}"
        # Killed between keeping a line and showing it; the next run shows it from its cache.
        assert len(set(kept) - set(shown)) < program.runs, "not all that came was shown"
