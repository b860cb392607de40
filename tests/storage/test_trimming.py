"""What is too old is deleted step by step, and no page of any file has it any more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hubbub.domain.events import (
    FORMER_MEMBER,
    THE_SERVER,
    AuthorForgotten,
    Quote,
    Said,
    Trimmed,
)
from hubbub.domain.names import RoomName
from hubbub.domain.search import parse_query
from hubbub.hub.ports import Draft, Entry, ForgetRoom, Passage, Stretch, Trim, TrimNameless
from hubbub.storage.engine import reading_engine
from hubbub.storage.log import SqlLog
from hubbub.storage.search.source import Source
from hubbub.storage.search.sqlite import SqlSearch
from hubbub.storage.wal import Wal
from tests.storage.conftest import OpenLog
from tests.storage.remains import indexed, left_on_disk
from tests.storage.search.conftest import until
from tests.storage.talk import ADA, BEN, GENERAL, IDS, KITCHEN, NOON, Talk, said, seqs

SECRET = "unutterable"
HOUR = 3_600_000


def trimmed(floor: int, room: RoomName = GENERAL) -> Draft:
    return Draft(room, Trimmed(0, NOON, THE_SERVER, floor))


def at(time: int, text: str = "hi") -> Draft:
    return Draft(GENERAL, Said(0, time, ADA, text, by_id=IDS[ADA]))


async def delete(talk: Talk, upto: int, most: int = 100) -> list[bool]:
    """Whether there was more after each step."""
    steps: list[bool] = []
    while not steps or steps[-1]:
        (outcome,) = await talk.settle(Trim(GENERAL, upto, most))
        assert outcome.error is None
        steps.append(outcome.more)
    return steps


async def test_what_is_trimmed_is_not_read_after_a_restart_either(
    talk: Talk, reopen: OpenLog
) -> None:
    await talk.settle(*(said(f"text {number}") for number in range(10)))
    await talk.settle(said("why?", BEN, reply_to=3), said("so", reply_to=11), trimmed(10))
    assert await delete(talk, 10, most=4) == [True, True, False]
    log = talk.log
    for restarted in (False, True):
        log = await reopen() if restarted else log
        assert seqs(await log.read(GENERAL.key, 10, 100)) == [11, 12, 13]
        answers = await log.read(GENERAL.key, 0, 12)
        assert [one.quote for one in answers if isinstance(one, Said)] == [
            None,
            Quote("ben", "why?", IDS[BEN]),
        ]
        lines = await log.timeline(GENERAL.key, Passage(0, 13, 50))
        assert seqs(lines.events) == [11, 12]
        (unread,) = await log.count([Stretch(GENERAL.key, 0, 13)], IDS[BEN], "ben", 100)
        assert unread.texts == 1
        (room,) = await log.rooms()
        assert (room.state.head, room.state.facts.floor) == (13, 10)
    again = Talk(log)
    (more,) = await again.settle(said("more"))
    assert more.event is not None
    assert more.event.seq == 14


async def test_a_text_that_is_gone_may_be_said_again(talk: Talk) -> None:
    await talk.settle(said("hello", nonce="n"), trimmed(1))
    assert (await talk.settle(said("hello", nonce="n")))[0].duplicate
    await delete(talk, 1)
    (again,) = await talk.settle(said("hello", nonce="n"))
    assert not again.duplicate


async def test_what_nobody_was_told_of_is_not_deleted(talk: Talk) -> None:
    """Whoever asks may mean a room that had this name before."""
    await talk.settle(said("one"), said("two"), trimmed(1))
    assert await delete(talk, 3) == [False]
    assert seqs(await talk.all()) == [2, 3]
    await talk.settle(ForgetRoom(GENERAL), said("new"), Trim(GENERAL, 1, 100))
    assert seqs(await talk.all()) == [1]


async def test_a_room_that_nobody_knows_is_no_error(talk: Talk) -> None:
    (outcome,) = await talk.settle(Trim(KITCHEN, 5, 100))
    assert (outcome.error, outcome.more) == (None, False)


async def test_it_is_told_up_to_where_all_is_old(talk: Talk) -> None:
    times = [NOON, NOON + HOUR, NOON + 99 * HOUR, NOON + HOUR, NOON + 5 * HOUR, NOON]
    await talk.settle(*map(at, times))
    now = NOON + 10 * HOUR

    async def expired(after: int, before: int, most: int = 100) -> int:
        return await talk.log.expired(GENERAL.key, after, before, now, most)

    assert await expired(0, NOON) == 0
    assert await expired(0, NOON + 1) == 1
    # By a clock that was wrong for a while, one is dated in the future: it goes with the next one.
    assert await expired(0, NOON + 2 * HOUR) == 4
    assert await expired(0, NOON + 6 * HOUR) == 6
    assert await expired(0, NOON + 6 * HOUR, 3) == 2
    assert await expired(3, NOON + 2 * HOUR) == 4
    assert await expired(6, NOON + 6 * HOUR) == 6
    assert await talk.log.expired(KITCHEN.key, 0, now, now, 100) == 0


@pytest.mark.parametrize("durability", ["full", "process"])
async def test_no_file_has_it_any_more(tmp_path: Path, durability: str) -> None:
    log = await SqlLog.open(tmp_path, durability=durability)  # type: ignore[arg-type]
    talk = Talk(log)
    for number in range(200):
        text = f"{SECRET} {number} " + "x" * (number * 40)
        await talk.settle(said(text), said("to be kept", BEN, KITCHEN))
    await talk.settle(said("to be kept", BEN), trimmed(200))
    await delete(talk, 200, most=7)
    await until(lambda: not left_on_disk(tmp_path, SECRET))
    assert left_on_disk(tmp_path, "to be kept")
    assert len(await log.read(KITCHEN.key, 0, 200)) == 200
    await log.close()
    assert left_on_disk(tmp_path, SECRET) == []


async def left_by_one_who_was_killed(folder: Path, into: Path, *entries: Entry) -> None:
    """Somebody settled ``entries``, and was killed before the files were put in order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Wal, "clear", lambda _: False)
        log = await SqlLog.open(folder)
        talk = Talk(log)
        for entry in entries:
            await talk.settle(entry)
        shutil.copytree(folder, into)
    await log.close()
    assert left_on_disk(into, SECRET)


