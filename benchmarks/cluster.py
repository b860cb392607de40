"""Measures what several nodes cost: `python -m benchmarks.cluster [NAME ...]`.

One node on SQLite, and 1, 2 and 3 nodes on PostgreSQL and NATS, take turns under the same load,
each newly started on a new database. The members of each room are spread over the nodes. What is
told is processor time, of the nodes together, and of PostgreSQL and NATS apart: so it does not
matter that all of them share two processors.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout

from benchmarks import processes
from benchmarks.errors import Failed
from benchmarks.load.generator import Load, Outcome
from benchmarks.load.tools import Tools, tools
from benchmarks.machine import Processors, raise_open_files
from benchmarks.samples import Measures, Sample, spread
from benchmarks.servers.hubbub import hubbub, settle
from benchmarks.servers.nodes import Nodes, Shared
from benchmarks.tables import markdown

CACHE = Path(__file__).parent / ".cache"

SQLITE = "SQLite"
WAYS = (SQLITE, "1 node", "2 nodes", "3 nodes")
TURNS = 3

LOCK_LOOK_SECONDS = 0.02  # between two looks at who waits for a lock
FILL = (
    b"INSERT INTO rooms (key, name, head)"
    b" SELECT 'filled-' || n, 'Filled-' || n, 1 FROM generate_series(1, %s) AS n",
    b'INSERT INTO events (room_id, seq, at, kind, "by", text)'
    b" SELECT id, 1, 1700000000000, 'said', 'ada', 'hello' FROM rooms"
    b" WHERE key LIKE 'filled-%%' ORDER BY id LIMIT %s",
)
FOUND_SECONDS = 12  # until a server has found rooms that others have made
IDLE_SECONDS = 25

COMMITS = 200
COMMIT_PAUSE_SECONDS = 0.05  # as in a quiet room


@dataclass(frozen=True)
class Sitting:
    """What each measurement needs. ``quick``: small and short, to see that all works."""

    tools: Tools
    processors: Processors
    folder: Path
    shared: Shared
    quick: bool = False

    @contextmanager
    def serving(self, way: str) -> Iterator[tuple[Nodes, str]]:
        """Servers without any history, and the name of their database."""
        if way == SQLITE:
            place = self.folder / "sqlite"
            place.mkdir()
            try:
                with hubbub(self.processors.server, place / "data") as server:
                    settle(server)
                    yield Nodes([server.port], [server.pid]), ""
            finally:
                shutil.rmtree(place)
            return
        with (
            self.shared.database() as name,
            self.shared.nodes(int(way.partition(" ")[0]), name) as nodes,
        ):
            yield nodes, name

    def put(self, load: Load, nodes: Nodes) -> Outcome:
        """Puts ``load`` on ``nodes``; raises `Failed` when it was not served as it should."""
        beside = [*nodes.postgres, *nodes.nats]
        output = processes.output_of(
            [
                *(self.tools.chatload, "--proto", "line"),
                *load.spread(nodes.ports, nodes.pids, beside),
            ],
            self.processors.load,
            folder=self.folder,
            seconds=load.seconds,
        )
        return Outcome.read(output)

    def of(self, full: int, quick: int) -> int:
        """How much to do."""
        return quick if self.quick else full


def _told(outcome: Outcome, nodes: Nodes) -> Measures:
    """In microseconds of processor time."""
    database = sum(outcome.beside_cpu_s[: len(nodes.postgres)])
    bus = sum(outcome.beside_cpu_s[len(nodes.postgres) :])
    if not outcome.sent:
        return {
            "µs a guest": outcome.connect_cpu_us_each,
            "PostgreSQL": database / outcome.clients * 1e6,
            "NATS": bus / outcome.clients * 1e6,
            "guests/s": outcome.connect_per_s,
        }
    return {
        "µs a delivery": outcome.cpu_us_per_delivery,
        "µs a text": outcome.server_cpu_s / outcome.sent * 1e6,
        "PostgreSQL": database / outcome.sent * 1e6,
        "NATS": bus / outcome.sent * 1e6,
        "texts/s": outcome.sent / outcome.wall_s,
        "p50 ms": outcome.p50_us / 1000,
        "p99 ms": outcome.p99_us / 1000,
    }


def _under(load: Load, sitting: Sitting, way: str) -> Measures:
    with sitting.serving(way) as (nodes, _):
        return _told(sitting.put(load, nodes), nodes)


def fanout(sitting: Sitting, way: str) -> Measures:
    """1,000 members of one room, 500 texts/s."""
    return _under(Load(clients=1000, rate=500, count=sitting.of(4000, 200)), sitting, way)


def rooms(sitting: Sitting, way: str) -> Measures:
    """1,000 members in 100 rooms of 10, 500 texts/s in all."""
    count = sitting.of(4000, 200)
    load = Load(clients=1000, rooms=100, senders=1000, rate=500, count=count)
    return _under(load, sitting, way)


def durable(sitting: Sitting, way: str) -> Measures:
    """100 senders in rooms of two, as fast as they go."""
    count = sitting.of(100_000, 2000)
    return _under(Load(clients=200, rooms=100, senders=100, count=count), sitting, way)


def quiet(sitting: Sitting, way: str) -> Measures:
    """100 members, 20 texts/s; beside it, how long PostgreSQL takes for a commit."""
    load = Load(clients=100, rate=20, count=sitting.of(160, 20))
    with sitting.serving(way) as (nodes, database):
        found = _told(sitting.put(load, nodes), nodes)
        if not database:
            return found
        commits = {what: taken * 1000 for what, taken in _commits(sitting, database).items()}
        return {**found, **commits}


def hot(sitting: Sitting, way: str) -> Measures:
    """One room of 60, all of whom write as fast as they go; how many nodes wait for its lock."""
    load = Load(clients=60, senders=60, count=sitting.of(60_000, 1200))
    with sitting.serving(way) as (nodes, database):
        if not database:
            return _told(sitting.put(load, nodes), nodes)
        with _watched(sitting, database) as looks:
            found = _told(sitting.put(load, nodes), nodes)
        return {**found, "waiting for locks": sum(looks) / max(1, len(looks))}


def claims(sitting: Sitting, way: str) -> Measures:
    """1,000 guests say hello at once, and enter 100 rooms."""
    clients = sitting.of(1000, 60)
    load = Load(clients=clients, rooms=clients // 10, senders=0, batch=clients)
    return _under(load, sitting, way)


def hearing(sitting: Sitting, way: str) -> Measures:
    """What a text costs a node at which nobody is: in 100 rooms of two, 500/s, and as they come."""
    if way == SQLITE or way == WAYS[1]:
        return {}
    found = {}
    for words, rate, count in (("at 500/s", 500, 4000), ("as they come", 0, 60_000)):
        load = Load(clients=200, rooms=100, senders=100, rate=rate, count=sitting.of(count, 400))
        with sitting.serving(way) as (nodes, _):
            others = nodes.pids[1:]
            outcome = sitting.put(load, Nodes(nodes.ports[:1], nodes.pids[:1], others))
            each = sum(outcome.beside_cpu_s) / len(others) / outcome.sent * 1e6
            found[f"µs a text heard, {words}"] = each
    return found


def idle(sitting: Sitting, way: str) -> Measures:
    """Nobody is connected, and there are 10,000 rooms that another server has made."""
    if way == SQLITE:
        return {}
    with sitting.serving(way) as (nodes, database):
        with sitting.shared.connect(database) as connection:
            for statement in FILL:
                connection.execute(statement, (sitting.of(10_000, 100),))
        time.sleep(sitting.of(FOUND_SECONDS, 3))
        seconds = sitting.of(IDLE_SECONDS, 3)
        before = [_cpu(nodes.pids), _cpu(nodes.postgres)]
        time.sleep(seconds)
        servers, database_seconds = (
            now - then
            for now, then in zip([_cpu(nodes.pids), _cpu(nodes.postgres)], before, strict=True)
        )
        each = len(nodes.pids) * seconds / 1000
        return {"ms a second, of a node": servers / each, "PostgreSQL": database_seconds / each}


def _cpu(pids: Sequence[int]) -> float:
    """Seconds of processor time that these have taken."""
    total = 0.0
    for pid in pids:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return total


MEASURED: Mapping[str, Callable[[Sitting, str], Measures]] = {
    one.__name__: one for one in (fanout, rooms, durable, quiet, hot, claims, hearing, idle)
}


ROW = "INSERT INTO probe (key, said) VALUES (%s, %s)"
TEXT = (
    "WITH room AS (UPDATE rooms SET head = head + 1 WHERE id = %s RETURNING id, head)"
    " INSERT INTO events SELECT (jsonb_populate_record(event,"
    " jsonb_build_object('id', nextval(pg_get_serial_sequence('events', 'id')),"
    " 'seq', room.head, 'nonce', NULL))).*"
    " FROM room JOIN events AS event ON event.room_id = room.id AND event.seq = room.head - 1"
)


def _commits(sitting: Sitting, database: str) -> Measures:
    """Seconds that a statement takes which is saved by itself: medians of many.

    Of one row with two indexes, and of a text: its number from its room, and its row with the
    indexes that it has.
    """
    taken: dict[str, list[float]] = {"commit ms": [], "commit of a text ms": []}
    with sitting.shared.connect(database) as connection:
        connection.execute("CREATE TABLE probe (id bigserial PRIMARY KEY, key text, said text)")
        connection.execute("CREATE INDEX ON probe (key)")
        (busiest,) = connection.execute("SELECT id FROM rooms ORDER BY head DESC").fetchone()
        for number in range(sitting.of(COMMITS, 20)):
            for name, statement, values in (
                ("commit ms", ROW, (str(number), "x" * 100)),
                ("commit of a text ms", TEXT, (busiest,)),
            ):
                time.sleep(COMMIT_PAUSE_SECONDS)
                began = time.perf_counter()
                connection.execute(statement, values)
                taken[name].append(time.perf_counter() - began)
    return {name: median(values) for name, values in taken.items()}


@contextmanager
def _watched(sitting: Sitting, database: str) -> Iterator[list[int]]:
    """How many connections wait for a lock, again and again while the block runs."""
    looks: list[int] = []
    over = threading.Event()
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = %s AND state = 'active' AND wait_event_type = 'Lock'"
    )

    def look() -> None:
        with sitting.shared.connect("postgres") as connection:
            while not over.wait(LOCK_LOOK_SECONDS):
                looks.append(connection.execute(query, (database,)).fetchone()[0])

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield looks
    finally:
        over.set()
        thread.join()


def turns(
    sitting: Sitting, name: str, ways: Sequence[str], count: int
) -> dict[str, dict[str, list[float]]]:
    """What each way needed, one after the other, ``count`` times."""
    found: dict[str, dict[str, list[float]]] = {way: {} for way in ways}
    for turn in range(count):
        for way in ways:
            measures = MEASURED[name](sitting, way)
            for metric, value in measures.items():
                found[way].setdefault(metric, []).append(value)
            brief = ", ".join(f"{metric} {value:.4g}" for metric, value in measures.items())
            sys.stderr.write(f"{name} {turn + 1}/{count} {way}: {brief}\n")
    return found


def table(name: str, found: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Medians, with the lowest and the highest in parentheses."""
    found = {way: values for way, values in found.items() if values}
    metrics = list(dict.fromkeys(metric for values in found.values() for metric in values))
    rows = [
        (way, *(spread(Sample.of(values[one])) if one in values else "–" for one in metrics))
        for way, values in found.items()
    ]
    return f"{MEASURED[name].__doc__}\n\n{markdown(('', *metrics), rows)}\n"


@contextmanager
def sitting(*, quick: bool = False, cache: Path = CACHE) -> Iterator[Sitting]:
    """PostgreSQL and NATS, once for all turns; nothing is left of it."""
    raise_open_files()
    cache.mkdir(exist_ok=True)
    try:
        with (
            FileLock(cache / "cluster.lock", timeout=0),
            TemporaryDirectory(prefix="cluster-", dir=cache, ignore_cleanup_errors=True) as name,
        ):
            folder, processors = Path(name), Processors.choose()
            with Shared(folder, processors) as shared:
                yield Sitting(tools(cache), processors, folder, shared, quick)
    except Timeout:
        raise Failed("another run is under way, and each would disturb the other") from None


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASURED))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--turns", type=int, default=TURNS, help="of each way (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="small and short")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    names = given.names or list(MEASURED)
    if unknown := set(names) - MEASURED.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(MEASURED)}")
    try:
        with sitting(quick=given.quick) as one:
            for name in names:
                sys.stdout.write(f"\n{table(name, turns(one, name, given.ways, given.turns))}")
                sys.stdout.flush()
    except Failed as error:
        sys.exit(f"benchmarks: {error}")


if __name__ == "__main__":
    main()
