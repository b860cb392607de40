"""Two servers over one log: in memory by the hundred, on SQLite, and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from hubbub.hub import journal, retention
from hubbub.storage.log import SqlLog
from hubbub.storage.postgresql.log import PostgresLog
from tests.memorylog.log import MemoryLog
from tests.postgres import Server, database_of
from tests.simulation.pair import Pair

LONG = bool(os.environ.get("HUBBUB_LONG"))
LIVES = 10_000 if LONG else 150
LIVES_ON_DISK = 200 if LONG else 6


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "READ_EVENTS", 3)
    monkeypatch.setattr(journal, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(retention, "MIN_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(retention, "LOOKED_AT", 5)
    monkeypatch.setattr(retention, "DELETED_AT_ONCE", 3)


def seeds(count: int) -> range:
    first = random.SystemRandom().randrange(10**9) if LONG else 0
    return range(first, first + count)


async def live_in_memory(seed: int) -> None:
    log = MemoryLog()
    dice = random.Random(seed)

    async def save() -> None:
        while log.waiting:
            if pair.started and dice.random() < 0.05:
                log.fail_next(1)
            log.commit(dice.randint(1, log.waiting))

    pair = Pair(seed, log, save)
    await pair.live()


@pytest.mark.timeout(3600 if LONG else 300)
async def test_both_show_the_same_rooms_without_a_gap() -> None:
    for seed in seeds(LIVES):
        try:
            await live_in_memory(seed)
        except BaseException as error:
            error.add_note(f"The seed is {seed}.")
            raise


@pytest.mark.timeout(3600 if LONG else 300)
async def test_both_show_the_same_rooms_without_a_gap_on_sqlite(tmp_path: Path) -> None:
    for seed in seeds(LIVES_ON_DISK):
        folder = tmp_path / str(seed)
        folder.mkdir()
        log = await SqlLog.open(folder, durability="process")
        pair: Pair

        async def save() -> None:
            await pair.shared.settled.wait()  # noqa: B023 - of this life
            await asyncio.sleep(0)

        pair = Pair(seed, log, save, threads=True)
        try:
            await pair.live()
        except BaseException as error:
            error.add_note(f"The seed is {seed}.")
            raise
        finally:
            await log.close()


@pytest.mark.timeout(3600 if LONG else 300)
async def test_two_that_write_to_one_postgresql_show_the_same_rooms_without_a_gap(
    postgresql: Server,
) -> None:
    for seed in seeds(LIVES_ON_DISK):
        with database_of(postgresql) as url:
            one = await PostgresLog.open(url, durability="process")
            other = await PostgresLog.open(url, durability="process")
            pair: Pair

            async def save() -> None:
                for end in pair.ends:  # noqa: B023 - of this life
                    await end.settled.wait()
                await asyncio.sleep(0)

            pair = Pair(seed, one, save, threads=True, second=other)
            try:
                await pair.live()
            except BaseException as error:
                error.add_note(f"The seed is {seed}.")
                raise
            finally:
                await one.close()
                await other.close()
