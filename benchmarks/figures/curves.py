"""How the cost of a delivery changes: with members, with messages, with rooms, with the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Plot
from benchmarks.contestants import NGIRCD
from benchmarks.figures.alike import alike
from benchmarks.load.generator import Load
from benchmarks.samples import Measures

NGIRCD_MEMBERS = 1000  # more of them take minutes to join
NGIRCD_BYTES = 400  # of text: a line of IRC has 512

Point = Callable[[Bench, int], Load]
"""The load at one place of the curve."""


def _seconds(bench: Bench) -> int:
    return bench.of(3, 1)


def _curve(bench: Bench, places: Sequence[int], point: Point) -> Mapping[str, Attempt]:
    """One attempt for each contestant, along the whole curve."""
    contestants = alike(bench, point(bench, places[0]), websocket=True)

    def along(name: str) -> Attempt:
        def attempt() -> Measures:
            found, others = {}, [0.0]
            for place in places:
                load = point(bench, place)
                if name != NGIRCD or _fits_ngircd(load):
                    measures = alike(bench, load, websocket=True)[name]()
                    found[str(place)] = measures["cpu_us"]
                    others.append(measures["others"])
            return {**found, "others": max(others)}

        return attempt

    return {name: along(name) for name in contestants}


def _fits_ngircd(load: Load) -> bool:
    return load.clients <= NGIRCD_MEMBERS and load.payload <= NGIRCD_BYTES


def _members(bench: Bench) -> Mapping[str, Attempt]:
    places = bench.of((10, 30, 100, 300, 1000, 3000), (10, 1000))
    return _curve(bench, places, _room_of)


def _room_of(bench: Bench, members: int) -> Load:
    return Load(clients=members, rate=50, count=50 * _seconds(bench))


MEMBERS = Contest(
    "members",
    "the cost of a delivery over the members of a room, 50 messages/s",
    _members,
    plot=Plot(
        "CPU per delivery over the members of a room (50 messages/s)",
        "members",
        "µs per delivery",
    ),
    repeat=2,
)


def _rate(bench: Bench) -> Mapping[str, Attempt]:
    return _curve(bench, bench.of((20, 50, 100, 200, 500, 1000), (50, 500)), _that_often)


def _that_often(bench: Bench, rate: int) -> Load:
    return Load(clients=300, rate=rate, count=rate * _seconds(bench))


RATE = Contest(
    "rate",
    "the cost of a delivery over the messages/s in a room of 300 members",
    _rate,
    plot=Plot(
        "CPU per delivery over the messages/s in a room of 300 members",
        "messages/s",
        "µs per delivery",
    ),
    repeat=1,
)


def _rooms(bench: Bench) -> Mapping[str, Attempt]:
    return _curve(bench, bench.of((1, 3, 10, 30, 100), (1, 100)), _that_many_rooms)


def _that_many_rooms(bench: Bench, rooms: int) -> Load:
    return Load(clients=1000, rooms=rooms, senders=100, rate=500, count=500 * _seconds(bench))


ROOMS = Contest(
    "rooms",
    "the cost of a delivery when 1,000 members and 500 messages/s are spread over rooms",
    _rooms,
    plot=Plot(
        "CPU per delivery, 1,000 members and 500 messages/s spread over rooms",
        "rooms",
        "µs per delivery",
    ),
    repeat=1,
)


def _length(bench: Bench) -> Mapping[str, Attempt]:
    return _curve(bench, bench.of((32, 100, 300, 1000, 3000), (100, 3000)), _texts_of)


def _texts_of(bench: Bench, payload: int) -> Load:
    return Load(clients=300, rate=100, count=100 * _seconds(bench), payload=payload)


LENGTH = Contest(
    "length",
    "the cost of a delivery over the length of the text, 300 members, 100 messages/s",
    _length,
    plot=Plot(
        "CPU per delivery over the length of the text (300 members, 100/s)",
        "bytes of text",
        "µs per delivery",
    ),
    repeat=1,
)
