"""Next day, after a clean end, in a real terminal: what was said meanwhile is unread."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.client import connect
from tests.process import ServerProcess
from tests.terminal.full.tmux import Terminal, needs_tmux

pytestmark = needs_tmux


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as server:
        yield server


def ben_says(server: ServerProcess, **texts: str) -> None:
    async def say() -> None:
        async with connect(f"127.0.0.1:{server.port}", user="ben") as chat:
            for room, text in texts.items():
                await chat.join(room)
                await chat.say(room, text)

    asyncio.run(say())


@pytest.mark.parametrize("how", ["C-q", "exit"])
def test_what_was_said_meanwhile_is_unread(server: ServerProcess, tmp_path: Path, how: str) -> None:
    where = f"127.0.0.1:{server.port}"
    ben_says(server, Garden="first", Kitchen="first")
    with Terminal(f"ada@{where}/Garden", tmp_path) as ada:
        ada.sees("Welcome to room Garden!")
        ada.send("/join Kitchen")
        ada.sees("Welcome to room Kitchen!")
        ada.send("good night")
        ada.sees("] ada: good night")
        ada.send("exit") if how == "exit" else ada.keys("C-q")
        assert ada.ended() == 0

    # Somebody else has the name for a while.
    async def be_ada() -> None:
        async with connect(where, user="ada") as other:
            await other.join("Garden")

    asyncio.run(be_ada())
    ben_says(server, Garden="ada, the roses!", Kitchen="good morning")
    with Terminal(f"ada@{where}/Kitchen", tmp_path) as ada:
        screen = ada.sees("ben: good morning")
        assert "new since you left" in screen
        if how == "exit":  # she is in the other room no more, and goes there
            ada.send("/join Garden")
            ada.sees("ben: ada, the roses!")
            assert "new since you left" in ada.screen()
        else:
            counted(ada, "Garden +1 @")


def test_what_came_in_a_room_that_was_not_looked_at_is_unread_next_day_too(
    server: ServerProcess, tmp_path: Path
) -> None:
    """And nothing is that was seen."""
    where = f"127.0.0.1:{server.port}"
    ben_says(server, Garden="first", Kitchen="first")
    with Terminal(f"ada@{where}/Garden", tmp_path) as ada:
        ada.sees("Welcome to room Garden!")
        ada.send("/join Kitchen")
        ada.sees("Welcome to room Kitchen!")
        ben_says(server, Garden="ada, the roses!", Kitchen="good night")
        ada.sees("ben: good night")
        counted(ada, "Garden +1 @")
        ada.keys("C-q")
        assert ada.ended() == 0
    with Terminal(f"ada@{where}/Kitchen", tmp_path) as ada:
        ada.sees("● connected", "ben: good night")
        screen = counted(ada, "Garden +1 @")
        assert "new since you left" not in screen
        ada.keys("M-1")
        screen = ada.sees("ben: ada, the roses!")
        assert "new since you left" in screen
        ada.keys("C-q")
        assert ada.ended() == 0
    with Terminal(f"ada@{where}/Kitchen", tmp_path) as ada:
        screen = ada.sees("● connected", "ben: good night", "Garden")
        assert "1 @" not in screen


def counted(ada: Terminal, pattern: str) -> str:
    return ada.until(lambda screen: re.search(pattern, screen) is not None, f"no {pattern}")
