"""What can be in the way when a log is opened: each error says what to do about it."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hubbub.storage.errors import (
    DamagedDatabase,
    DatabaseUnusable,
    FolderInUse,
    FolderUnusable,
    NewerDatabase,
    NotADatabase,
    StorageError,
    opening_error,
)
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.upgrade import COMPATIBLE_FROM, HEAD
from tests.storage.programs import ENVIRONMENT
from tests.storage.talk import Talk


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


async def opening(folder: Path) -> None:
    log = await SqlLog.open(folder)
    await log.close()


async def test_a_new_folder_is_made_for_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "down" / "with ? and # and 100%"
    await opening(folder)
    assert (folder / DATABASE).exists()
    if os.name == "posix":
        assert folder.stat().st_mode & 0o077 == 0


async def test_a_second_server_is_kept_out_and_told_by_whom(sqlite: Talk, tmp_path: Path) -> None:
    with pytest.raises(FolderInUse) as caught:
        await SqlLog.open(tmp_path)
    message = str(caught.value)
    assert str(tmp_path) in message
    assert f"process {os.getpid()}" in message or os.name == "nt"
    assert "--data" in message
    assert (await sqlite.say("the first goes on")).error is None


async def test_a_second_process_is_kept_out(sqlite: Talk, tmp_path: Path) -> None:
    program = (
        "import asyncio, sys, pathlib\n"
        "from hubbub.storage.log import SqlLog\n"
        "asyncio.run(SqlLog.open(pathlib.Path(sys.argv[1])))\n"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, tmp_path),
        env=ENVIRONMENT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert b"FolderInUse: Another Hubbub server" in errors
    assert b"(process %d)" % os.getpid() in errors or os.name == "nt"


async def test_the_folder_is_free_after_a_close_and_after_a_failure(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"x" * 5000)
    for _ in range(2):
        with pytest.raises(NotADatabase):
            await SqlLog.open(tmp_path)
    (tmp_path / DATABASE).unlink()
    for _ in range(2):
        await opening(tmp_path)


async def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(FolderUnusable, match=r"cannot be used: .*--data"):
            await SqlLog.open(folder)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FolderUnusable, match="Permission denied"):
        asyncio.run(SqlLog.open(tmp_path))
    tmp_path.chmod(0o700)


async def test_a_database_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / DATABASE).mkdir()
    with pytest.raises(DatabaseUnusable, match=r"hubbub\.db cannot be used: Is a dir"):
        await SqlLog.open(tmp_path)


async def test_a_file_system_without_locks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As NFS without its lock service answers."""

    def no_locks(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(FolderUnusable, match=r"has no locks, as on some network drives.*--data"):
        await SqlLog.open(tmp_path)


@pytest.mark.parametrize("name", ["SQLITE_IOERR_SHMMAP", "SQLITE_IOERR_LOCK", "SQLITE_PROTOCOL"])
def test_a_file_system_on_which_sqlite_cannot_have_its_log_is_told(name: str) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    said = str(opening_error(error, Path("hubbub.db")))
    assert "as on some network drives" in said
    error.sqlite_errorname = "SQLITE_IOERR_READ"
    assert "Check the disk" in str(opening_error(error, Path("hubbub.db")))


async def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    letter = b"Dear Ben, " * 1000
    (tmp_path / DATABASE).write_bytes(letter)
    with pytest.raises(NotADatabase, match="is not a database"):
        await SqlLog.open(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == letter


async def test_the_database_of_another_program_is_refused_and_kept(tmp_path: Path) -> None:
    change(tmp_path, "CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(NotADatabase, match="another program"):
        await SqlLog.open(tmp_path)
    change(tmp_path, "INSERT INTO recipes VALUES (1)")


async def test_a_newer_database_is_refused_and_kept(tmp_path: Path) -> None:
    await opening(tmp_path)
    change(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    change(tmp_path, f"UPDATE meta SET value = '9999' WHERE key = '{COMPATIBLE_FROM}'")
    with pytest.raises(NewerDatabase, match=rf"newer Hubbub .*9999.*{HEAD}.*newer version"):
        await SqlLog.open(tmp_path)
    change(tmp_path, f"UPDATE alembic_version SET version_num = '{HEAD}'")
    await opening(tmp_path)


async def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    await opening(tmp_path)
    pages = bytearray((tmp_path / DATABASE).read_bytes())
    pages[100:4096] = b"\xff" * 3996  # the first page has the names of the tables
    (tmp_path / DATABASE).write_bytes(pages)
    with pytest.raises(DamagedDatabase, match=r"damaged.*backup.*recover"):
        await SqlLog.open(tmp_path)


async def test_a_database_without_an_id_is_refused(tmp_path: Path) -> None:
    await opening(tmp_path)
    change(tmp_path, "DELETE FROM meta")
    with pytest.raises(DamagedDatabase):
        await SqlLog.open(tmp_path)


async def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / DATABASE).touch()
    await opening(tmp_path)


def test_every_reason_can_be_caught_as_one() -> None:
    kinds = (FolderInUse, FolderUnusable, NotADatabase, NewerDatabase, DamagedDatabase)
    assert all(issubclass(kind, StorageError) for kind in (*kinds, DatabaseUnusable))
