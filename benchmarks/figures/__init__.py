"""All contests, in the order in which they run and are shown."""

from __future__ import annotations

from benchmarks.contest import Contest
from benchmarks.figures.crowds import JOINS, MEMORY
from benchmarks.figures.curves import LENGTH, MEMBERS, RATE, ROOMS
from benchmarks.figures.delivery import BURST, FANOUT, MANY_ROOMS, SMALL_ROOM
from benchmarks.figures.durability import DURABLE
from benchmarks.figures.history import HISTORY
from benchmarks.figures.hostile import HOSTILE
from benchmarks.figures.latency import LATENCY
from benchmarks.figures.search import SEARCH
from benchmarks.figures.soak import SOAK
from benchmarks.figures.starting import START

CONTESTS: tuple[Contest, ...] = (
    *(
        FANOUT,
        BURST,
        SMALL_ROOM,
        MANY_ROOMS,
        MEMORY,
        JOINS,
        DURABLE,
        LATENCY,
        START,
        HISTORY,
        SEARCH,
    ),
    *(MEMBERS, RATE, ROOMS, LENGTH),
    HOSTILE,
    SOAK,
)
