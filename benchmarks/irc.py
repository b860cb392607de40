"""What IRC costs beside our line protocol and ngircd, in turns in one sitting.

``python -m benchmarks.irc`` prints the table of docs/performance.md. The generator speaks IRC as
simple clients do, without capabilities, to ngircd and to Hubbub alike.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.load.generator import Load, Outcome
from benchmarks.load.tools import tools
from benchmarks.machine import Processors, raise_open_files
from benchmarks.servers import ngircd as peer
from benchmarks.servers.listening import Server
from benchmarks.tables import markdown

CACHE = Path(__file__).parent / ".cache"
FANOUT = Load(clients=1000, rate=500, count=5000)
IDLE = Load(clients=2000, senders=0, hold=2)
JOINS = Load(clients=1000, senders=0)
NGIRCD_BATCH = 20  # its queue of new connections is short


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


WHO: dict[str, Callable[[Bench], AbstractContextManager[Server]]] = {
    "Hubbub, lines": line,
    "Hubbub, IRC": irc,
    "ngircd": ngircd,
}

MEASURES: dict[str, tuple[Load, Callable[[Outcome], float]]] = {
    "µs of processor a delivery, 1,000 members × 500/s": (
        FANOUT,
        lambda found: found.cpu_us_per_delivery,
    ),
    "bytes an idle connection": (IDLE, lambda found: found.bytes_per_conn),
    "joins/s, 1,000 into one room, with NAMES": (JOINS, lambda found: found.connect_per_s),
}


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    turns = parser.parse_args().turns
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        bench = Bench(
            tools(CACHE),
            Processors.choose(),
            Path(folder),
            ngircd=peer.find(),
            connections=raise_open_files(),
            quick=False,
        )
        rows = [_row(bench, what, turns) for what in MEASURES]
    sys.stdout.write(markdown(["", *WHO, "IRC : lines", "IRC : ngircd"], rows) + "\n")


def _row(bench: Bench, what: str, turns: int) -> list[str]:
    load, measure = MEASURES[what]
    found: dict[str, list[float]] = {name: [] for name in WHO}
    for _ in range(turns):
        for name, who in WHO.items():
            with who(bench) as server:
                batch = NGIRCD_BATCH if who is ngircd else load.batch
                taken = Load(
                    clients=load.clients,
                    senders=load.senders,
                    rate=load.rate,
                    count=load.count,
                    hold=load.hold,
                    batch=batch,
                )
                found[name].append(measure(bench.load(server, taken)))
    middle = [median(values) for values in found.values()]
    spread = [
        f"{median(values):,.4g} ({min(values):,.4g}–{max(values):,.4g})"
        for values in found.values()
    ]
    return [what, *spread, f"{middle[1] / middle[0]:.2f} ×", f"{middle[1] / middle[2]:.2f} ×"]


if __name__ == "__main__":
    main()