@pytest.mark.parametrize("by", ["its age", "its author"])
async def test_no_file_has_it_after_a_kill_either(tmp_path: Path, by: str) -> None:
    forgets = Draft(GENERAL, AuthorForgotten(0, NOON, FORMER_MEMBER, True, by_id=IDS[ADA]))
    gone = (trimmed(1), Trim(GENERAL, 1, 9)) if by == "its age" else (forgets,)
    await left_by_one_who_was_killed(tmp_path / "a", tmp_path / "b", said(SECRET), *gone)
    log = await SqlLog.open(tmp_path / "b")
    await until(lambda: not left_on_disk(tmp_path / "b", SECRET))
    await log.close()


async def test_an_index_that_begins_anew_knows_what_has_gone_since_it_last_looked(
    tmp_path: Path,
) -> None:
    """Nothing of what is gone by then makes it begin anew once more."""
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    await talk.settle(said(SECRET), said("tea"), trimmed(1, KITCHEN))
    source = Source(reading_engine(log.path, 1))
    assert [row.text for row in source.next(0, 1)] == [SECRET]
    await talk.settle(trimmed(1))
    assert [row.text for row in source.next(0, 1)] == [None]
    source.close()
    await log.close()


async def test_what_is_in_rooms_without_a_name_goes_by_its_age(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    old = Draft(GENERAL, Said(0, NOON - HOUR, ADA, SECRET, by_id=IDS[ADA]))
    await talk.settle(old, said("young"), said("other", room=KITCHEN), ForgetRoom(GENERAL))
    (outcome,) = await talk.settle(TrimNameless(NOON, 100))
    assert not outcome.more
    await until(lambda: not left_on_disk(tmp_path, SECRET))
    assert left_on_disk(tmp_path, "young")
    assert len(await log.read(KITCHEN.key, 0, 1)) == 1
    await log.close()


async def test_a_search_finds_nothing_of_it_and_its_index_forgets_it(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    search = SqlSearch.open(log.path, log.id, pauses=False)
    log.watch(search.committed, search.erase)
    talk = Talk(log)
    await talk.settle(*(said(f"{SECRET} {number}") for number in range(50)), said("tea", BEN))
    await until(lambda: search.behind == 0)
    assert indexed(tmp_path, SECRET)
    await talk.settle(trimmed(50))

    async def found(query: str) -> list[str]:
        finds = await search.find(parse_query(query), before=None, limit=10, rooms=None)
        return [one.event.text for one in finds.finds]

    # The index forgets it before the log has deleted it.
    await until(lambda: not indexed(tmp_path, SECRET))
    await until(lambda: search.behind == 0)
    assert await found("tea") == ["tea"]
    await delete(talk, 50)
    assert await found(SECRET) == []
    await talk.settle(said("more tea", BEN))
    await until(lambda: search.behind == 0)
    assert await found("tea") == ["more tea", "tea"]
    await search.close()
    await log.close()
