"""The figures: how soon the client is there, how soon it answers a key, how much it needs."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from benchmarks.filling import fill
from benchmarks.machine import Processors
from benchmarks.servers.hubbub import hubbub
from benchmarks.terminal.screen import ROOT, Screen

LETTERS = [chr(code) for code in range(0x100, 0x180)]  # nobody else here writes them
BETWEEN_KEYS = (0.03, 0.09)  # seconds: a quick typist's
PER_LINE = 40  # letters, before the input is emptied
CTRL_U, CTRL_HOME, ESCAPE, PAGE_UP = b"\x15", b"\x1b[1;5H", b"\x1b", b"\x1b[5~"
OLDEST = "[2023-07-30 15:00:00]"  # what `fill` begins with
SETTLE_SECONDS = 2.0  # for a flood to come to its rate


class Figure(NamedTuple):
    """One row of the table."""

    what: str
    value: str


class Scale(NamedTuple):
    """How much to do."""

    starts: int
    keys: int
    rates: tuple[int, ...]
    lines: int
    screens: int


FULL = Scale(starts=5, keys=100, rates=(500, 2000), lines=1_000_000, screens=500)
QUICK = Scale(starts=1, keys=10, rates=(200,), lines=5000, screens=30)


def measure(scale: Scale, folder: Path) -> Iterator[Figure]:
    """All figures, one after another. ``folder`` is empty, on a real disk."""
    with _server(folder / "quiet") as port:
        yield from _starting(scale, folder / "home", port)
        yield from _typing(scale, folder / "home", port)
    asyncio.run(fill(folder / "long", scale.lines))
    with _server(folder / "long") as port:
        yield from _scrolling(scale, folder / "long-home", port)


@contextmanager
def _server(data: Path) -> Iterator[int]:
    with hubbub(Processors.choose().server, data) as server:
        yield server.port
    shutil.rmtree(data)


def _starting(scale: Scale, home: Path, port: int) -> Iterator[Figure]:
    home.mkdir()
    where = f"127.0.0.1:{port}"
    with Screen(home, [f"ada@{where}/General"]) as screen:  # makes the files
        screen.until("Welcome to room General!")
    first, inside = [], []
    for _ in range(scale.starts):
        with Screen(home, [where]) as screen:
            first.append(screen.until("What is your name?"))
        with Screen(home, [f"ada@{where}/General"]) as screen:
            inside.append(screen.until("Welcome to room General!"))
    yield Figure("`python client.py` to the first frame", _seconds(first))
    yield Figure("`python client.py ada@…/General` to being in the room", _seconds(inside))


def _typing(scale: Scale, home: Path, port: int) -> Iterator[Figure]:
    address = f"127.0.0.1:{port}"
    with Screen(home, [f"ada@{address}/General"]) as screen:
        screen.until("Welcome to room General!")
        echoes, share = _type(screen, scale.keys)
        yield Figure("key to its echo, quiet room", _milliseconds(echoes))
        for rate in scale.rates:
            with _flood(address, rate):
                screen.press(b"")
                screen.until("line 2")
                screen.watch(SETTLE_SECONDS)
                echoes, share = _type(screen, scale.keys)
            what = f"key to its echo at {rate:,} lines a second"
            yield Figure(what, f"{_milliseconds(echoes)}; {share:.0%} of a core")


def _type(screen: Screen, keys: int) -> tuple[list[float], float]:
    """The seconds from each key to its echo, and the client's share of a processor meanwhile."""
    pauses = random.Random(1)  # noqa: S311 - the same ones in each run
    echoes: list[float] = []
    before, passed = screen.processor_seconds(), 0.0
    for number in range(keys):
        if number % PER_LINE == 0:
            screen.press(CTRL_U)
            screen.watch(0.2)
            passed += 0.2
        letter = LETTERS[number % len(LETTERS)]
        screen.press(letter.encode())
        echoes.append(screen.until(letter))
        pause = pauses.uniform(*BETWEEN_KEYS)
        screen.watch(pause)
        passed += echoes[-1] + pause
    return echoes, (screen.processor_seconds() - before) / passed


@contextmanager
def _flood(address: str, rate: int) -> Iterator[None]:
    command = (sys.executable, "-m", "benchmarks.terminal.flood", address, str(rate))
    environment = {"PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as flood:  # noqa: S603 - ours
        try:
            yield
        finally:
            flood.kill()


def _scrolling(scale: Scale, home: Path, port: int) -> Iterator[Figure]:
    home.mkdir()
    with Screen(home, [f"ada@127.0.0.1:{port}/General"]) as screen:
        screen.until("Welcome to room General!")
        screen.watch(0.5)
        begun = screen.memory()
        homes = []
        for _ in range(5):
            screen.press(CTRL_HOME)
            homes.append(screen.until(OLDEST))
            screen.press(ESCAPE)
            screen.watch(0.5)
        yield Figure(f"`Home` in a room with {scale.lines:,} lines", _milliseconds(homes))
        for _ in range(scale.screens):
            screen.press(PAGE_UP)
            screen.watch(0.01)
        screen.watch(1.0)
        megabytes = f"{begun / 1e6:.0f} MB; {screen.memory() / 1e6:.0f} MB after scrolling back "
        megabytes += f"{scale.screens:,} screens"
        yield Figure(f"memory, in a room with {scale.lines:,} lines", megabytes)


def _seconds(taken: list[float]) -> str:
    return f"{median(taken):.2f} s ({max(taken):.2f} at worst)"


def _milliseconds(taken: list[float]) -> str:
    last = quantiles(taken, n=20)[-1] if len(taken) >= 20 else max(taken)
    parts = [f"{median(taken) * 1000:.0f} ms", f"{last * 1000:.0f} ms (95 %)"]
    return ", ".join(parts) + f", {max(taken) * 1000:.0f} ms at worst"
