"""What was taken back is on the disk no more: in no page of any file, whatever happens."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from hubbub.domain.events import PutInQueue, Settled
from hubbub.domain.files import File
from hubbub.domain.queues import queue_of
from hubbub.domain.rules import Queued
from hubbub.hub.ports import Draft, Entry
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.wal import Wal
from tests.storage.programs import ENVIRONMENT
from tests.storage.remains import left_on_disk
from tests.storage.search.conftest import until
from tests.storage.talk import ADA, BEN, GENERAL, IDS, NOON, Talk, said
from tests.storage.test_amending import edit, redact

SECRET, EDITED, FILE = "unutterable", "unspeakable", "embarrassing"


def secret(number: int = 0, chars: int = 0, reply_to: int | None = None) -> Draft:
    draft = said(f"{SECRET} {number} " + "x" * chars, reply_to=reply_to)
    picture = File(f"f{number}", f"{FILE} {number}.png", 5, "image/png", alt=f"{FILE}!")
    return Draft(GENERAL, replace(draft.event, files=(picture,), tags={"+x": f"{FILE} {number}"}))


def left(folder: Path) -> list[str]:
    return [file for word in (SECRET, EDITED, FILE) for file in left_on_disk(folder, word)]


@pytest.mark.parametrize("durability", ["full", "process"])
async def test_no_file_has_the_text_the_edits_or_the_names_of_files_any_more(
    tmp_path: Path, durability: str
) -> None:
    log = await SqlLog.open(tmp_path, durability=durability)  # type: ignore[arg-type]
    talk = Talk(log)
    dice = Random(7)
    targets = []
    for number in range(150):
        (text, *_) = await talk.settle(
            secret(number, dice.choice((0, 30, 700, 5000))), said("hi " * dice.randint(1, 50), BEN)
        )
        assert text.event is not None
        targets.append(text.event.seq)
        for _ in range(dice.randint(0, 3)):
            target = dice.choice(targets)
            await talk.settle(edit(target, f"{EDITED} " * dice.randint(1, 300)))
    assert left(tmp_path)
    dice.shuffle(targets)
    for start in range(0, len(targets), 5):
        await talk.settle(*map(redact, targets[start : start + 5]))
        await talk.settle(said("more", BEN))
    await until(lambda: not left(tmp_path))
    await log.close()
    assert left(tmp_path) == []


async def test_what_is_said_and_taken_back_in_one_transaction_is_not_there_either(
    tmp_path: Path,
) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    await talk.settle(said("one"))
    await talk.settle(secret(1, 9000), edit(2, EDITED * 900), redact(2))
    await until(lambda: not left(tmp_path))
    await log.close()


async def test_what_is_reported_loses_its_excerpt(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    queue = queue_of(GENERAL)

    def report(about: int, text: str) -> Entry:
        event = PutInQueue(0, NOON, BEN, item=Queued.REPORT, text=text, about=about, reason="loud")
        return Draft(queue, replace(event, by_id=IDS[BEN], user=ADA, user_id=IDS[ADA]))

    await talk.settle(said("one"), secret(), *(said(str(number)) for number in range(20)))
    await talk.settle(report(2, SECRET), report(21, "tea"))
    await talk.settle(redact(2), Draft(queue, Settled(0, NOON, BEN, queued=1)))
    reported = [event for event in await talk.all(queue) if isinstance(event, PutInQueue)]
    assert [event.text for event in reported] == ["", "tea"]
    assert [event.reason for event in reported] == ["loud", "loud"]
    await until(lambda: not left(tmp_path))
    await log.close()


async def test_what_waited_in_a_queue_and_is_decided_is_gone(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    queue = queue_of(GENERAL)

    def held(text: str) -> Entry:
        return Draft(queue, PutInQueue(0, NOON, BEN, item=Queued.HELD, text=text, by_id=IDS[BEN]))

    await talk.settle(said("one"), held(f"{SECRET} " * 50), held("tea"))
    assert left(tmp_path)
    await talk.settle(Draft(queue, Settled(0, NOON, ADA, queued=1, by_id=IDS[ADA])))
    waiting = [event for event in await talk.all(queue) if isinstance(event, PutInQueue)]
    assert [event.text for event in waiting] == ["", "tea"]
    await until(lambda: not left(tmp_path))
    await log.close()


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether it was possible to clear the write-ahead log, each time that it was tried."""
    tried: list[bool] = []
    clear = Wal.clear

    def trying(wal: Wal) -> bool:
        tried.append(clear(wal))
        return tried[-1]

    monkeypatch.setattr(Wal, "clear", trying)
    return tried


async def test_it_is_gone_when_somebody_has_read_for_long_though_nobody_says_anything_more(
    tmp_path: Path, tried: list[bool]
) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    await talk.settle(said("one"), secret(), *(said(str(number)) for number in range(20)))
    with closing(sqlite3.connect(tmp_path / DATABASE)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        await talk.settle(redact(2))
        await until(lambda: tried == [False])
        assert left(tmp_path)
    await until(lambda: not left(tmp_path))
    await log.close()


KILLED = f"""
import asyncio, os
from pathlib import Path
from hubbub.storage.log import SqlLog
from hubbub.storage.wal import Wal
from tests.storage.talk import Talk
from tests.storage.test_amending import edit, redact
from tests.storage.test_redacting import secret

async def main():
    Wal.clear = lambda self: os._exit(9)
    log = await SqlLog.open(Path({{folder!r}}))
    talk = Talk(log)
    await talk.settle(secret(1, 3000), edit(1, "{EDITED}"))
    await talk.settle(redact(1))
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_server_that_is_killed_before_it_has_cleaned_up_does_so_at_its_next_start(
    tmp_path: Path,
) -> None:
    program = KILLED.format(folder=str(tmp_path))
    ended = subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, check=False)  # noqa: ASYNC221
    assert ended.returncode == 9
    assert left(tmp_path)
    log = await SqlLog.open(tmp_path)
    await until(lambda: not left(tmp_path))
    (said, *_) = await log.messages(GENERAL.key, [1])
    assert getattr(said, "text", None) == ""
    assert getattr(said, "redacted", None) is not None
    await log.close()
