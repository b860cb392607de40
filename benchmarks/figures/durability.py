"""How many messages a second are on the disk, and shown, one by one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from benchmarks import processes
from benchmarks.bars import at_least
from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Figure
from benchmarks.contestants import DISK, HUBBUB, WEBSOCKET
from benchmarks.errors import Failed
from benchmarks.figures.disk import on_disk
from benchmarks.load.generator import Load
from benchmarks.samples import Measures

SENDERS = 100
ROOM_MEMBERS = 2  # somebody listens, but what it costs to tell many is not the question here


def _durable(bench: Bench) -> Mapping[str, Attempt]:
    load = Load(
        clients=SENDERS * ROOM_MEMBERS,
        rooms=SENDERS,
        senders=SENDERS,
        count=bench.of(100_000, 20_000),
    )

    def attempt(*, websocket: bool) -> Measures:
        with bench.data() as folder:
            with bench.hubbub_on(folder) as server:
                outcome = bench.load(server, load, websocket=websocket)
                processes.stop(server.process)
            check_log(folder / "hubbub.db", load.count)
        return outcome.measures()

    return {
        HUBBUB: lambda: attempt(websocket=False),
        WEBSOCKET: lambda: attempt(websocket=True),
        DISK: lambda: on_disk(bench),
    }


def check_log(database: Path, messages: int) -> None:
    """Raises `Failed` unless each of the ``messages`` is in the log once, in rooms without holes.

    The load numbers its messages: no two have the same text.
    """
    with closing(sqlite3.connect(database)) as connection:
        said, different = connection.execute(
            "SELECT count(*), count(DISTINCT text) FROM events WHERE kind = 'said'"
        ).fetchone()
        holes = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM events GROUP BY room_id"
            " HAVING count(*) <> max(seq) OR min(seq) <> 1)"
        ).fetchone()[0]
    if (said, different, holes) != (messages, messages, 0):
        raise Failed(
            f"of {messages:,} messages that were shown, the log has {said:,} ({different:,} "
            f"different ones), and {holes:,} rooms with holes"
        )


DURABLE = Contest(
    "durable",
    "100 senders pipelining in rooms of 2; every message is on the disk before it is shown",
    _durable,
    figures=(
        Figure(
            "durable messages/s (each synced), 100 senders pipelining",
            "messages/s",
            HUBBUB,
            "messages_per_s",
            (at_least(10_000, "messages/s"),),
        ),
        Figure(
            "the same over WebSocket, with nonces",
            "messages/s",
            WEBSOCKET,
            "messages_per_s",
            (at_least(10_000, "messages/s"),),
        ),
    ),
)
