"""The folder of a running server is removed, or something else is put in its place."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from hubbub.domain.errors import LogUnavailable
from hubbub.domain.names import RoomName
from hubbub.storage.errors import FolderInUse
from hubbub.storage.lock import LOCK_FILE
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.search import indexer
from hubbub.storage.search.sqlite import INDEX
from tests.storage.search.conftest import on_disk, until
from tests.storage.talk import Talk

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows removes no file that is open"
)


OPEN = Path("/proc/self/fd")


@pytest.fixture
async def log(tmp_path: Path) -> SqlLog:
    log = await SqlLog.open(tmp_path / "data", durability="process")
    await Talk(log).say("before")
    return log


def exchange(path: Path) -> None:
    """Puts a copy in its place, as restoring a backup does."""
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


def exchange_folder(path: Path) -> None:
    shutil.copytree(path.parent, path.parent.with_name("copy"))
    shutil.rmtree(path.parent)
    path.parent.with_name("copy").replace(path.parent)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: shutil.rmtree(path.parent),
        lambda path: path.parent.rename(path.parent.with_name("elsewhere")),
        lambda path: path.unlink(),
        lambda path: path.with_name(f"{DATABASE}-wal").unlink(),
        lambda path: path.with_name(f"{DATABASE}-shm").unlink(),
        lambda path: path.with_name(f"{DATABASE}-wal").rename(path.with_name("other")),
        exchange,
        exchange_folder,
    ],
)
async def test_files_that_are_lost_under_a_running_server_are_noticed(
    log: SqlLog, harm: Callable[[Path], object]
) -> None:
    assert (await log.look_at_disk()).lost is None
    harm(log.path)
    lost = (await log.look_at_disk()).lost
    assert lost is not None
    assert str(log.path) in lost
    assert "stop the server" in lost
    await log.close()


async def test_a_folder_that_comes_back_is_as_good_as_before(log: SqlLog, tmp_path: Path) -> None:
    log.path.parent.rename(tmp_path / "elsewhere")
    assert (await log.look_at_disk()).lost
    (tmp_path / "elsewhere").rename(log.path.parent)
    assert (await log.look_at_disk()).lost is None
    await log.close()


async def test_what_a_server_does_by_itself_is_no_loss(log: SqlLog) -> None:
    log._writer._wal.empty()
    log._writer._connection.release()
    log._engine.dispose()  # as after an error that a connection does not survive
    assert (await Talk(log).say("after")).error is None
    assert (await log.look_at_disk()).lost is None
    await log.close()


async def test_no_other_database_is_opened_in_the_place_of_the_lost_one(log: SqlLog) -> None:
    talk = Talk(log)
    exchange(log.path)
    log._reader._engine.dispose()
    with pytest.raises(LogUnavailable):
        await log.read(RoomName.parse("General").key, 0, 1)
    log._writer._connection.release()
    log._engine.dispose()
    assert isinstance((await talk.say("into another one?")).error, LogUnavailable)
    await log.close()


async def test_the_end_of_a_server_does_no_harm_to_what_was_put_in_the_place_of_its_files(
    log: SqlLog,
) -> None:
    exchange_folder(log.path)
    files = {file: file.read_bytes() for file in log.path.parent.iterdir()}
    await Talk(log).say("lost")
    await log.close()
    assert {file: file.read_bytes() for file in log.path.parent.iterdir()} == files


def removed_but_open() -> dict[str, Path]:
    """Where each file can still be read that this process has open, by the path that it had."""
    found = {}
    for handle in OPEN.iterdir():
        with suppress(OSError):
            found[str(handle.readlink()).removesuffix(" (deleted)")] = handle
    return found


@pytest.mark.skipif(not OPEN.exists(), reason="needs /proc")
async def test_what_was_removed_can_be_saved_while_the_server_runs(
    log: SqlLog, tmp_path: Path
) -> None:
    shutil.rmtree(log.path.parent)
    rescued = tmp_path / "rescued"
    rescued.mkdir()
    for file in (DATABASE, f"{DATABASE}-wal"):
        shutil.copyfile(removed_but_open()[str(log.path.with_name(file))], rescued / file)
    await log.close()
    after = await SqlLog.open(rescued)
    events = await after.read(RoomName.parse("General").key, 0, 2)
    await after.close()
    assert [getattr(event, "text", None) for event in events] == ["before"]


@pytest.mark.parametrize("harm", [Path.unlink, exchange])
async def test_a_removed_lock_file_lets_no_second_server_in(
    log: SqlLog, harm: Callable[[Path], object]
) -> None:
    harm(log.path.with_name(LOCK_FILE))
    with pytest.raises(FolderInUse, match="Another Hubbub server"):
        await SqlLog.open(log.path.parent)
    assert (await log.look_at_disk()).lost is None
    with pytest.raises(FolderInUse, match=f"process {os.getpid()}"):
        await SqlLog.open(log.path.parent)
    await log.close()
    again = await SqlLog.open(log.path.parent)
    await again.close()


async def test_where_folders_cannot_be_locked_the_lock_file_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.storage.lock._lock_itself", lambda folder: None)
    log = await SqlLog.open(tmp_path)
    (tmp_path / LOCK_FILE).unlink()
    assert (await log.look_at_disk()).lost is None
    with pytest.raises(FolderInUse):
        await SqlLog.open(tmp_path)
    (tmp_path / LOCK_FILE).unlink()
    second = await SqlLog.open(tmp_path)
    lost = (await log.look_at_disk()).lost
    assert lost is not None
    assert "Another Hubbub server" in lost
    await second.close()
    assert (await log.look_at_disk()).lost is None
    await log.close()


@pytest.mark.parametrize("ends", [("", "-wal", "-shm"), ("",), ("-wal",)])
async def test_a_removed_search_index_is_made_again_while_the_server_runs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    ends: tuple[str, ...],
) -> None:
    monkeypatch.setattr(indexer, "CHECK_SECONDS", 0.02)
    async with on_disk(tmp_path) as searched:
        await searched.say("tea")
        assert await searched.texts("tea") == ["tea"]
        for end in ends:
            (tmp_path / f"{INDEX}{end}").unlink()
        await until(lambda: (tmp_path / INDEX).exists() and searched.search._indexer.generation > 1)  # type: ignore[attr-defined]
        await searched.caught_up()
        assert await searched.texts("tea") == ["tea"]
        await searched.say("more tea")
        assert await searched.texts("tea") == ["more tea", "tea"]
        assert [record.levelname for record in caplog.records] == ["ERROR"]
        assert "made again from the log" in caplog.text
