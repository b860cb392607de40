"""A program that backs up or restores, and is killed at each step of it in turn.

Its arguments: what to do, the data folder or the backup, and where to. It prints what it has done.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hubbub.storage.backup import back_up, backups, restore, verify
from hubbub.storage.backup.errors import BackupFailed
from hubbub.storage.backup.proving import facts
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.log import DATABASE
from tests.storage.talk import NOON

if TYPE_CHECKING:
    from _typeshed import HasFileno

STEPS = ("open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "sqlite3.connect")
"""The audit events (https://docs.python.org/3/library/audit_events.html) of what is done to files;
beside them, syncs.
"""


def tell(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def die_at(step: int, folder: Path) -> None:
    """From now on the process is killed just before that step is done below ``folder``."""
    steps = count()
    sync = os.fsync

    def took_one() -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS and str(folder) in str(arguments[0]):
            took_one()

    def synced(fd: int | HasFileno) -> None:
        took_one()
        sync(fd)

    sys.addaudithook(audited)
    os.fsync = synced


def survives(step: int, folder: Path, work: Callable[[], object]) -> bool:
    """Does ``work`` in a process that dies at that step; whether it was done before."""
    child = os.fork()
    if child == 0:
        die_at(step, folder)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0, status
        return True
    return False


def kill_backups(data: Path, place: Path) -> None:
    """Whatever is in the place afterwards under the name of a backup is a whole one."""
    whole: set[str] = set()
    for step in count():
        at = NOON + 1000 * step

        def work(at: int = at) -> None:
            asyncio.run(back_up(data, str(place), at=at))

        done = survives(step, data.parent, work)
        for one in asyncio.run(backups(str(place))):
            if one.name not in whole:
                asyncio.run(verify(one.where))
                whole.add(one.name)
        left = {path.name for path in place.iterdir()} - whole if place.exists() else set()
        assert len(left) <= 1, left
        if done:
            assert not left, left
            assert not (data / "backup.tmp").exists()
            tell(f"{step} {len(whole)}")
            return


def kill_restores(backup: Path, folder: Path) -> None:
    """What is there afterwards is all, or nothing, and then it is restored by the next attempt."""
    expected = asyncio.run(verify(str(backup))).manifest
    folder.mkdir()
    for step in count():
        into = folder / str(step)

        def work(into: Path = into) -> None:
            asyncio.run(restore(str(backup), into))

        done = survives(step, folder, work)
        was_there = (into / DATABASE).exists()
        if not was_there:
            asyncio.run(restore(str(backup), into))
        stop = Stop()
        found = facts(into / DATABASE, stop, stop.check)
        assert (found.rooms, found.rows) == (expected.rooms, expected.rows)
        for file in expected.files:
            assert (into / file.name).stat().st_size == file.bytes
        if done:
            assert was_there
            assert not (into / "restore.tmp").exists()
            tell(str(step))
            return


async def fail(data: Path, place: Path) -> None:
    """On a disk that fails when `DISK_ORDERS` says so (disk/disk.c)."""
    orders = Path(os.environ["DISK_ORDERS"])
    first = await back_up(data, str(place), at=NOON)

    @contextmanager
    def failing(call: str, number: int, files: str, words: str) -> Iterator[None]:
        orders.write_text(f"{call} {number} {files}\n")
        with pytest.raises(BackupFailed, match=words):
            yield
        orders.unlink()
        assert [path.name for path in place.iterdir()] == [first.name]
        assert not (data / "backup.tmp").exists()

    with failing("write", errno.ENOSPC, "backup.tmp/hubbub.db", "is full"):
        await back_up(data, str(place), at=NOON)
    tell("copied")
    with failing("write", errno.ENOSPC, ".part", "is full"):
        await back_up(data, str(place), at=NOON)
    tell("packed")
    with failing("sync", errno.EIO, ".part", "Input/output error"):
        await back_up(data, str(place), at=NOON)
    tell("synced")
    into = data.parent / "restored"
    with failing("write", errno.ENOSPC, "restore.tmp/hubbub.db", "is full"):
        await restore(first.where, into)
    assert [path.name for path in into.iterdir()] == ["hubbub.lock"]
    tell("unpacked")
    await verify((await back_up(data, str(place), at=NOON)).where)
    await restore(first.where, into)
    tell("well")


async def back_up_some(data: Path, place: Path) -> None:
    for number in range(3):
        made = await back_up(data, str(place), at=NOON + 1000 * number)
        tell(made.name)


async def restore_it(backup: Path, folder: Path) -> None:
    await restore(str(backup), folder)
    tell("restored")


def main(what: str, source: Path, target: Path) -> None:
    match what:
        case "kill-backups":
            kill_backups(source, target)
        case "kill-restores":
            kill_restores(source, target)
        case "fail":
            asyncio.run(fail(source, target))
        case "back-up":
            asyncio.run(back_up_some(source, target))
        case "restore":
            asyncio.run(restore_it(source, target))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
