"""Whether a long history costs anything: joins and starts over its length."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from secrets import token_hex
from statistics import median

from benchmarks.bars import at_most
from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Figure, Plot
from benchmarks.contestants import HUBBUB, STARTING, WEBSOCKET
from benchmarks.figures.starting import time_start
from benchmarks.filling import ROOM, fill
from benchmarks.load.person import join_by_line, join_by_websocket
from benchmarks.samples import Measures

MILLION = 1_000_000
JOINS = 15  # of each repeat
PAUSE_SECONDS = 0.03  # after someone has left: the room is empty, and what it had in memory gone


def _history(bench: Bench) -> Mapping[str, Attempt]:
    lengths = bench.of((1000, 10_000, 100_000, MILLION), (1000, 100_000))
    folders = {length: bench.folder / f"history-{length}" for length in lengths}

    def over_length(measure: Callable[[Path], float]) -> Attempt:
        def attempt() -> Measures:
            found = {}
            for length, folder in folders.items():
                if not folder.exists():
                    asyncio.run(fill(folder, length))
                found[str(length)] = measure(folder)
            return found

        return attempt

    return {
        HUBBUB: over_length(lambda folder: _joining(bench, folder, join_by_line)),
        WEBSOCKET: over_length(lambda folder: _joining(bench, folder, join_by_websocket)),
        STARTING: over_length(lambda folder: time_start(bench, folder) * 1000),
    }


def _joining(bench: Bench, folder: Path, join: Callable[[int, str, str], float]) -> float:
    """The median in milliseconds, of people who come into an empty room one after another."""
    taken = []
    with bench.hubbub_on(folder) as server:
        for _ in range(JOINS + 1):
            time.sleep(PAUSE_SECONDS)
            taken.append(join(server.port, f"ada-{token_hex(4)}", ROOM))
    return median(taken[1:])  # before the first one the server had opened no file for reading


HISTORY = Contest(
    "history",
    "joining an empty room, and starting, over the length of the room's history",
    _history,
    figures=(
        Figure(
            "join of a room of a million events (the last 100): line",
            "ms",
            HUBBUB,
            str(MILLION),
            (at_most(10, "ms"),),
        ),
        Figure("the same: WebSocket", "ms", WEBSOCKET, str(MILLION), (at_most(10, "ms"),)),
    ),
    plot=Plot("A join and a start over the length of the history", "events in the room", "ms"),
)
