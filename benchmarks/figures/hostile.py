"""What somebody who chats notices while one client attacks: each attack of tests/faults in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from benchmarks.bars import at_most
from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Figure
from benchmarks.contestants import HUBBUB
from benchmarks.samples import Measures
from tests.faults.attacks import ATTACKS
from tests.faults.one_against_all import attacked, victim


def _hostile(bench: Bench) -> Mapping[str, Attempt]:
    seconds = bench.of(10.0, 1.0)

    def attempt() -> Measures:
        with bench.data() as folder, victim(folder.parent) as server:
            figures = [asyncio.run(attacked(server, name, seconds)) for name in ATTACKS]
        for one in figures:
            bench.note(str(one))
        return {
            "p99_ms": max(one.p99 for one in figures) * 1000,
            "worst_ms": max(one.worst for one in figures) * 1000,
            "step_ms": max(one.worst_step for one in figures) * 1000,
            "grown_mib": max(one.grown for one in figures) / 2**20,
        }

    return {HUBBUB: attempt}


HOSTILE = Contest(
    "hostile",
    "one hostile client against all: processor time of the loop until a bystander's text is shown",
    _hostile,
    figures=(
        Figure("under the worst attack, p99", "ms", HUBBUB, "p99_ms", (at_most(25, "ms"),)),
        Figure("under the worst attack, at most", "ms", HUBBUB, "worst_ms", (at_most(100, "ms"),)),
        Figure("the longest step of the loop", "ms", HUBBUB, "step_ms", (at_most(50, "ms"),)),
        Figure("memory after an attack", "MiB", HUBBUB, "grown_mib", (at_most(64, "MiB"),)),
    ),
    repeat=1,
    on_request=True,
)
