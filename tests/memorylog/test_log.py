"""The log in memory does what a test tells it, and nothing by itself."""

from __future__ import annotations

import pytest

from hubbub.domain.errors import LogUnavailable
from tests.memorylog.log import MemoryLog
from tests.storage.talk import GENERAL, Talk, said, texts


async def test_nothing_settles_before_the_commit() -> None:
    log = MemoryLog()
    talk = Talk(log)
    talk.append(said("one"), said("two"), said("three"))
    assert (talk.settled, log.waiting) == ([], 3)
    log.commit(2)
    assert ([len(group) for group in talk.groups], log.waiting) == ([2], 1)
    assert texts(await talk.all()) == ["one", "two"]
    log.commit()
    log.commit()
    assert [len(group) for group in talk.groups] == [2, 1]


async def test_entries_fail_by_order_of_the_test() -> None:
    log = MemoryLog()
    talk = Talk(log)
    log.fail_next(2)
    talk.append(said("one"), said("two"), said("three"))
    log.commit()
    assert [type(outcome.error) for outcome in talk.settled] == [
        LogUnavailable,
        LogUnavailable,
        type(None),
    ]
    assert texts(await talk.all()) == ["three"]


async def test_it_cannot_be_read_by_order_of_the_test() -> None:
    log = MemoryLog()
    log.readable = False
    for reading in (log.read(GENERAL.key, 0, 1), log.rooms(), log.members(), log.guests()):
        with pytest.raises(LogUnavailable):
            await reading


async def test_after_a_crash_only_what_was_committed_is_there() -> None:
    log = MemoryLog()
    talk = Talk(log)
    talk.append(said("one"))
    log.commit()
    talk.append(said("two"))
    restarted = MemoryLog(disk=log.disk)
    assert restarted.id == log.id
    assert texts(await restarted.read(GENERAL.key, 0, 9)) == ["one"]
