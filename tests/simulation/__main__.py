"""Simulated lives by number: `python -m tests.simulation --runs 1000`, `--seed 42` replays one."""

from __future__ import annotations

import argparse
import sys
import time
import traceback

import pytest

from tests.simulation import cluster
from tests.simulation.world import World, small_limits

LAST_NOTES = 60


def main() -> int:
    """Runs lives until one breaks; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="how many seeds, one after another")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seconds", type=float, help="no new one after so long")
    parser.add_argument("--seed", type=int, help="this one only, with all that happens in it")
    parser.add_argument("--hubs", type=int, default=0, help="so many servers on one log")
    parser.add_argument("--keep-going", action="store_true", help="do not stop at the first")
    options = parser.parse_args()
    alone = options.seed is not None
    first, runs = (options.seed, 1) if alone else (options.first, options.runs)
    began = time.perf_counter()
    broken: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        (cluster.small_limits if options.hubs else small_limits)(patch)
        for seed in range(first, first + runs):
            if not (
                survives_as_several(seed, options.hubs) if options.hubs else survives(seed, alone)
            ):
                broken.append(seed)
                if not options.keep_going:
                    break
            seconds = time.perf_counter() - began
            if options.seconds is not None and seconds >= options.seconds:
                break
    lives = seed - first + 1
    print(f"{lives} lives, {lives / (time.perf_counter() - began):.0f} a second.")
    for seed in broken:
        which = f"--hubs {options.hubs} " if options.hubs else ""
        print(f"Seed {seed} broke. Replay it: python -m tests.simulation {which}--seed {seed}")
    return 1 if broken else 0


def survives(seed: int, alone: bool) -> bool:
    """Whether the life of that seed keeps every promise; prints how it ended if it does not."""
    world = World(seed)
    error: Exception | None = None
    try:
        world.live()
    except Exception as broken:  # noqa: BLE001 - whatever it is, it is what we look for
        error = broken
    if alone or error:
        for when, *words in world.trace if alone else world.trace[-LAST_NOTES:]:
            print(f"{when:10.3f}", *words)
    if error:
        traceback.print_exception(error)
    return error is None


def survives_as_several(seed: int, hubs: int) -> bool:
    """The same for the life of several servers on one log: see `tests.simulation.cluster`."""
    try:
        cluster.live(seed, hubs)
    except Exception as broken:  # noqa: BLE001 - as above
        print(f"Seed {seed}:", file=sys.stderr)
        traceback.print_exception(broken)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
