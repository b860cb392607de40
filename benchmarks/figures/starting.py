"""How soon the server listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks import processes
from benchmarks.bars import at_most
from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Figure
from benchmarks.contestants import HUBBUB
from benchmarks.filling import fill_rooms
from benchmarks.samples import Measures

EVENTS = 1_000_000
ROOMS = 1000
MEMBERS = 10  # of each room


def time_start(bench: Bench, folder: Path) -> float:
    """Seconds from the command until it listens. Stops the server again, so that all is saved."""
    began = time.perf_counter()
    with bench.hubbub_on(folder, settled=False) as server:
        took = time.perf_counter() - began
        processes.stop(server.process)
    return took


def _start(bench: Bench) -> Mapping[str, Attempt]:
    many = bench.folder / "many-rooms"

    def attempt() -> Measures:
        if not many.exists():
            asyncio.run(fill_rooms(many, ROOMS, bench.of(EVENTS, 10_000), MEMBERS))
        with bench.data() as folder:
            return {"start_s": _warm(bench, folder), "many_s": _warm(bench, many)}

    return {HUBBUB: attempt}


def _warm(bench: Bench, folder: Path) -> float:
    """The median of some starts, after one that makes what is not there yet."""
    time_start(bench, folder)
    return median(time_start(bench, folder) for _ in range(5))


START = Contest(
    "start",
    "hubbub serve, with a database that is there",
    _start,
    figures=(
        Figure("warm start until it listens", "s", HUBBUB, "start_s", (at_most(0.7, "s"),)),
        Figure(
            "the same with a million events in 1,000 rooms of 10 members",
            "s",
            HUBBUB,
            "many_s",
            (at_most(0.7, "s"),),
        ),
    ),
)
