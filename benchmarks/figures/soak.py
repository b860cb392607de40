"""Long mixed load: crowds come, talk over both protocols and go; the server is to stay as it is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from msgspec.structs import replace

from benchmarks import processes
from benchmarks.bars import at_most
from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Figure
from benchmarks.contestants import HUBBUB
from benchmarks.load.generator import Load, Outcome
from benchmarks.samples import Measures
from benchmarks.servers.listening import Server

PROTOCOLS = (("line", False), ("ws", True))


def _soak(bench: Bench) -> Mapping[str, Attempt]:
    rate, seconds, rounds = 200, bench.of(57, 4), bench.of(60, 8)
    load = Load(clients=200, rooms=20, senders=200, rate=rate, count=rate * seconds)

    def attempt() -> Measures:
        memory, p99 = [], []
        with bench.hubbub() as server:
            for number in range(rounds):
                p99.append(_round(bench, server, load, number))
                memory.append(resident(server.pid) / 2**20)
        bench.note(f"{HUBBUB}, MiB from sixth to sixth of the time: {course(memory)}")
        bench.note(f"{HUBBUB}, p99 in ms from sixth to sixth of the time: {course(p99)}")
        return {"growth": growth(memory), "drift": growth(p99), "mib": max(memory)}

    return {HUBBUB: attempt}


def _round(bench: Bench, server: Server, load: Load, number: int) -> float:
    """A new crowd on each protocol, in rooms of its own, at once; the worse p99 in ms."""
    with ExitStack() as stack:
        crowds = []
        for name, websocket in PROTOCOLS:
            asked = replace(load, names=f"{name}{number}-", room_names=f"#{name}")
            process = processes.start(
                bench.command(server, asked, websocket=websocket),
                bench.processors.load,
                folder=bench.folder,
                output=subprocess.PIPE,
                errors=subprocess.PIPE,
            )
            crowds.append(stack.enter_context(processes.running(process)))
        outcomes = [Outcome.read(processes.finished(crowd, load.seconds)) for crowd in crowds]
    return max(outcome.p99_us for outcome in outcomes) / 1000


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def course(values: Sequence[float]) -> str:
    """How ``values`` went: the median of each sixth of them."""
    sixth = max(1, len(values) // 6)
    return ", ".join(
        f"{median(values[start : start + sixth]):.1f}" for start in range(0, len(values), sixth)
    )


def growth(values: Sequence[float]) -> float:
    """The last quarter as a multiple of the second one, by their medians; the first warms up."""
    quarter = len(values) // 4
    return median(values[-quarter:]) / median(values[quarter : 2 * quarter])


SOAK = Contest(
    "soak",
    "an hour: 200 people on each protocol talk for a minute, then others come",
    _soak,
    figures=(
        Figure(
            "an hour of mixed load: memory at its end, as a multiple of that after 15 minutes",
            "×",
            HUBBUB,
            "growth",
            (at_most(1.05, "×"),),
        ),
        Figure("the same: p99 of latency", "×", HUBBUB, "drift", (at_most(1.25, "×"),)),
    ),
    repeat=1,
    on_request=True,
)
