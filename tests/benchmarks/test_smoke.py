"""Five clients, once, on everything that can be started here: so that the harness cannot rot."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import cluster, irc, processes
from benchmarks.bench import Bench
from benchmarks.contest import Attempt
from benchmarks.contestants import BARE, BARE_PROCESS, HUBBUB, LIMIT, NGIRCD, WEBSOCKET
from benchmarks.errors import Failed
from benchmarks.figures.alike import alike, on_bare
from benchmarks.figures.crowds import check_told, joined
from benchmarks.figures.disk import on_disk
from benchmarks.figures.durability import check_log
from benchmarks.figures.starting import time_start
from benchmarks.filling import fill
from benchmarks.load.generator import Load
from benchmarks.load.person import join_by_line, join_by_websocket
from benchmarks.load.tools import tools
from benchmarks.machine import Processors
from benchmarks.servers import ngircd
from tools.cluster.cluster import is_possible

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux"),
    pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc"),
]

FEW = Load(clients=5, rooms=1, senders=2, rate=50, count=20)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    yield Bench(
        tools(folder / "cache"),
        Processors.choose(),
        folder,
        ngircd=ngircd.find(),
        connections=1000,
        quick=True,
    )
    assert not list(folder.glob("data-*")), "a database was left behind"


@pytest.mark.parametrize("name", [HUBBUB, WEBSOCKET, LIMIT, BARE, BARE_PROCESS, NGIRCD])
def test_every_contestant_serves_a_small_load(bench: Bench, name: str) -> None:
    if name == NGIRCD and bench.ngircd_program is None:
        pytest.skip("ngircd is not installed")
    attempts: dict[str, Attempt] = {
        **alike(bench, FEW, websocket=True),
        BARE: lambda: on_bare(bench, FEW),
        BARE_PROCESS: lambda: on_bare(bench, FEW, "process"),
    }
    measures = attempts[name]()
    assert measures["cpu_us"] > 0
    assert measures["p99_ms"] >= measures["p50_ms"] > 0


@pytest.mark.parametrize("websocket", [False, True])
def test_what_a_small_load_leaves_in_the_log_is_proof(bench: Bench, websocket: bool) -> None:
    with bench.data() as folder:
        with bench.hubbub_on(folder) as server:
            outcome = bench.load(server, FEW, websocket=websocket)
            processes.stop(server.process)
        check_log(folder / "hubbub.db", FEW.count)
    assert outcome.delivered == FEW.count * FEW.clients


def test_what_joins_leave_is_proof(bench: Bench) -> None:
    load = Load(clients=5, senders=0)
    with bench.data() as folder:
        with bench.hubbub_on(folder) as server:
            outcome = bench.load(server, load)
            processes.stop(server.process)
        names = joined(folder / "hubbub.db")
    assert sorted(names) == [f"u{number}" for number in range(5)]
    check_told(outcome.connect_bytes, names)


async def test_a_long_history_can_be_joined_and_started_with(bench: Bench) -> None:
    with bench.data() as folder:
        await fill(folder, 300)
        with bench.hubbub_on(folder) as server:
            assert join_by_line(server.port, "ada", "General") > 0
            assert join_by_websocket(server.port, "ben", "General") > 0
            processes.stop(server.process)
        assert time_start(bench, folder) > 0


def test_what_irc_costs_is_measured(bench: Bench) -> None:
    heading, _, *rows = irc.table(bench, 1).splitlines()
    assert irc.IRC in heading
    assert len(rows) == len(irc.MEASURES)
    assert all("×" in row.rpartition("|")[0].rpartition("|")[2] for row in rows)


def test_the_disk_is_asked_too(bench: Bench) -> None:
    assert on_disk(bench)["p50_ms"] > 0


def test_a_server_that_cannot_start_says_why(bench: Bench) -> None:
    with (
        bench.data() as folder,
        pytest.raises(Failed, match="--durability cannot be"),
        bench.hubbub_on(folder, "--durability", "none"),
    ):
        pass


def test_a_load_that_finds_nobody_fails(bench: Bench) -> None:
    with bench.limit() as server:
        processes.stop(server.process)
        with pytest.raises(Failed, match="could not get in"):
            bench.load(server, FEW)


def test_nothing_runs_on_when_the_measuring_is_over(bench: Bench) -> None:
    with bench.hubbub() as server:
        process = server.process
    assert process.returncode is not None
    assert not Path(f"/proc/{process.pid}").exists()


@pytest.fixture(scope="module")
def sitting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.Sitting]:
    if missing := is_possible():
        pytest.skip(missing)
    cache = tmp_path_factory.mktemp("cluster")
    with cluster.sitting(quick=True, cache=cache) as one:
        yield one
    assert not list(cache.glob("cluster-*")), "a database was left behind"


@pytest.mark.parametrize(
    "name, way, metric",
    [
        ("quiet", "2 nodes", "commit ms"),
        ("hot", "2 nodes", "waiting for locks"),
        ("durable", cluster.SQLITE, "µs a text"),
        ("claims", "2 nodes", "µs a guest"),
        ("hearing", "2 nodes", "µs a text heard, as they come"),
        ("idle", "1 node", "ms a second, of a node"),
    ],
)
def test_several_nodes_are_measured(
    sitting: cluster.Sitting, name: str, way: str, metric: str
) -> None:
    found = cluster.turns(sitting, name, [way], 1)
    assert found[way][metric][0] >= 0
    assert cluster.table(name, found).count(f"| {way} |") == 1
