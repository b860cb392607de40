"""Simulates how rooms fall on a database that is sharded by the room's id.

``python -m benchmarks.placement`` prints the table of docs/scaling.md. The rooms' shares of all
texts are Zipf's: that of the room in place *r* is proportional to 1 / *r* ** exponent. A room is in
the shard that a hash of its id tells, a shard on one of the workers, and a worker is full when the
busiest one is: so what counts is how many workers' worth all of them together carry.
"""

from __future__ import annotations

import hashlib
import heapq
import sys
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.tables import markdown

ROOMS = 100_000
WORKERS = (4, 16, 64)
EXPONENTS = (0.6, 0.8, 1.0, 1.2)
SHARDS_EACH = 16  # of a worker, so that shards can be moved between them
ALONE = 0.25  # of a worker's fair share: a room with more has a shard of its own
SEEDS = (1, 2, 3)


class Carried(NamedTuple):
    """How many workers' worth of texts all of them carry before the busiest one is full.

    ``by_hash``: shards stand on the workers in turn. ``moved``: they are spread by their loads.
    ``alone``: so they are, and large rooms have shards of their own. ``at_most``: by any placement,
    as a room is on one worker. ``largest``: the share of all texts that the largest room has.
    """

    by_hash: float
    moved: float
    alone: float
    at_most: float
    largest: float


def shares(rooms: int, exponent: float) -> list[float]:
    """What part of all texts is said in each room, the largest first."""
    weights = [place**-exponent for place in range(1, rooms + 1)]
    total = sum(weights)
    return [weight / total for weight in weights]


def shard_of(room: int, shards: int, seed: int) -> int:
    """In which shard a room is; ``seed``: of a server, whose rooms have ids of their own."""
    digest = hashlib.blake2b(b"%d %d" % (seed, room), digest_size=8).digest()
    return int.from_bytes(digest, "big") % shards


def in_turn(loads: Sequence[float], workers: int) -> list[float]:
    """The load of each worker, if shard 0 is on the first, shard 1 on the second …"""
    return [sum(loads[worker::workers]) for worker in range(workers)]


def spread(loads: Sequence[float], workers: int) -> list[float]:
    """The same, if each shard goes to the worker with the least load, the largest shard first.

    Source: R. L. Graham, Bounds on Multiprocessing Timing Anomalies (1969), "LPT".
    """
    heap = [0.0] * workers
    for load in sorted(loads, reverse=True):
        heapq.heapreplace(heap, heap[0] + load)
    return heap


def carried(loads: Sequence[float]) -> float:
    """How many workers' worth they carry, with these parts of the whole load."""
    return sum(loads) / max(loads)


def place(
    rooms: int, exponent: float, workers: int, *, seed: int, shards_each: int = SHARDS_EACH
) -> Carried:
    """Places so many rooms on so many workers."""
    parts = shares(rooms, exponent)
    shards = workers * shards_each
    all_in, small_in = [0.0] * shards, [0.0] * shards
    own = []
    for room, share in enumerate(parts):
        shard = shard_of(room, shards, seed)
        all_in[shard] += share
        if share > ALONE / workers:
            own.append(share)
        else:
            small_in[shard] += share
    return Carried(
        carried(in_turn(all_in, workers)),
        carried(spread(all_in, workers)),
        carried(spread([*small_in, *own], workers)),
        min(float(workers), 1 / parts[0]),
        parts[0],
    )


def table(rooms: int = ROOMS) -> str:
    """What is in docs/scaling.md: the worst of `SEEDS`."""
    head = (
        *("exponent", "the largest room's share", "workers"),
        *("by hash alone", "shards moved", "large rooms apart", "at most"),
    )
    rows = []
    for exponent in EXPONENTS:
        for workers in WORKERS:
            found = [place(rooms, exponent, workers, seed=seed) for seed in SEEDS]
            worst = [min(one[column] for one in found) for column in range(4)]
            cells = (f"{value:.1f}" for value in worst)
            rows.append((f"{exponent}", f"{found[0].largest:.2%}", f"{workers}", *cells))
    return markdown(head, rows)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
