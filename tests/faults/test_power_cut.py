"""The power fails: what was shown or acknowledged at ``durability full`` is there all the same.

A real server and its clients run on a disk that is watched (disk/disk.c). The trace is then cut
at each sync, and the folder is made what a disk might hold then (disk/platter.py).
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from hubbub.storage.log import DATABASE
from tests.conftest import LONG
from tests.faults.disk.shim import KILL, Shim, needs_a_compiler
from tests.faults.people import Person
from tests.faults.powercut import Lost, Replayed, look, replay
from tests.process import ServerProcess

pytestmark = needs_a_compiler

PEOPLE = {"ada": "General", "ben": "General", "eve": "Kitchen"}  # and their rooms
ACKS = 60 if LONG else 15  # of each person in each chapter
SEED = int(os.environ.get("HUBBUB_SEED", "20230730"))


@pytest.mark.slow
@pytest.mark.timeout(1500 if LONG else 300)
async def test_what_was_shown_survives_a_power_cut(
    tmp_path: Path, memory_disk: Path, either: tuple[str, ...]
) -> None:
    """How many disks were looked at: ``pytest -rP``."""
    trace = await record(tmp_path / "disk", "full", *either)
    losses, cuts, _ = await cut(trace, tmp_path / "disk", memory_disk, bool(either))
    sys.stdout.write(f"{cuts:,} disks were looked at.\n")
    assert not losses, f"{len(losses)} of {cuts} cuts lost something, seed {SEED}: {losses[0]}"


@pytest.mark.slow
@pytest.mark.timeout(1500 if LONG else 300)
async def test_durability_process_does_not_promise_that(tmp_path: Path, memory_disk: Path) -> None:
    """The same test finds what is lost without syncs; what is left is whole even so."""
    trace = await record(tmp_path / "disk", "process")
    losses, _, _ = await cut(trace, tmp_path / "disk", memory_disk)
    assert losses, "nothing was lost without a sync: this test cannot find anything"
    worse = [loss for loss in losses if not isinstance(loss.error, Lost)]
    assert not worse, f"seed {SEED}: {worse[0]}"


async def cut(trace: Path, disk: Path, into: Path, encrypted: bool = False) -> Replayed:
    replayed = await replay(trace, disk / "data", into, SEED, look, encrypted=encrypted)
    assert len(replayed.witness.acked) >= len(PEOPLE) * ACKS, "the trace has no acks"
    return replayed


async def record(disk: Path, durability: str, *flags: str) -> Path:
    """What a server goes through: talk, kill -9 in a commit, disks that cannot sync, stops."""
    shim = Shim(disk)
    server = ServerProcess(
        disk / "data",
        *("--rate-limit", "0", "--durability", durability, *flags),
        environment=shim.environment(traced=True),
        module="tests.faults.disk.tidy_server",
    )
    people: list[Person] = []

    async def everybody_talks() -> None:
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(person.acks(ACKS))

    with server:
        people += [Person(server.url, name, room, window=3) for name, room in PEOPLE.items()]
        async with asyncio.timeout(100), asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(person.live())
            await everybody_talks()
            if durability == "full":
                await _dies_before_a_sync(server, shim)
                await everybody_talks()
                await _cannot_sync(people[0], shim)
                await everybody_talks()
                await _cannot_sync_and_dies(people[0], server, shim)
                await everybody_talks()
                await _cannot_move_the_log(server, shim)
                await everybody_talks()
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            await everybody_talks()
            await asyncio.to_thread(server.restart)
            await everybody_talks()
            shim.end_trace()  # those who leave now give up their tokens
            for person in people:
                person.talking = False
    return shim.trace


async def _dies_before_a_sync(server: ServerProcess, shim: Shim) -> None:
    """A commit is written and not synced; the next server takes it as saved, and shows it."""
    shim.fail("sync", KILL, files="-wal")
    await asyncio.to_thread(server.died)
    shim.heal()
    await asyncio.to_thread(server.start)


async def _cannot_sync(person: Person, shim: Shim) -> None:
    """The system forgets what it could not sync; a later sync says nothing about it."""
    shim.fail("sync", files="-wal")
    await person.refused()
    shim.heal()


async def _cannot_sync_and_dies(person: Person, server: ServerProcess, shim: Shim) -> None:
    """The same, and the next server reads what was forgotten from memory as if it were there."""
    shim.fail("sync", files="-wal")
    await person.refused()
    await asyncio.to_thread(server.kill)
    shim.heal()
    await asyncio.to_thread(server.start)


async def _cannot_move_the_log(server: ServerProcess, shim: Shim) -> None:
    """The database cannot be synced while the write-ahead log is moved into it."""
    told = len(server.output)
    shim.fail("sync", files=DATABASE)
    await asyncio.to_thread(server.tells, "The log in the database fails", after=told)
    shim.heal()
