"""How soon a message is there when there is little to do."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.bars import Bar, at_most_times
from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Figure
from benchmarks.contestants import BARE, BARE_PROCESS, DISK, HUBBUB, LIMIT, PROCESS
from benchmarks.figures.alike import alike, on_bare, on_hubbub
from benchmarks.figures.disk import on_disk
from benchmarks.load.generator import Load
from benchmarks.samples import Medians

FACTOR = 1.5


def _latency(bench: Bench) -> Mapping[str, Attempt]:
    load = Load(clients=100, rate=20, count=bench.of(160, 60))
    return {
        PROCESS: lambda: on_hubbub(bench, load, "--durability", "process"),
        **alike(bench, load, websocket=True),
        BARE_PROCESS: lambda: on_bare(bench, load, "process"),
        BARE: lambda: on_bare(bench, load),
        DISK: lambda: on_disk(bench),
    }


def _and_one_sync(found: Medians) -> float:
    return FACTOR * found[LIMIT]["p50_ms"] + found[DISK]["p50_ms"]


LATENCY = Contest(
    "latency",
    "a quiet room: 100 members, 20 messages/s",
    _latency,
    figures=(
        Figure(
            "half of the deliveries in a quiet room of 100 within: durability process",
            "ms",
            PROCESS,
            "p50_ms",
            (at_most_times(FACTOR, LIMIT, "bare C", "p50_ms"),),
        ),
        Figure(
            "the same: durability full",
            "ms",
            HUBBUB,
            "p50_ms",
            (Bar(f"≤ {FACTOR} × bare C + one fdatasync", _and_one_sync),),
        ),
    ),
)
