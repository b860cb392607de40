"""What it costs to give a message to everyone in the room."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.bars import at_least, at_most, at_most_times
from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Figure
from benchmarks.contestants import BARE, GATHERING, HUBBUB, NGIRCD, WEBSOCKET
from benchmarks.figures.alike import alike, on_bare, on_limit
from benchmarks.load.generator import Load


def _fanout(bench: Bench) -> Mapping[str, Attempt]:
    load = Load(clients=1000, rate=500, count=bench.of(5000, 1000))
    gathering: dict[str, Attempt] = {
        GATHERING: lambda: on_limit(bench, load, "tick=5"),
    }
    return {**alike(bench, load, websocket=True), **gathering}


FANOUT = Contest(
    "fanout",
    "1,000 members of one room, 500 messages/s",
    _fanout,
    figures=(
        Figure(
            "server CPU per delivery, 1,000 members × 500 messages/s",
            "µs",
            HUBBUB,
            "cpu_us",
            (at_most(1.8, "µs"), at_most_times(1.0, NGIRCD, "ngircd", "cpu_us")),
        ),
        Figure(
            "the same over WebSocket (JSON), as a multiple of the line protocol",
            "×",
            WEBSOCKET,
            "cpu_us",
            (at_most(1.3, "×"),),
            per=HUBBUB,
        ),
    ),
)


def _burst(bench: Bench) -> Mapping[str, Attempt]:
    return alike(bench, Load(clients=1000, count=bench.of(20_000, 5000)), websocket=True)


BURST = Contest(
    "burst",
    "1,000 members of one room, 20,000 messages as fast as they go",
    _burst,
    figures=(
        Figure(
            "the same, 20,000 messages as fast as they go",
            "µs",
            HUBBUB,
            "cpu_us",
            (at_most(0.3, "µs"),),
        ),
    ),
)


def _small_room(bench: Bench) -> Mapping[str, Attempt]:
    load = Load(clients=100, rate=50, count=bench.of(500, 100))
    return {**alike(bench, load, websocket=True), BARE: lambda: on_bare(bench, load)}


SMALL_ROOM = Contest(
    "small-room",
    "100 members of one room, 50 messages/s",
    _small_room,
    figures=(
        Figure(
            "the same, 100 members × 50 messages/s", "µs", HUBBUB, "cpu_us", (at_most(10, "µs"),)
        ),
    ),
)


def _many_rooms(bench: Bench) -> Mapping[str, Attempt]:
    people = bench.of(5000, 2000)
    count = people * bench.of(10, 2)
    load = Load(clients=people, rooms=people // 10, senders=people, rate=people, count=count)
    return alike(bench, load)


MANY_ROOMS = Contest(
    "many-rooms",
    "5,000 members in 500 rooms of 10, 5,000 messages/s in all",
    _many_rooms,
    figures=(
        Figure(
            "5,000 members in 500 rooms, 5,000 messages/s: 99 of 100 deliveries within",
            "ms",
            HUBBUB,
            "p99_ms",
            (at_most(100, "ms"),),
        ),
        Figure("the part of that rate that it holds", "", HUBBUB, "held", (at_least(0.98),)),
    ),
)
