"""How soon the server listens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks import processes
from benchmarks.bars import at_most
from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Figure
from benchmarks.contestants import HUBBUB
from benchmarks.samples import Measures


def time_start(bench: Bench, folder: Path) -> float:
    """Seconds from the command until it listens. Stops the server again, so that all is saved."""
    began = time.perf_counter()
    with bench.hubbub_on(folder, settled=False) as server:
        took = time.perf_counter() - began
        processes.stop(server.process)
    return took


def _start(bench: Bench) -> Mapping[str, Attempt]:
    def attempt() -> Measures:
        with bench.data() as folder:
            time_start(bench, folder)  # makes the database: later starts are warm
            return {"start_s": median(time_start(bench, folder) for _ in range(5))}

    return {HUBBUB: attempt}


START = Contest(
    "start",
    "hubbub serve, with a database that is there",
    _start,
    figures=(Figure("warm start until it listens", "s", HUBBUB, "start_s", (at_most(0.7, "s"),)),),
)
