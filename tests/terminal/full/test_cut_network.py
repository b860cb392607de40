"""A real client in a real terminal, on a network that breaks while one types."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubbub.client import Said, connect
from tests.conftest import LONG
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.terminal.full.cable import Cable
from tests.terminal.full.tmux import Terminal, needs_tmux

pytestmark = needs_tmux

FLOOD_PER_SECOND = 500
ROUNDS = 12 if LONG else 2
FIRST = re.compile(r"ben: flood 0\b")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server")
    with ServerProcess(folder / "data", "--rate-limit", "0") as server:
        yield server


_readers = itertools.count()  # a name may be held for somebody whose goodbye was lost


def said_by(server: ServerProcess, room: str, user: str) -> list[str]:
    """What ``user`` said in a room, by the server's own account; and that its log has no hole."""

    async def read() -> list[str]:
        async with connect(f"127.0.0.1:{server.port}", user=f"reader{next(_readers)}") as chat:
            found: list[str] = []
            after = 0
            while True:
                page = await chat.history(room, after=after, limit=200)
                if not page.events:
                    return found
                seqs = [event.seq for event in page.events]
                assert seqs == list(range(after + 1, after + 1 + len(seqs)))
                after = seqs[-1]
                found += [
                    one.text for one in page.events if isinstance(one, Said) and one.by == user
                ]

    return asyncio.run(read())


def until_said(server: ServerProcess, room: str, user: str, text: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while text not in said_by(server, room, user):
        assert time.monotonic() < deadline, f"{user} has not said {text!r}"


class Flood:
    """Ben says 500 lines a second, over a cable of his own, until the end."""

    def __init__(self, server: ServerProcess, room: str) -> None:
        self.sent = 0
        self._address = f"127.0.0.1:{server.port}"
        self._room = room
        self._over = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._run(),))

    def __enter__(self) -> Flood:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._thread.join()

    async def _run(self) -> None:
        async with connect(self._address, user="ben") as chat:
            await chat.join(self._room)
            loop = asyncio.get_running_loop()
            began = loop.time()
            while not self._over.is_set():
                due = int((loop.time() - began) * FLOOD_PER_SECOND)
                while self.sent < due and len(chat.unsent) < FLOOD_PER_SECOND:
                    chat.send(self._room, f"flood {self.sent}")
                    self.sent += 1
                await asyncio.sleep(0.02)
            await chat.drain()


@contextmanager
def in_the_room(address: str, home: Path, size: tuple[int, int]) -> Iterator[Terminal]:
    """A client that has been let in, so that the next one on ``home`` has the proof, too."""
    with Terminal(address, home, size=size) as terminal:
        terminal.sees("●", "Welcome to room")
        yield terminal


@pytest.mark.parametrize("lost", [(), ("down",), ("up",), ("up", "down")])
def test_a_line_that_is_sent_into_a_broken_network_is_said_once(
    server: ServerProcess, tmp_path: Path, lost: tuple[str, ...]
) -> None:
    """The server may have it without our knowing (``down`` is lost), or not (``up``)."""
    room, user = "Cut" + "".join(lost), "ada" + "".join(lost)
    with (
        Cable(server.port) as cable,
        Terminal(f"{user}@127.0.0.1:{cable.port}/{room}", tmp_path) as ada,
    ):
        ada.sees("● connected", f"Welcome to room {room}!")
        ada.send("before")
        ada.sees(f"] {user}: before")
        ada.write("mean")
        cable.lose(*lost)
        if not lost:
            cable.cut()
        ada.send("while")
        ada.sees("waiting")
        ada.write("and af")
        if lost == ("down",):
            until_said(server, room, user, "meanwhile")
        cable.cut()
        ada.sees("○ offline", "> and af")
        cable.mend()
        ada.send("ter")
        ada.keys("C-t")
        screen = ada.sees("● connected", f"] {user}: meanwhile", f"] {user}: and after")
        assert screen.count("meanwhile") == screen.count("and after") == 1
        ada.sees_no("waiting")
        assert said_by(server, room, user) == ["before", "meanwhile", "and after"]


def test_a_name_that_one_gave_up_is_ones_own_again(server: ServerProcess, tmp_path: Path) -> None:
    """Given up with a connection it is free at once; without one the server holds it, for us."""
    with (
        Cable(server.port) as cable,
        Terminal(f"aa@127.0.0.1:{cable.port}/Names", tmp_path) as aa,
    ):
        aa.sees("● connected", "Welcome to room Names!")
        aa.send("/nick bb")
        aa.sees("Your name is bb now")
        aa.send("/nick aa")
        aa.sees("Your name is aa now")
        cable.cut()
        aa.sees("○ offline")
        aa.send("/nick cc")
        cable.mend()
        aa.keys("C-t")
        aa.sees("● connected", "cc @")
        aa.send("/nick aa")
        aa.sees("It was cc before.")
        aa.send("me again")
        aa.sees("] aa: me again")


def test_two_clients_of_one_user_type_through_a_flood_a_cut_network_and_a_killed_server(
    tmp_path: Path,
) -> None:
    chance = random.Random(3)
    with (
        ServerProcess(tmp_path / "data", "--rate-limit", "0") as server,
        Cable(server.port) as cable,
        in_the_room(f"ada@127.0.0.1:{cable.port}/Storm", tmp_path, (100, 30)) as one,
        in_the_room(f"ada@127.0.0.1:{cable.port}/Storm", tmp_path, (60, 20)) as two,
    ):
        said: dict[Terminal, list[str]] = {one: [], two: []}
        with Flood(server, "Storm") as flood:
            for round in range(ROUNDS):
                for trouble in ("none", "cut", "lost", "killed"):
                    for number, terminal in enumerate(said, 1):
                        text = f"{trouble} {round} of {number}"
                        middle = chance.randrange(len(text))
                        terminal.write(text[:middle])
                        if number == 1 and trouble == "cut":
                            cable.cut()
                        elif number == 1 and trouble == "lost":
                            cable.lose(*chance.choice([("up",), ("down",), ("up", "down")]))
                        elif number == 1 and trouble == "killed":
                            server.kill()
                        terminal.send(text[middle:])
                        said[terminal].append(text)
                    if trouble == "killed":
                        server.start()
                    elif trouble == "lost":
                        cable.cut()
                    cable.mend()
                    for terminal in said:
                        terminal.keys("C-t")
        for terminal in said:
            terminal.keys("C-t")
            terminal.sees_no("○")
        last = f"flood {flood.sent - 1}"
        for terminal in said:
            terminal.sees(last)
            terminal.sees_no("waiting")
        by_ada = said_by(server, "Storm", "ada")
        for texts in said.values():  # each client's in order; together, each once
            assert [text for text in by_ada if text in texts] == texts
        assert len(by_ada) == sum(map(len, said.values()))
        assert said_by(server, "Storm", "ben") == [f"flood {n}" for n in range(flood.sent)]
        for terminal in said:
            terminal.keys("C-Home")
            terminal.sees("Welcome to room Storm!")
            screen = terminal.screen()
            while not FIRST.search(screen):  # what was lost and found stands before it
                assert "flood 9" not in screen, screen
                terminal.keys("S-Down")
                screen = terminal.screen()
            assert len(FIRST.findall(screen)) == 1
