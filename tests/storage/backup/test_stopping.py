"""A backup that is not wanted any more ends within a moment, and leaves nothing."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from hubbub.storage.backup import BackupBusy, BackupMade, back_up, pacing, restore, snapshot
from hubbub.storage.backup.errors import NoRoom, Stopped
from hubbub.storage.backup.making import WORKSHOP, sweep
from hubbub.storage.backup.pacing import Teller
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.backup.working import in_thread
from hubbub.storage.log import DATABASE
from tests.patience import PATIENCE_SECONDS
from tests.storage.backup.folders import names
from tests.storage.talk import NOON, Talk

FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.fixture
def resting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work rests for an hour after its first bit."""
    monkeypatch.setattr(pacing, "MOMENT_SECONDS", -1)
    monkeypatch.setattr(pacing, "REST_RATIO", 1e12)
    monkeypatch.setattr(pacing, "MAX_REST_SECONDS", 3600.0)


async def begun(data: Path, place: Path) -> asyncio.Task[BackupMade]:
    """A backup that has its copy of the database, and rests."""
    copied = asyncio.Event()

    def progress(what: str, done: int, total: int) -> None:
        if what == "copying" and done == total:
            copied.set()

    task = asyncio.create_task(back_up(data, str(place), at=NOON, progress=progress))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await copied.wait()
    return task


@pytest.mark.usefixtures("resting")
async def test_what_a_backup_has_left_that_was_killed_is_removed_and_of_no_other(
    talk: Talk, data: Path, place: Path
) -> None:
    await talk.say("hello")
    task = await begun(data, place)
    sweep(data)
    assert (data / WORKSHOP / DATABASE).exists(), "it is being made"
    shutil.copytree(data / WORKSHOP, data / "left")
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    (data / "left").rename(data / WORKSHOP)
    sweep(data)
    assert not (data / WORKSHOP).exists()


@pytest.mark.usefixtures("resting")
async def test_a_backup_that_is_cancelled_leaves_nothing(
    talk: Talk, data: Path, place: Path
) -> None:
    task = await begun(data, place)
    task.cancel()
    async with asyncio.timeout(PATIENCE_SECONDS):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert names(place) == set()
    assert "backup.tmp" not in names(data)


@pytest.mark.usefixtures("resting")
async def test_one_at_a_time_is_made(talk: Talk, data: Path, place: Path) -> None:
    task = await begun(data, place)
    with pytest.raises(BackupBusy, match="is being made already"):
        await back_up(data, str(place), at=NOON)
    task.cancel()
    await asyncio.wait([task])


async def test_a_statement_is_ended_in_the_middle() -> None:
    began, ended = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work(stop: Stop, _: Teller) -> None:
        with closing(sqlite3.connect(":memory:")) as connection, stop.interrupting(connection):
            loop.call_soon_threadsafe(began.set)
            try:
                connection.execute(FOREVER).fetchall()
            finally:
                ended.set()

    task = asyncio.create_task(in_thread(work))
    await began.wait()
    task.cancel()
    await asyncio.wait([task])
    assert await asyncio.to_thread(ended.wait, PATIENCE_SECONDS)


async def test_work_that_is_to_end_does_not_begin_a_statement() -> None:
    stop = Stop()
    stop.set()
    with closing(sqlite3.connect(":memory:")) as connection:
        with pytest.raises(Stopped), stop.interrupting(connection):
            raise AssertionError("it began")
        connection.execute("SELECT 1")


async def test_a_thread_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A network's disk that hangs."""
    monkeypatch.setattr("hubbub.storage.backup.working.END_SECONDS", 0.0)
    began, hangs = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work(_: Stop, __: Teller) -> None:
        loop.call_soon_threadsafe(began.set)
        hangs.wait(PATIENCE_SECONDS)

    task = asyncio.create_task(in_thread(work))
    await began.wait()
    task.cancel()
    async with asyncio.timeout(PATIENCE_SECONDS / 2):
        await asyncio.wait([task])
    assert task.cancelled()
    hangs.set()


async def test_a_disk_without_room_is_told_before_anything_is_written(
    talk: Talk, data: Path, place: Path, made: BackupMade
) -> None:
    with pytest.raises(NoRoom, match="are to stay free"):
        await back_up(data, str(place), at=NOON, keep_free=1 << 60)
    assert names(place) == {made.name}


async def test_a_restore_that_is_cancelled_leaves_nothing(
    made: BackupMade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = asyncio.Event()

    def progress(what: str, done: int, total: int) -> None:
        if what == "unpacking":
            unpacked.set()

    def waits(path: Path, stop: Stop, check: object) -> None:
        while True:
            stop.rest(3600)

    monkeypatch.setattr("hubbub.storage.backup.proving.facts", waits)
    task = asyncio.create_task(restore(made.where, tmp_path / "there", progress=progress))
    await unpacked.wait()
    task.cancel()
    await asyncio.wait([task])
    assert names(tmp_path / "there") == {"hubbub.lock"}


def test_a_copy_takes_no_more_room_than_its_rows(talk: Talk, data: Path) -> None:
    database = data / "hubbub.db"
    copy = data / "copy.db"
    expected = snapshot.size(database)
    snapshot.take(database, copy, Stop())
    assert copy.stat().st_size <= expected
