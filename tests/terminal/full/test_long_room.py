"""A room with a long history costs the client no more than a short one."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from benchmarks.filling import fill
from benchmarks.terminal.figures import CTRL_HOME, ESCAPE, OLDEST, PAGE_UP
from benchmarks.terminal.screen import Screen
from tests.conftest import LONG
from tests.process import ServerProcess

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")

LINES = 1_000_000 if LONG else 20_000
SCREENS = 1500 if LONG else 150  # some 30 lines each: many times what is kept in memory
HOME_SECONDS = 1.0  # of the processor; 20 ms on a quiet machine
MEMORY = 120e6  # bytes; some 50 MB on Python 3.11
GROWTH = 40e6


def test_the_first_line_is_there_at_once_and_memory_stays_bounded(tmp_path: Path) -> None:
    asyncio.run(fill(tmp_path / "data", LINES))
    home = tmp_path / "home"
    home.mkdir()
    with (
        ServerProcess(tmp_path / "data") as server,
        Screen(home, [f"ada@127.0.0.1:{server.port}/General"]) as screen,
    ):
        screen.until("Welcome to room General!")
        before = screen.memory()
        used = screen.processor_seconds()
        screen.press(CTRL_HOME)
        screen.until(OLDEST)
        assert screen.processor_seconds() - used < HOME_SECONDS
        screen.press(ESCAPE)
        screen.until("has joined the chat!")
        for _ in range(SCREENS):
            screen.press(PAGE_UP)
            screen.watch(0.01)
        after = screen.memory()
        assert after < MEMORY
        assert after - before < GROWTH
