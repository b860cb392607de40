"""What is too old goes while servers are killed and disks are full: all of it, and nothing else."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from hubbub.storage.backup import back_up, verify
from hubbub.storage.log import DATABASE
from tests.conftest import LONG
from tests.faults.disk.shim import Shim, needs_a_compiler
from tests.faults.forked import CAN_FORK, ForkedServer, killable
from tests.faults.moments import seeded
from tests.faults.nursery import Nursery
from tests.faults.people import read_log
from tests.faults.trimming import DAY_SECONDS, Keeper, check_age, gone_by, indexed, words_in
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.process import ServerProcess
from tests.storage.talk import NOON

FLAGS = ("--rate-limit", "0", "--durability")
MODULE = "tests.faults.trimming"
ROUNDS = 300 if LONG else 8
NAMES = ("ada", "ben", "eve")


async def trims(person: Keeper, more: int) -> None:
    """Waits until the room has lost something so many times more."""
    goal = count(person) + more
    async with person.progress:
        await person.progress.wait_for(lambda: count(person) >= goal)


def count(person: Keeper) -> int:
    return sum(event["kind"] == "trimmed" for event in person.shown)


async def check(server: ServerProcess, people: list[Keeper]) -> None:
    """What was told is so, nothing is lost that is younger, and no file has what is gone."""
    log = await read_log(server.url)
    floor, head = log[0]["seq"] - 1, log[-1]["seq"]
    assert [event["seq"] for event in log] == list(range(floor + 1, head + 1))
    by_seq = {event["seq"]: event for event in log}
    for person in people:
        assert gone_by(person.shown) <= floor, "what was told to be gone is back"
        assert person.skipped <= floor
        check_age(person.shown)
        assert set(person.acked) == set(person.texts), "a text was never acknowledged"
        for nonce, seq in person.acked.items():
            assert seq <= floor or by_seq[seq].get("text") == person.texts[nonce]
        for event in person.shown:
            assert event["seq"] <= floor or by_seq[event["seq"]] == event
    gone = {
        person.texts[nonce]
        for person in people
        for nonce, seq in person.acked.items()
        if seq <= floor
    }
    assert len(gone) > 20
    # The server goes on deleting without being asked.
    await brought_about(lambda: not gone & words_in(server.data))
    some = sorted(gone)[:: len(gone) // 20]
    await brought_about(lambda: not indexed(server.data, some))


async def brought_about(is_so: Callable[[], bool]) -> None:
    """Waits for what takes some pages at a time, without taking its processor meanwhile."""
    await asyncio.to_thread(wait_until, is_so, patience=2 * PATIENCE_SECONDS, pause=0.3)


@pytest.mark.slow
@pytest.mark.timeout(1500 if LONG else 300)
async def test_kill_9_while_old_messages_go_loses_no_other_and_leaves_none(tmp_path: Path) -> None:
    with (
        seeded() as dice,
        killable(tmp_path / "data", *FLAGS, "process", module=MODULE) as server,
    ):
        people = [Keeper(server.url, name, window=3) for name in NAMES]
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(person.live())
            await trims(people[0], 2)
            for _ in range(ROUNDS):
                if dice.random() < 0.5:
                    await people[0].acks(dice.randint(1, 30))
                else:
                    await asyncio.sleep(dice.uniform(0, 0.3))
                await asyncio.to_thread(server.restart)
            await trims(people[0], 2)
            for person in people:
                person.talking = False
        await check(server, people)


@pytest.mark.slow
@needs_a_compiler
@pytest.mark.skipif(not CAN_FORK, reason="needs pidfd_open to start servers quickly")
@pytest.mark.timeout(300)
async def test_a_full_disk_while_old_messages_go_and_a_backup_beside_it(tmp_path: Path) -> None:
    shim = Shim(tmp_path / "disk")
    data = shim.folder / "data"
    with (
        Nursery(shim.environment()) as nursery,
        ForkedServer(nursery, data, *FLAGS, "process", module=MODULE) as server,
    ):
        people = [Keeper(server.url, name, window=3) for name in NAMES]
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(person.live())
            await trims(people[0], 1)
            shim.fail("write", errno.ENOSPC, files="-wal")
            await people[0].refused()
            await asyncio.sleep(DAY_SECONDS / 4)  # all that is due is tried, and refused
            shim.heal()
            await trims(people[0], 1)
            shim.fail("write", errno.ENOSPC, files=DATABASE)
            await people[0].acks(30)
            shim.heal()
            made = await back_up(data, str(tmp_path / "place"), at=NOON)
            await verify(made.where)
            await trims(people[0], 1)
            for person in people:
                person.talking = False
        await check(server, people)
        assert not [line for line in server.output if "Traceback" in line], server.output
