"""What a former member has said, and the name, are on the disk no more: in no page of any file."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import (
    FORMER_MEMBER,
    AccountClosed,
    AuthorForgotten,
    DirectBegun,
    Edited,
    Joined,
    Kicked,
    Left,
    Pinned,
    PutInQueue,
    Quote,
    Reacted,
    Redacted,
    Registered,
    Said,
    TopicSet,
)
from hubbub.domain.files import File
from hubbub.domain.names import RoomName
from hubbub.domain.reactions import Redaction
from hubbub.domain.rules import Queued
from hubbub.domain.search import parse_query
from hubbub.hub.ports import Draft, ForgetRoom
from hubbub.storage.log import SqlLog
from hubbub.storage.search.sqlite import SqlSearch
from tests.storage.remains import indexed, left_on_disk
from tests.storage.search.conftest import until
from tests.storage.talk import ADA, BEN, EVE, GENERAL, IDS, KITCHEN, NOON, Talk, said

SECRET = "unutterable"
NAME = "Adalgisa"  # as no other word has it
A, B = IDS[ADA], IDS[BEN]


def forgotten(room: RoomName = GENERAL, *, emptied: bool = True, nonce: str = " f") -> Draft:
    event = AuthorForgotten(0, NOON, FORMER_MEMBER, emptied, by_id=A)
    return Draft(room, event, nonce=f"{nonce} {room.key}")


def by_ada(text: str, room: RoomName = GENERAL) -> Draft:
    return Draft(room, Said(0, NOON, NAME, text, by_id=A))


@pytest.mark.parametrize("durability", ["full", "process"])
async def test_no_file_has_the_text_or_the_name_any_more(tmp_path: Path, durability: str) -> None:
    log = await SqlLog.open(tmp_path, durability=durability)  # type: ignore[arg-type]
    talk = Talk(log)
    for number in range(200):
        await talk.settle(by_ada(f"{SECRET} {number} " + "x" * (number * 40)), said("hi", BEN))
    assert left_on_disk(tmp_path, SECRET)
    assert left_on_disk(tmp_path, NAME)
    await talk.settle(forgotten())
    await talk.settle(said("more", BEN))
    await until(lambda: not left_on_disk(tmp_path, SECRET))
    assert left_on_disk(tmp_path, NAME) == []
    await log.close()
    assert left_on_disk(tmp_path, SECRET) == left_on_disk(tmp_path, NAME) == []


async def test_a_room_has_only_a_former_member_then(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    await talk.settle(
        Draft(GENERAL, DirectBegun(0, NOON, NAME, (NAME, "ben"), (A, B), by_id=A)),
        Draft(GENERAL, Joined(0, NOON, NAME, "Nemo", by_id=A)),
        by_ada(SECRET),
        said("why?", BEN, reply_to=3),
        Draft(GENERAL, TopicSet(0, NOON, NAME, "tea", by_id=A)),
        Draft(GENERAL, Kicked(0, NOON, "ben", NAME, A, "loud", by_id=B)),
        Draft(GENERAL, Left(0, NOON, NAME, "Nemo", by_id=A)),
        Draft(GENERAL, PutInQueue(0, NOON, "eve", item=Queued.REPORT, text=SECRET, user_id=A)),
        said(f"I know {NAME}", BEN),
        by_ada("elsewhere", KITCHEN),
    )
    assert sorted(await log.traces(A)) == [GENERAL, KITCHEN]
    await talk.settle(forgotten())
    assert await log.traces(A) == [KITCHEN]
    assert await log.read(GENERAL.key, 0, 100) == [
        DirectBegun(1, NOON, FORMER_MEMBER, [FORMER_MEMBER, "ben"], (A, B), by_id=A),
        Joined(2, NOON + 1, FORMER_MEMBER, FORMER_MEMBER, by_id=A),
        Said(3, NOON + 2, FORMER_MEMBER, "", by_id=A),
        Said(4, NOON + 3, "ben", "why?", 3, Quote(FORMER_MEMBER, "", A), by_id=B),
        TopicSet(5, NOON + 4, FORMER_MEMBER, "tea", by_id=A),
        Kicked(6, NOON + 5, "ben", FORMER_MEMBER, A, "loud", by_id=B),
        Left(7, NOON + 6, FORMER_MEMBER, FORMER_MEMBER, by_id=A),
        PutInQueue(8, NOON + 7, "eve", item=Queued.REPORT, text="", user=FORMER_MEMBER, user_id=A),
        Said(9, NOON + 8, "ben", f"I know {NAME}", by_id=B),
        AuthorForgotten(10, NOON + 9, FORMER_MEMBER, emptied=True, by_id=A),
    ]
    assert (await log.read(KITCHEN.key, 0, 1))[0].by == NAME
    again, other = await talk.settle(forgotten(), said("still", EVE))
    assert again.duplicate
    assert other.event is not None
    assert other.event.seq == 11
    await log.close()


async def test_edits_and_the_names_of_files_go_with_the_texts(talk: Talk) -> None:
    picture = File("f1", f"{SECRET}.png", 5, "image/png", alt=SECRET)
    await talk.settle(
        said("one", BEN),
        Draft(GENERAL, Said(0, NOON, NAME, SECRET, 1, files=(picture,), by_id=A)),
        Draft(GENERAL, Edited(0, NOON, NAME, 2, f"{SECRET} too", by_id=A)),
        Draft(GENERAL, Reacted(0, NOON, NAME, 1, emoji="👍", by_id=A)),
        Draft(GENERAL, Redacted(0, NOON, NAME, 1, author="ben", author_id=B, by_id=A)),
        said("three", BEN),
        Draft(GENERAL, Pinned(0, NOON, NAME, target=6, by_id=A)),
        Draft(GENERAL, Redacted(0, NOON, "ben", 6, author="ben", author_id=B, by_id=B)),
    )
    await talk.settle(forgotten())
    found = await talk.all()
    assert SECRET not in repr(found)
    assert NAME not in repr(found)
    assert SECRET not in repr(await talk.log.versions(GENERAL.key, 2))
    one, two = found[:2]
    assert isinstance(one, Said)
    assert isinstance(two, Said)
    assert one.redacted == Redaction(NOON + 4, FORMER_MEMBER, A)
    assert (two.by, two.text, two.files, two.reply_to) == (FORMER_MEMBER, "", (), 1)


async def test_no_file_has_an_edit_or_the_name_of_a_file_any_more(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    picture = File("f1", f"{SECRET}.png", 5, "image/png", alt=SECRET)
    event = Said(0, NOON, NAME, "x" * 500, files=(picture,) * 3, by_id=A)
    await talk.settle(*(Draft(GENERAL, event) for _ in range(50)))
    edit = Edited(0, NOON, NAME, 7, f"{SECRET} " * 40, by_id=A)
    await talk.settle(*(Draft(GENERAL, edit) for _ in range(20)), said("hi", BEN))
    assert left_on_disk(tmp_path, SECRET)
    await talk.settle(forgotten())
    await until(lambda: not left_on_disk(tmp_path, SECRET))
    assert left_on_disk(tmp_path, NAME) == []
    await log.close()


async def test_what_is_kept_keeps_its_text(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    await talk.settle(by_ada("to be kept"), forgotten(emptied=False))
    assert (await log.read(GENERAL.key, 0, 1))[0] == Said(
        1, NOON, FORMER_MEMBER, "to be kept", by_id=A
    )
    await log.close()


async def test_in_the_same_group_it_is_only_what_was_before(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    await talk.settle(by_ada("one"), forgotten(), by_ada("two"))
    first, _, last = await log.read(GENERAL.key, 0, 3)
    assert (first.by, last.by) == (FORMER_MEMBER, NAME)
    assert await log.traces(A) == [GENERAL]
    await log.close()


async def test_the_directory_and_rooms_without_a_name_are_not_told(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    await talk.settle(Draft(DIRECTORY, Registered(0, NOON, NAME, by_id=A)), by_ada("hi", KITCHEN))
    assert await log.traces(A) == [KITCHEN]
    await talk.settle(ForgetRoom(KITCHEN))
    assert await log.traces(A) == []
    await log.close()


async def test_a_deleted_room_keeps_nothing_of_who_takes_all_along(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    await talk.settle(by_ada(SECRET, KITCHEN), said("hi", BEN, KITCHEN), ForgetRoom(KITCHEN))
    await talk.settle(Draft(DIRECTORY, Registered(0, NOON, "ada", by_id=A)))
    await talk.settle(Draft(DIRECTORY, AccountClosed(0, NOON, "ada", emptied=True, by_id=A)))
    await until(lambda: not left_on_disk(tmp_path, SECRET))
    assert left_on_disk(tmp_path, NAME) == []
    await log.close()
    with sqlite3.connect(tmp_path / "hubbub.db") as connection:
        found = connection.execute("SELECT text FROM events WHERE kind = 'said'").fetchall()
    connection.close()
    assert found == [(None,), ("hi",)]


async def test_a_search_finds_nothing_of_it_and_its_index_forgets_it(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    search = SqlSearch.open(log.path, log.id, pauses=False)
    log.watch(search.committed, search.erase)
    talk = Talk(log)
    await talk.settle(*(by_ada(f"{SECRET} {number}") for number in range(50)), said("tea", BEN))
    await until(lambda: search.behind == 0)
    assert indexed(tmp_path, SECRET)
    await talk.settle(forgotten())

    async def found(query: str) -> list[str]:
        finds = await search.find(parse_query(query), before=None, limit=10, rooms=None)
        return [one.event.text for one in finds.finds]

    assert await found(SECRET) == []
    assert await found(f"from:{NAME}") == []
    assert await found("in:General") == ["tea"]
    await until(lambda: not indexed(tmp_path, SECRET))
    await until(lambda: search.behind == 0)
    assert await found("tea") == ["tea"]
    assert await found("in:General") == ["tea"]
    await talk.settle(said("more tea", BEN))
    await until(lambda: search.behind == 0)
    assert await found("tea") == ["more tea", "tea"]
    assert not indexed(tmp_path, SECRET)
    await search.close()
    await log.close()


async def test_a_large_room_is_not_held_up_for_long(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path, durability="process")
    talk = Talk(log)
    for _ in range(20):
        await talk.settle(*(said("hello", BEN) for _ in range(500)), by_ada("hi"))
    loop = asyncio.get_running_loop()
    began = loop.time()
    await talk.settle(forgotten())
    assert loop.time() - began < 5.0
    assert await log.traces(A) == []
    await log.close()
