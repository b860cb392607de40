"""What IRC costs beside our line protocol and ngircd, in turns in one sitting.

``python -m benchmarks.irc`` prints the table of docs/performance.md. The generator speaks IRC as
simple clients do, without capabilities, to ngircd and to Hubbub alike.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from msgspec.structs import replace

from benchmarks.bench import Bench
from benchmarks.load.generator import Load, Outcome
from benchmarks.load.tools import tools
from benchmarks.machine import Processors, raise_open_files
from benchmarks.servers import ngircd as peer
from benchmarks.servers.listening import Server
from benchmarks.tables import markdown

CACHE = Path(__file__).parent / ".cache"
FIRST = Load(clients=5, senders=0, names="first")
SETTLE_SECONDS = 2.0  # for what loads behind a server's start, and behind its first client
NGIRCD_BATCH = 20  # its queue of new connections is short


class Measure(NamedTuple):
    """``quick``: the same with few clients, to see that all works."""

    load: Load
    quick: Load
    of: Callable[[Outcome], float]


@contextmanager
def line(bench: Bench) -> Iterator[Server]:
    """Hubbub, by lines."""
    with bench.hubbub() as server:
        yield server


@contextmanager
def irc(bench: Bench) -> Iterator[Server]:
    """Hubbub, by IRC."""
    with bench.hubbub() as server:
        yield server._replace(protocol="irc")


@contextmanager
def ngircd(bench: Bench) -> Iterator[Server]:
    """Debian's ngircd."""
    with bench.ngircd() as server:
        yield server


IRC = "Hubbub, IRC"
Contestant = Callable[[Bench], AbstractContextManager[Server]]
WHO: dict[str, Contestant] = {
    "Hubbub, lines": line,
    IRC: irc,
    "ngircd": ngircd,
}

MEASURES = {
    "µs of processor a delivery, 1,000 members × 500/s": Measure(
        Load(clients=1000, rate=500, count=5000),
        Load(clients=5, senders=2, rate=100, count=20),
        lambda found: found.cpu_us_per_delivery,
    ),
    "bytes an idle connection": Measure(
        Load(clients=2000, senders=0, hold=2),
        Load(clients=5, senders=0),
        lambda found: found.bytes_per_conn,
    ),
    "joins/s, 1,000 into one room, with NAMES": Measure(
        Load(clients=1000, senders=0),
        Load(clients=5, senders=0),
        lambda found: found.connect_per_s,
    ),
}


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="few clients: whether all works")
    options = parser.parse_args()
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        bench = Bench(
            tools(CACHE),
            Processors.choose(),
            Path(folder),
            ngircd=peer.find(),
            connections=raise_open_files(),
            quick=options.quick,
        )
        sys.stdout.write(table(bench, options.turns) + "\n")


def table(bench: Bench, turns: int) -> str:
    """All that is measured, in Markdown. Without ngircd, what is known of the others."""
    who = {name: one for name, one in WHO.items() if one is not ngircd or bench.ngircd_program}
    rows = [_row(bench, what, turns, who) for what in MEASURES]
    heading = ("", *who, *(f"{IRC} : {name}" for name in who if name != IRC))
    return markdown(heading, rows)


def _row(
    bench: Bench, what: str, turns: int, contestants: Mapping[str, Contestant]
) -> tuple[str, ...]:
    measure = MEASURES[what]
    load = bench.of(measure.load, measure.quick)
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(turns):
        for name, who in contestants.items():
            with who(bench) as server:
                _settle(bench, server)
                taken = replace(load, batch=NGIRCD_BATCH) if who is ngircd else load
                found[name].append(measure.of(bench.load(server, taken)))
    middle = {name: median(values) for name, values in found.items()}
    spread = [
        f"{median(values):,.4g} ({min(values):,.4g}–{max(values):,.4g})"
        for values in found.values()
    ]
    others = (value for name, value in middle.items() if name != IRC)
    return (what, *spread, *(_times(middle[IRC], value) for value in others))


def _settle(bench: Bench, server: Server) -> None:
    """Lets a few come and go: what a server loads for the first one is none of the others' cost."""
    bench.load(server, FIRST)
    time.sleep(bench.of(SETTLE_SECONDS, 0.0))


def _times(value: float, other: float) -> str:
    return f"{value / other:.2f} ×" if other else "–"


if __name__ == "__main__":
    main()
