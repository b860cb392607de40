"""The power fails while a server is looked after: old messages go, rooms are moved in, it hands
over. What was shown or acknowledged is there, or is gone for good, and what was begun is ended.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.moving.choices import Choices
from hubbub.storage.log import DATABASE
from tests.conftest import LONG
from tests.faults.disk.shim import KILL, Shim, needs_a_compiler
from tests.faults.disk.witness import Witness
from tests.faults.handing import HandingServer
from tests.faults.moments import USUAL_SEED, seeded
from tests.faults.people import Person
from tests.faults.powercut import Replayed, look, replay
from tests.faults.test_handover import Quick
from tests.faults.test_trimming_faults import trims
from tests.faults.trimming import Calm, words_in
from tests.moving.servers import opened
from tests.patience import PATIENCE_SECONDS
from tests.process import ROOT, ServerProcess, clean_environment

pytestmark = [
    needs_a_compiler,
    pytest.mark.slow,
    pytest.mark.timeout(1500 if LONG else 300),
]

FLAGS = ("--rate-limit", "0", "--durability", "full")
MOST = 600 if LONG else 60  # syncs that are cut before, in each of the tests
SEED = USUAL_SEED


def all_is_well(replayed: Replayed) -> None:
    losses, cuts, _ = replayed
    sys.stdout.write(f"{cuts:,} disks were looked at.\n")
    assert cuts >= MOST
    assert not losses, f"{len(losses)} of {cuts} cuts lost something: {losses[0]}"


async def look_for_words(folder: Path, witness: Witness) -> None:
    """Of what was told to be gone, no word is left in a file, once a server has gone on."""
    await look(folder, witness)
    gone = {
        event["text"]
        for (room, seq), event in witness.shown.items()
        if seq <= witness.floors.get(room, 0) and event["kind"] == "said"
    }
    assert not gone & words_in(folder)


async def test_a_power_cut_while_old_messages_go_leaves_no_hole_and_brings_none_back(
    tmp_path: Path, memory_disk: Path
) -> None:
    shim = Shim(tmp_path / "disk")
    data = shim.folder / "data"
    environment = shim.environment(traced=True)
    module = "tests.faults.trimming"
    with ServerProcess(data, *FLAGS, environment=environment, module=module) as server:
        people = [Calm(server.url, name, window=2) for name in ("ada", "ben")]
        async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(person.live())
            await trims(people[0], 3)
            shim.fail("sync", KILL, files="-wal")
            await asyncio.to_thread(server.died)
            shim.heal()
            await asyncio.to_thread(server.start)
            await trims(people[0], 2)
            told = len(server.output)
            shim.fail("sync", files=DATABASE)  # the write-ahead log cannot be moved
            await asyncio.to_thread(server.tells, "The log in the database fails", after=told)
            shim.heal()
            await trims(people[0], 1)
            await asyncio.to_thread(server.restart)
            await trims(people[0], 2)
            shim.end_trace()
            for person in people:
                person.talking = False
    with seeded():
        replayed = await replay(shim.trace, data, memory_disk, SEED, look_for_words, most=MOST)
        all_is_well(replayed)
    assert replayed.witness.floors["General"] > 20
    assert len(replayed.witness.acked) > 100


LINES = 400


def weechat(folder: Path) -> Path:
    log = folder / "irc.libera.#moved.weechatlog"
    log.write_text(
        "".join(
            f"2023-01-01 00:{at // 60:02}:{at % 60:02}\t{('ada', 'eve')[at % 2]}\tline {at}\n"
            for at in range(LINES)
        )
    )
    return log


async def test_an_import_that_a_power_cut_has_stopped_is_done_by_the_next_one_and_once(
    tmp_path: Path, memory_disk: Path
) -> None:
    shim = Shim(tmp_path / "disk")
    data, log = shim.folder / "data", weechat(tmp_path)
    environment = shim.environment(traced=True)
    module = "tests.faults.disk.tidy_server"
    with ServerProcess(data, *FLAGS, environment=environment, module=module) as server:
        ben, eve = Person(server.url, "ben", window=1), Person(server.url, "eve", "moved")
        async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
            group.create_task(ben.live())
            await ben.acks(1)
            told = await asyncio.to_thread(import_by_hand, data, log)
            assert told["rooms"][0]["added"] == LINES
            group.create_task(eve.live())  # from now on what was moved in was shown
            await eve.acks(5)
            await ben.acks(1)
            shim.end_trace()
            ben.talking = eve.talking = False

    continued = 0

    async def look_and_go_on(folder: Path, witness: Witness) -> None:
        nonlocal continued
        await look(folder, witness)
        async with opened(folder) as place:
            was_shown = any(room == "moved" for room, _ in witness.shown)
            was_there = "moved" in await place.rooms()
            assert was_there or not was_shown
            first = (await place.take(log, Choices())).rooms[0]
            assert first.added + first.again == LINES
            continued += 0 < first.again < LINES
            texts = [text for _, text, _ in await place.texts("moved")]
            assert texts[:LINES] == [f"line {at}" for at in range(LINES)]
            again = (await place.take(log, Choices())).rooms[0]
            assert (again.added, again.again) == (0, LINES)
            assert [text for _, text, _ in await place.texts("moved")] == texts

    with seeded():
        replayed = await replay(shim.trace, data, memory_disk, SEED, look_and_go_on, most=MOST)
        all_is_well(replayed)
    assert continued, "no cut was in the middle of the import"


def import_by_hand(data: Path, log: Path) -> dict[str, list[dict[str, int]]]:
    command = ("hubbub", "admin", "import", log, "--data", data, "--json")
    run = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        check=False,
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE_SECONDS,
    )
    assert run.returncode == 0, run.stdout.decode()
    found: dict[str, list[dict[str, int]]] = json.loads(run.stdout)
    return found


TIDY = "from hubbub.storage import wal\nwal.DUE_PAGES, wal.OVERDUE_PAGES = 60, 120\n"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_a_power_cut_while_a_server_hands_over_loses_no_text(
    tmp_path: Path, memory_disk: Path
) -> None:
    shim = Shim(tmp_path / "disk")
    data = shim.folder / "data"
    with HandingServer(data, *FLAGS, environment=shim.environment(traced=True)) as server:
        server.spoil(TIDY)
        people = [Quick(server.url, name, window=1) for name in ("ada", "ben", "eve")]
        async with asyncio.timeout(2 * PATIENCE_SECONDS), asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(person.live())
            for _ in range(3):
                await asyncio.gather(*(person.acks(2) for person in people))
                await asyncio.to_thread(server.hand_over)
            await asyncio.gather(*(person.acks(2) for person in people))
            shim.end_trace()
            for person in people:
                person.talking = False
    with seeded():
        replayed = await replay(shim.trace, data, memory_disk, SEED, look, most=MOST)
        all_is_well(replayed)
    assert len(replayed.witness.acked) >= 24
