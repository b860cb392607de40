"""Backups and restores while things break: kill -9, the power, a full disk."""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from hubbub.storage.backup import back_up, backups, verify
from hubbub.storage.backup.proving import facts
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.log import DATABASE, SqlLog
from tests.conftest import LONG
from tests.faults.disk.platter import Cut, Platter
from tests.faults.disk.shim import Shim, needs_a_compiler
from tests.faults.disk.trace import Kind, Record, read_trace
from tests.faults.moments import seeded
from tests.patience import PATIENCE_SECONDS
from tests.storage.programs import ENVIRONMENT
from tests.storage.talk import NOON, Talk, said

PROGRAM = [sys.executable, "-m", "tests.faults.backing_up"]


async def talk_in(folder: Path, texts: int = 100) -> None:
    log = await SqlLog.open(folder, durability="process")
    await Talk(log).settle(*(said(f"text {number}") for number in range(texts)))
    await log.close()
    tls = folder / "tls"
    tls.mkdir()
    (tls / "ca.key").write_text("the authority's key")


def run(*arguments: object, environment: dict[str, str] | None = None) -> str:
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        env={**ENVIRONMENT, **(environment or {})},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_SECONDS * 3,
    ).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
async def test_a_backup_that_is_killed_at_any_step_is_whole_or_not_there(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await talk_in(data)
    told = await asyncio.to_thread(run, "kill-backups", data, tmp_path / "place")
    steps, made = map(int, told.split())
    assert steps >= 20
    assert made >= 2, "those that were killed after they were in place, and the last one"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
async def test_a_restore_that_is_killed_at_any_step_is_done_by_the_next_one(
    tmp_path: Path,
) -> None:
    await talk_in(tmp_path / "data")
    made = await back_up(tmp_path / "data", str(tmp_path / "place"), at=NOON)
    told = await asyncio.to_thread(run, "kill-restores", made.where, tmp_path / "restored")
    assert int(told) >= 15


@needs_a_compiler
async def test_a_disk_that_is_full_leaves_no_half_backup_and_the_old_ones(tmp_path: Path) -> None:
    shim = Shim(tmp_path / "disk")
    await talk_in(shim.folder / "data")
    arguments = ("fail", shim.folder / "data", shim.folder / "place")
    told = await asyncio.to_thread(run, *arguments, environment=shim.environment())
    assert told.split() == ["copied", "packed", "synced", "unpacked", "well"]


def traced(shim: Shim, *arguments: object) -> Path:
    """The trace of a run; what the program prints is in it, as it goes to a socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        subprocess.run(
            [*PROGRAM, *map(str, arguments)],
            env={**ENVIRONMENT, **shim.environment(traced=True)},
            check=True,
            stdout=theirs.fileno(),
            timeout=PATIENCE_SECONDS,
        )
    shim.end_trace()
    return shim.trace


def cuts_before(record: Record | None, dice: random.Random) -> Sequence[Cut]:
    if record is None or record.kind in (Kind.SYNC, Kind.SEND):
        return [*Cut] * 4 if LONG else [Cut.NOTHING, dice.choice([*Cut])]
    return [dice.choice([*Cut])] if LONG or dice.random() < 0.2 else []


@needs_a_compiler
async def test_the_power_fails_and_a_backup_is_whole_or_not_there(
    tmp_path: Path, memory_disk: Path
) -> None:
    shim = Shim(tmp_path / "disk")
    await talk_in(shim.folder / "data")
    place = shim.folder / "place"
    trace = await asyncio.to_thread(traced, shim, "back-up", shim.folder / "data", place)
    platter, told, cuts = Platter(place, keeps=lambda _: True), "", 0
    with seeded() as dice:
        for record in [*read_trace(trace), None]:
            for cut in cuts_before(record, dice):
                cuts += 1
                folder = memory_disk / str(cuts)
                platter.restore(folder, cut, dice)
                found = {one.name for one in await backups(str(folder))}
                assert set(told.split()) <= found, "one that was told of is gone"
                for name in found:
                    await verify(str(folder / name))
                shutil.rmtree(folder, ignore_errors=True)
            if record is not None and record.kind is Kind.SEND:
                told += record.data.decode().strip("\0")  # with which the loop wakes itself
            elif record is not None:
                platter.apply(record)
    assert len(told.split()) == 3
    assert cuts >= 20


@needs_a_compiler
async def test_the_power_fails_and_a_restored_database_is_whole_or_not_there(
    tmp_path: Path, memory_disk: Path
) -> None:
    shim = Shim(tmp_path / "disk")
    await talk_in(tmp_path / "data")
    made = await back_up(tmp_path / "data", str(tmp_path / "place"), at=NOON)
    into = shim.folder / "restored"
    trace = await asyncio.to_thread(traced, shim, "restore", made.where, into)
    platter = Platter(into, keeps=DATABASE.__eq__, beside=into / "restore.tmp")
    cuts, was_told, stop = 0, False, Stop()
    with seeded() as dice:
        for record in [*read_trace(trace), None]:
            for cut in cuts_before(record, dice):
                cuts += 1
                folder = memory_disk / str(cuts)
                platter.restore(folder, cut, dice)
                there = (folder / DATABASE).exists()
                assert there or not was_told
                if there:
                    found = facts(folder / DATABASE, stop, stop.check)
                    assert found.rooms == made.manifest.rooms
                shutil.rmtree(folder, ignore_errors=True)
            if record is not None and record.kind is Kind.SEND:
                was_told = was_told or b"restored" in record.data
            elif record is not None:
                platter.apply(record)
    assert was_told
    assert cuts >= 10
