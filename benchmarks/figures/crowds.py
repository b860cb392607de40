"""Many people: what each connection takes in memory, and how fast they come in."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks import processes
from benchmarks.bars import at_least, at_most
from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Figure
from benchmarks.contestants import HUBBUB, WEBSOCKET
from benchmarks.errors import Failed
from benchmarks.figures.alike import alike
from benchmarks.load.generator import Load
from benchmarks.samples import Measures

IDLE_ROOM = 100  # members; in larger ones the joins that everyone is told of take long
IDLE_SECONDS = 2.0
KIB = 1024


def _memory(bench: Bench) -> Mapping[str, Attempt]:
    wanted = bench.of(10_000, 2000)
    clients = min(wanted, bench.connections) // IDLE_ROOM * IDLE_ROOM
    if clients < wanted:
        bench.note(
            f"Only {clients:,} connections: a process here may have no more open files "
            "(ulimit -Hn says how many)."
        )
    load = Load(clients=clients, rooms=clients // IDLE_ROOM, senders=0, hold=IDLE_SECONDS)
    return {name: _in_kib(attempt) for name, attempt in alike(bench, load, websocket=True).items()}


def _in_kib(attempt: Attempt) -> Attempt:
    def measure() -> Measures:
        found = attempt()
        return {"kib": found["bytes_per_connection"] / KIB, "joins_per_s": found["joins_per_s"]}

    return measure


MEMORY = Contest(
    "memory",
    "10,000 idle connections in rooms of 100",
    _memory,
    figures=(
        Figure(
            "resident KiB per idle connection, 10,000 of them: line",
            "KiB",
            HUBBUB,
            "kib",
            (at_most(3, "KiB"),),
        ),
        Figure("the same: WebSocket", "KiB", WEBSOCKET, "kib", (at_most(12, "KiB"),)),
    ),
    repeat=2,
)


def _joins(bench: Bench) -> Mapping[str, Attempt]:
    load = Load(clients=bench.of(1000, 300), senders=0)

    def attempt(*, websocket: bool) -> Measures:
        with bench.data() as folder:
            with bench.hubbub_on(folder) as server:
                outcome = bench.load(server, load, websocket=websocket)
                processes.stop(server.process)
            names = joined(folder / "hubbub.db")
            if len(names) != load.clients:
                raise Failed(f"{len(names):,} of {load.clients:,} joins are in the log")
            if not websocket:  # wsload has counted itself who was told of what
                check_told(outcome.connect_bytes, names)
        return {"joins_per_s": outcome.connect_per_s}

    return {
        **alike(bench, load),
        HUBBUB: lambda: attempt(websocket=False),
        WEBSOCKET: lambda: attempt(websocket=True),
    }


def joined(database: Path) -> list[str]:
    """Who joined by the log, in order; raises `Failed` if a number is missing."""
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(
            "SELECT seq, by FROM events WHERE kind = 'joined' ORDER BY seq"
        ).fetchall()
    if [seq for seq, _ in found] != list(range(1, len(found) + 1)):
        raise Failed("the joins in the log are not numbered 1, 2, 3 …")
    return [name for _, name in found]


HISTORY_ON_JOIN = 100  # the server's default: so much of the past is shown to who joins
_STAMP = "[2023-07-30 15:00:00] "
_GREETING = "Available rooms:\n  General (0 users)\nWelcome to room lab0!\n"
_ROOM_LINE = "  lab0 (1000 users)\n"  # at most; who comes first does not see it


def check_told(bytes_told: int, names: Sequence[str]) -> None:
    """Raises `Failed` unless the clients got the bytes of all joins that they are to see.

    ``names`` are those of all clients, as they joined. Each is to see up to 100 joins before its
    own, its own, and all after it. What the list of rooms may add is less than one line each.
    """
    count = len(names)
    joins = sum(
        len(f"{_STAMP}{name} has joined the chat!\n") * min(count, place + HISTORY_ON_JOIN)
        for place, name in enumerate(names, 1)
    )
    least = joins + count * len(_GREETING)
    most = least + count * len(_ROOM_LINE)
    if not least <= bytes_told <= most:
        raise Failed(f"clients were told {bytes_told:,} bytes of joins, not {least:,} to {most:,}")


JOINS = Contest(
    "joins",
    "1,000 members entering one room, all logged and told",
    _joins,
    figures=(
        Figure(
            "1,000 members entering one room, all logged and told",
            "joins/s",
            HUBBUB,
            "joins_per_s",
            (at_least(2000, "joins/s"),),
        ),
    ),
    repeat=5,
)
