"""What every log does with rooms that are being moved in."""

from __future__ import annotations

from hubbub.domain.names import RoomName
from hubbub.domain.unfinished import unfinished
from hubbub.hub.ports import ForgetRoom, NameRoom
from tests.storage.talk import ADA, GENERAL, IDS, Talk, joined, said, texts

COMING = unfinished("slack T1 C1")


async def test_a_room_that_is_not_whole_is_in_no_list(talk: Talk) -> None:
    await talk.settle(said("hello", room=COMING, nonce=" import 1"), joined(ADA, COMING))
    assert await talk.log.rooms() == []
    assert await talk.log.members() == []
    assert await talk.log.head(COMING.key) == 2


async def test_a_room_that_is_whole_has_its_name_and_all_that_was_moved(talk: Talk) -> None:
    await talk.settle(said("hello", room=COMING, nonce=" import 1"), joined(ADA, COMING))
    assert await talk.log.room_of(IDS[ADA], " import 1") == COMING
    await talk.settle(NameRoom(COMING, GENERAL))
    assert await talk.log.room_of(IDS[ADA], " import 1") == GENERAL
    assert [(one.name, one.state.head) for one in await talk.log.rooms()] == [(GENERAL, 2)]
    assert [one.member.name for one in await talk.log.members()] == [ADA]
    assert texts(await talk.log.read(GENERAL.key, 0, 2)) == ["hello"]
    assert await talk.log.head(COMING.key) == 0


async def test_what_was_moved_into_a_room_that_is_deleted_may_be_moved_again(talk: Talk) -> None:
    await talk.settle(said("hello", nonce=" import 1"))
    await talk.settle(ForgetRoom(GENERAL))
    assert await talk.log.room_of(IDS[ADA], " import 1") is None
    assert await talk.log.room_of(IDS[ADA], " import 2") is None


def test_a_source_always_has_the_same_log_and_no_other_has_it() -> None:
    assert unfinished("a") == unfinished("a") != unfinished("b")
    assert unfinished("\ud800") != RoomName.parse("import")
