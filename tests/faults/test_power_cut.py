"""The power fails: what was shown or acknowledged at ``durability full`` is there all the same.

A real server and its clients run on a disk that is watched (disk/disk.c). The trace is then cut
at each sync, and the folder is made what a disk might hold then (disk/platter.py).
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from hubbub.domain.events import AnyEvent
from hubbub.hub.users import hash_token
from hubbub.storage.errors import StorageError
from hubbub.storage.log import DATABASE, SqlLog
from tests.conftest import LONG
from tests.faults.disk.platter import Cut, Platter
from tests.faults.disk.shim import KILL, Shim, needs_a_compiler
from tests.faults.disk.trace import Kind, Record, read_trace
from tests.faults.disk.witness import Witness
from tests.faults.people import Person
from tests.process import ServerProcess
from tests.storage.talk import Talk, seqs

pytestmark = needs_a_compiler

PEOPLE = {"ada": "General", "ben": "General", "eve": "Kitchen"}  # and their rooms
ACKS = 60 if LONG else 15  # of each person in each chapter
SEED = int(os.environ.get("HUBBUB_SEED", "20230730"))


@pytest.fixture
def memory_disk() -> Iterator[Path]:
    """A folder where thousands of small databases cost little."""
    parent = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=parent if os.access(parent, os.W_OK) else None) as name:
        yield Path(name)


@pytest.mark.slow
@pytest.mark.timeout(1500 if LONG else 300)
async def test_what_was_shown_survives_a_power_cut(tmp_path: Path, memory_disk: Path) -> None:
    """How many disks were looked at: ``pytest -rP``."""
    trace = await record(tmp_path / "disk", "full")
    losses, cuts = await replay(trace, tmp_path / "disk" / "data", memory_disk)
    sys.stdout.write(f"{cuts:,} disks were looked at.\n")
    assert not losses, f"{len(losses)} of {cuts} cuts lost something, seed {SEED}: {losses[0]}"


@pytest.mark.slow
@pytest.mark.timeout(1500 if LONG else 300)
async def test_durability_process_does_not_promise_that(tmp_path: Path, memory_disk: Path) -> None:
    """The same test finds what is lost without syncs; what is left is whole even so."""
    trace = await record(tmp_path / "disk", "process")
    losses, _ = await replay(trace, tmp_path / "disk" / "data", memory_disk)
    assert losses, "nothing was lost without a sync: this test cannot find anything"
    worse = [loss for loss in losses if not isinstance(loss.error, Lost)]
    assert not worse, f"seed {SEED}: {worse[0]}"


class Lost(AssertionError):
    """Something that left the server is not there."""


class Loss(NamedTuple):
    """Before which record of the trace, what became of what was not synced, what was found."""

    record: int
    cut: Cut
    error: Exception


async def record(disk: Path, durability: str) -> Path:
    """What a server goes through: talk, kill -9 in a commit, disks that cannot sync, stops."""
    shim = Shim(disk)
    server = ServerProcess(
        disk / "data",
        *("--rate-limit", "0", "--durability", durability),
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


async def replay(trace: Path, data: Path, into: Path) -> tuple[list[Loss], int]:
    """Cuts the trace at its syncs; returns what was lost, and how many cuts were looked at."""
    dice = random.Random(SEED)
    platter, witness = Platter(data, keeps=_counts), Witness()
    losses: list[Loss] = []
    cuts = 0
    for number, record in enumerate([*read_trace(trace), None]):
        for cut in _cuts_before(record, dice):
            cuts += 1
            folder = into / str(cuts)
            platter.restore(folder, cut, dice)
            try:
                await look(folder, witness)
            except (AssertionError, StorageError) as error:
                losses.append(Loss(number, cut, error))
            finally:
                shutil.rmtree(folder)
        if record is not None and record.kind is Kind.SEND:
            witness.hear(record.data)
        elif record is not None:
            platter.apply(record)
    assert len(witness.acked) >= len(PEOPLE) * ACKS, "the trace has no acks"
    return losses, cuts


def _counts(name: str) -> bool:
    return name.startswith(DATABASE) and not name.endswith("-shm")  # which is only memory


def _cuts_before(record: Record | None, dice: random.Random) -> list[Cut]:
    """What is surely there changes at a sync, so right before it most has been shown."""
    if record is None or record.kind in (Kind.SYNC, Kind.FAILED_SYNC):
        if LONG:
            return [*Cut] * 4
        return [Cut.NOTHING, dice.choice([Cut.ALL, Cut.SECTORS, Cut.PAGES])]
    return [dice.choice([*Cut])] if dice.random() < (0.5 if LONG else 0.01) else []


async def look(folder: Path, witness: Witness) -> None:
    """Opens what is left as a server does, and compares it with what was shown."""
    log = await SqlLog.open(folder, durability="process", on_error=_raise)
    try:
        heads = {str(room.name): room.state.head for room in await log.rooms()}
        events: dict[tuple[str, int], AnyEvent] = {}
        for room, head in heads.items():
            found = await log.read(room.lower(), 0, 1_000_000)
            assert seqs(found) == list(range(1, head + 1)), f"{room} has holes: {seqs(found)}"
            events |= {(room, event.seq): event for event in found}
        for place, event in witness.shown.items():
            _lost(place not in events, f"{place} was shown, and is not there")
            assert getattr(events[place], "text", None) == event.get("text"), place
        for nonce, place in witness.acked.items():
            _lost(place not in events, f"{nonce} was acknowledged as {place}, and is not there")
        hashes = {str(guest.name): guest.token_hash for guest in await log.guests()}
        for user, token in witness.tokens.items():
            _lost(hashes.get(user) != hash_token(token), f"the token of {user} is not there")
        outcome = await Talk(log).say("The power is back.")
        assert outcome.error is None, outcome.error
    finally:
        await log.close()
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    assert verdict == "ok", verdict


def _lost(is_so: bool, what: str) -> None:
    if is_so:
        raise Lost(what)


def _raise(error: Exception) -> None:
    raise AssertionError(error)
