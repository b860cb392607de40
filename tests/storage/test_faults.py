"""The process dies, the disk is full, the disk fails: what was saved is there, and no more."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.domain.events import AnyEvent
from hubbub.storage.log import SqlLog
from tests.storage.programs import ENVIRONMENT, ROOT
from tests.storage.talk import GENERAL, KITCHEN, seqs, texts

ROUNDS = 6


async def read(folder: Path) -> dict[str, list[AnyEvent]]:
    log = await SqlLog.open(folder)
    rooms = {room.key: await log.read(room.key, 0, 10_000_000) for room in (GENERAL, KITCHEN)}
    heads = {room.name.key: room.state.head for room in await log.rooms()}
    assert heads == {key: len(events) for key, events in rooms.items() if events}
    await log.close()
    return rooms


def test_what_was_shown_is_there_after_kill_9(tmp_path: Path) -> None:
    dice = random.Random(4)
    shown: set[tuple[str, int, str]] = set()
    for round in range(ROUNDS):
        durability = "full" if round % 2 else "process"
        program = [sys.executable, "-m", "tests.storage.writing", str(tmp_path), durability]
        with subprocess.Popen(
            [*program, str(round)], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=ROOT
        ) as writing:
            assert writing.stdout is not None
            for _ in range(dice.randint(1, 4000)):
                shown.add(_parsed(writing.stdout.readline()))
            writing.kill()
            # What it had printed was shown, too; the last line may be cut.
            rest = writing.stdout.read().splitlines(keepends=True)
            shown.update(_parsed(line) for line in rest if line.endswith("\n"))
        rooms = asyncio.run(read(tmp_path))
        for events in rooms.values():
            assert seqs(events) == list(range(1, len(events) + 1))
            assert len(set(texts(events))) == len(events)
        saved = {
            (key, event.seq, text)
            for key, events in rooms.items()
            for event, text in zip(events, texts(events), strict=True)
        }
        assert shown <= saved


def _parsed(line: str) -> tuple[str, int, str]:
    room, seq, text = line.split()
    return room, int(seq), text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no RLIMIT_FSIZE")
def test_a_full_disk_refuses_and_is_used_again_when_there_is_room(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.storage.full_disk", str(tmp_path)]
    subprocess.run(program, env=ENVIRONMENT, cwd=ROOT, check=True)


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None,
    reason="needs LD_PRELOAD and a C compiler",
)
def test_what_was_refused_is_not_there_after_a_crash(tmp_path: Path) -> None:
    """The fsync of a COMMIT fails, so it is refused, but it stands whole in the file."""
    library, folder = tmp_path / "failing_sync.so", tmp_path / "data"
    source = Path(__file__).with_name("failing_sync.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.storage.failing_sync", str(folder)],
        env={**ENVIRONMENT, "LD_PRELOAD": str(library), "FAIL_WHEN": str(folder / "FAIL")},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert killed.stdout.split() == ["one", "two"]
    assert texts(asyncio.run(read(folder))[GENERAL.key]) == ["one", "two"]
