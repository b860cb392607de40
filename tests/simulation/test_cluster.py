"""Several servers on one log: in memory by the hundred, on SQLite, and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from hubbub.hub.node import Node
from hubbub.storage.log import SqlLog
from hubbub.storage.postgresql.log import PostgresLog
from tests.memorylog.nodes import Nodes
from tests.postgres import Server, database_of
from tests.simulation.cluster import NAMES, Life, live, small_limits
from tests.simulation.logs import SharedLog
from tests.simulation.promises import Broken
from tests.simulation.virtual_loop import VirtualLoop

# A server that is killed leaves tasks that have not begun.
pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine .* was never awaited:RuntimeWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
LONG = bool(os.environ.get("HUBBUB_LONG"))
LIVES = 2_000 if LONG else 100
PARTS = 5
LIVES_ON_DISK = 200 if LONG else 6
FOUND = [
    (2, 102411),
    *(
        (3, seed)
        for seed in (
            *(100853, 102061, 103745, 104179, 119905, 122632, 124945, 126935, 131765),
            *(201380, 303517, 304105, 307168, 316533, 320800, 321543, 501636),
        )
    ),
]
"""How many servers, and the seed of their life, in which something rare has gone wrong once."""
FOUND_AGAIN = [(2, 227), (3, 68)]
"""The same of lives in which guests take other names."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


def seeds(count: int, part: int = 0) -> range:
    first = random.SystemRandom().randrange(10**9) if LONG else part * count
    return range(first, first + count)


@pytest.mark.slow
@pytest.mark.timeout(7200 if LONG else 600)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("hubs", [2, 3])
def test_all_know_the_same_and_nobody_is_shown_what_is_not_theirs(hubs: int, part: int) -> None:
    _live(seeds(LIVES, part), hubs)


def test_what_was_found_once_stays_mended() -> None:
    for hubs, seed in FOUND:
        _live([seed], hubs, again=False)  # as it was lived then
    for hubs, seed in FOUND_AGAIN:
        _live([seed], hubs)


def _live(seeds: Iterable[int], hubs: int, *, again: bool = True) -> None:
    for seed in seeds:
        try:
            live(seed, hubs, again=again)
        except BaseException as error:
            error.add_note(f"Replay it: python -m tests.simulation --hubs {hubs} --seed {seed}")
            raise


async def live_on(seed: int, *logs: SqlLog | PostgresLog) -> None:
    try:
        await Life(seed, 2, [SharedLog(log) for log in logs]).live()
    except BaseException as error:
        error.add_note(f"The seed is {seed}.")
        raise
    finally:
        for log in logs:
            await log.close()


@pytest.mark.timeout(3600 if LONG else 300)
async def test_two_on_one_sqlite_know_the_same(tmp_path: Path) -> None:
    for seed in seeds(LIVES_ON_DISK):
        folder = tmp_path / str(seed)
        folder.mkdir()
        await live_on(seed, await SqlLog.open(folder, durability="process"))


@pytest.mark.timeout(3600 if LONG else 300)
async def test_two_that_write_to_one_postgresql_know_the_same(postgresql: Server) -> None:
    for seed in seeds(LIVES_ON_DISK):
        with database_of(postgresql) as url:
            one = await PostgresLog.open(url, durability="process")
            other = await PostgresLog.open(url, durability="process")
            await live_on(seed, one, other)


def test_one_seed_is_one_life() -> None:
    lives = [Life(7), Life(7)]
    for life in lives:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(life.live())
    one, other = ([who.story(name) for who in life.people for name in NAMES] for life in lives)
    assert one == other


@pytest.mark.parametrize("defect", ["it saves, and is dead", "it lets nobody go"])
def test_a_server_that_breaks_a_promise_is_found_out(
    defect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checks themselves are checked: with each of these defects some life breaks."""
    if defect == "it saves, and is dead":
        monkeypatch.setattr(Nodes, "check", lambda nodes, node: None)
    else:
        monkeypatch.setattr(Node, "_kept", lambda node, outcome, first: None)
    with pytest.raises(Broken):
        _live(range(200), 3)
