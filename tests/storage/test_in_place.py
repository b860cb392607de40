"""Where no disk is waited for, the loop saves what comes alone by itself; all else the thread."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.domain.errors import LogUnavailable
from hubbub.storage import wal, writer
from hubbub.storage.engine import BUSY_SECONDS
from hubbub.storage.log import SqlLog
from tests.patience import PATIENCE_SECONDS
from tests.stopwatch import Stopwatch
from tests.storage.talk import Talk, joined, said, seqs, texts
from tests.storage.test_sqlite import another_program
from tests.storage.watched import WatchedConnection, at_commit, disk_error

LOOP = "MainThread"
THREAD = "hubbub-writer"


class Clock:
    """The writer's; it stands still until a test moves it, so a busy machine is not a slow disk."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(writer, "monotonic", clock)
    return clock


@pytest.fixture
async def idle(sqlite: Talk, clock: Clock) -> Talk:
    """A log to which nobody has said anything for a while."""
    await sqlite.settle(joined())
    await become_idle(sqlite, clock)
    return sqlite


@pytest.fixture
def committers() -> Iterator[list[str]]:
    """The names of the threads that have committed, in order."""
    names: list[str] = []
    with at_commit(lambda _: names.append(threading.current_thread().name)):
        yield names


async def become_idle(talk: Talk, clock: Clock) -> None:
    """The thread has dealt with all, it was told, and then nobody says anything for a while."""
    assert isinstance(talk.log, SqlLog)
    its = talk.log._writer
    while its._dealt_with < its._given or its._telling:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    clock.move(2 * (writer.IDLE_SECONDS + writer.MAX_BATCH_DELAY_SECONDS))


async def test_a_lone_text_is_saved_on_the_loops_thread(
    idle: Talk, committers: list[str], clock: Clock
) -> None:
    for number in range(3):
        await idle.say(str(number))
        await become_idle(idle, clock)
    assert committers == [LOOP] * 3
    assert texts(await idle.all()) == ["0", "1", "2"]


async def test_nobody_waits_for_the_disk(
    tmp_path: Path, committers: list[str], clock: Clock
) -> None:
    log = await SqlLog.open(tmp_path, durability="full")
    talk = Talk(log)
    await talk.say("one")
    await become_idle(talk, clock)
    committers.clear()
    await talk.say("two")
    assert committers == [THREAD]
    await log.close()


async def test_what_one_turn_of_the_loop_brings_is_one_commit(
    idle: Talk, committers: list[str]
) -> None:
    asyncio.get_running_loop().call_soon(idle.append, said("four"))
    await idle.settle(said("one"), said("two"), said("three"))
    await idle.all_settled()
    assert texts(await idle.all()) == ["one", "two", "three", "four"]
    assert committers[0] == LOOP
    assert len(committers) <= 2


async def test_much_is_left_to_the_thread(idle: Talk, committers: list[str]) -> None:
    await idle.settle(*(said(str(n)) for n in range(writer.MAX_IN_PLACE_ENTRIES + 1)))
    assert committers == [THREAD]


async def test_who_speaks_while_the_thread_is_busy_stays_behind_it(
    idle: Talk, committers: list[str], clock: Clock
) -> None:
    busy, done = threading.Event(), threading.Event()

    def commit_slowly(_: WatchedConnection) -> None:
        busy.set()
        assert done.wait(PATIENCE_SECONDS)

    with at_commit(commit_slowly):
        idle.append(*(said(str(n)) for n in range(writer.MAX_IN_PLACE_ENTRIES + 1)))
        assert await asyncio.to_thread(busy.wait, PATIENCE_SECONDS)
        clock.move(60)
        idle.append(said("last"))
        await asyncio.sleep(0)
        done.set()
        await idle.all_settled()
    assert set(committers) == {THREAD}
    assert texts(await idle.all())[-1] == "last"


async def test_a_database_that_another_program_has_locked_does_not_hold_up_the_loop(
    idle: Talk, tmp_path: Path
) -> None:
    with another_program(tmp_path) as other:
        other.execute("BEGIN IMMEDIATE")
        idle.append(said("one"))
        longest = 0.0
        for _ in range(100):
            watch = Stopwatch()
            await asyncio.sleep(0.001)
            longest = max(longest, watch.seconds)
        other.execute("ROLLBACK")
    await idle.all_settled()
    assert longest < BUSY_SECONDS / 2  # for which a loop would wait that waits
    assert texts(await idle.all()) == ["one"]


async def test_a_disk_that_is_slow_once_is_left_to_the_thread_for_a_while(
    idle: Talk, committers: list[str], clock: Clock
) -> None:
    with at_commit(lambda _: clock.move(2 * writer.SLOW_SECONDS)):
        await idle.say("slow")
    await become_idle(idle, clock)
    await idle.say("backing off")
    await become_idle(idle, clock)
    clock.move(writer.BACKOFF_SECONDS)
    await idle.say("quick again")
    assert committers == [LOOP, THREAD, LOOP]


async def test_a_commit_that_fails_is_refused(
    idle: Talk, committers: list[str], clock: Clock
) -> None:
    with at_commit(disk_error):
        refused = await idle.say("one")
    assert isinstance(refused.error, LogUnavailable)
    await become_idle(idle, clock)
    saved = await idle.say("two")
    assert saved.event is not None
    assert saved.event.seq == 2
    assert committers == [LOOP] * 2


async def test_what_cannot_be_saved_harms_no_other(idle: Talk, committers: list[str]) -> None:
    one, bad, two = await idle.settle(said("one"), said("\ud800"), said("two"))
    assert isinstance(bad.error, LogUnavailable)
    assert one.error is two.error is None
    assert set(committers) == {THREAD}  # which takes the time to find out
    assert texts(await idle.all()) == ["one", "two"]


async def test_an_answer_that_was_lost_is_not_saved_twice(idle: Talk, clock: Clock) -> None:
    def commit_and_fail(connection: WatchedConnection) -> None:
        connection.execute("COMMIT")
        disk_error(connection)

    with at_commit(commit_and_fail):
        lost = await idle.settle(said("one", nonce="n"))
    assert isinstance(lost[0].error, LogUnavailable)
    await become_idle(idle, clock)
    (again,) = await idle.settle(said("one", nonce="n"))
    assert again.duplicate
    assert texts(await idle.all()) == ["one"]


async def test_the_log_file_is_emptied_by_the_thread(
    idle: Talk, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(wal, "DUE_PAGES", 12)
    emptied: list[str] = []
    empty = wal.Wal.empty

    def watched(self: wal.Wal) -> None:
        emptied.append(threading.current_thread().name)
        empty(self)

    monkeypatch.setattr(wal.Wal, "empty", watched)
    for number in range(10):
        await idle.say(str(number))
        await become_idle(idle, clock)
    assert len(emptied) > 1
    assert set(emptied) == {THREAD}
    assert len(await idle.all()) == 11


async def test_a_log_that_is_closed_in_between_has_it_saved(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path, durability="process")
    talk = Talk(log)
    talk.append(said("one"))
    await log.close()
    assert [outcome.error for outcome in talk.settled] == [None]


async def test_order_holds_whoever_saves(
    sqlite: Talk, committers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "IDLE_SECONDS", 0.001)
    dice = random.Random(7)
    said_ones = 0
    for _ in range(150):
        for _ in range(dice.choice((1, 1, 2, 12))):
            said_ones += 1
            sqlite.append(said(str(said_ones)))
        await asyncio.sleep(dice.choice((0, 0.0005, 0.005)))
    await sqlite.all_settled()
    assert set(committers) == {LOOP, THREAD}
    events = await sqlite.all()
    assert texts(events) == [str(number) for number in range(1, said_ones + 1)]
    assert seqs(events) == list(range(1, said_ones + 1))
    assert [outcome.event for outcome in sqlite.settled] == events
