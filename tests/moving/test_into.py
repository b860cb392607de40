"""Texts that go into a room that is here already."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.domain.names import RoomName
from hubbub.hub.place import Place
from hubbub.hub.ports import Stretch
from hubbub.hub.reading import Tally
from hubbub.hub.session import User
from hubbub.moving.choices import Choices
from hubbub.moving.errors import CannotImport
from hubbub.moving.report import Outcome
from tests.memorylog.log import MemoryLog
from tests.moving.samples import slack
from tests.moving.servers import ADA, BEN, IDS, in_memory, opened, place_over, said

INTO = Choices(into={"general": "General"})


async def test_they_stand_behind_its_own_with_their_times_and_answers(tmp_path: Path) -> None:
    async with in_memory() as place:
        await place.register(ADA)
        await place.write("General", said("before"), said("it"))
        report = await place.take(slack(tmp_path), INTO)
        texts = await place.texts("General")
        assert [text for _, text, _ in texts][:4] == [
            "before",
            "it",
            "hello @ben & all",
            "/me waves",
        ]
        assert texts[4][2] == 3
        assert (await place.events("General"))[2].at == 1500000001000
        again = await place.take(slack(tmp_path), INTO)
        assert await place.texts("General") == texts
    assert [one.outcome for one in report.rooms if one.source == "general"] == [Outcome.INTO]
    assert (report.added, again.added, again.again) == (6, 0, 6)


@pytest.mark.parametrize("kept", ["memory", "sqlite"])
async def test_they_are_unread_to_nobody_and_mention_nobody(tmp_path: Path, kept: str) -> None:
    server = in_memory() if kept == "memory" else opened(tmp_path / "data")
    async with server as place:
        await place.register(ADA)
        await place.write("General", said("ada, before"), said("ada, behind", reply_to=1))
        await place.take(slack(tmp_path / "slack"), INTO)
        log, room = place.hub.log, RoomName.parse("General").key
        for name, mentions in (("ada", 1), ("ben", 0)):
            (unread,) = await log.count([Stretch(room, 1, 99)], IDS[BEN], name, 1000)
            assert (unread.texts, unread.mentions) == (1, mentions)
        read = Place(1)
        assert Tally(User(BEN, IDS[BEN]), (), 8192).count(read, await place.events("General"))
        assert (read.unread, read.mentions) == (2, 0)


async def test_a_room_in_which_nothing_was_said_takes_them_without_being_asked(
    tmp_path: Path,
) -> None:
    log = MemoryLog(auto=True)
    async with place_over(log, first_room="General") as place:
        report = await place.take(slack(tmp_path), Choices())
        texts = await place.texts("General")
        assert len(texts) == 6
        assert place.hub.rooms["general"].state.topic == "tea & cake"
        events = await place.events("General")
        await place.take(slack(tmp_path), Choices())
        assert await place.events("General") == events
    assert [one.name for one in report.rooms if one.outcome is Outcome.INTO] == ["General"]


async def test_what_only_some_people_read_goes_into_no_room_of_everybodys(tmp_path: Path) -> None:
    async with place_over(MemoryLog(auto=True), first_room="board") as place:
        with pytest.raises(CannotImport, match='There is a room "board" here already'):
            await place.take(slack(tmp_path))


async def test_a_room_of_that_name_has_to_be_there(tmp_path: Path) -> None:
    async with in_memory() as place:
        with pytest.raises(CannotImport, match='There is no room "General" here'):
            await place.take(slack(tmp_path), INTO)


async def test_a_room_that_is_here_is_not_touched_unless_that_is_asked_for(tmp_path: Path) -> None:
    async with in_memory() as place:
        await place.register(ADA)
        await place.write("General", said("before"))
        with pytest.raises(CannotImport, match='There is a room "general" here already'):
            await place.take(slack(tmp_path), Choices())
        assert len(await place.events("General")) == 1
        assert len(place.hub.access.directory.state.members) == 1


async def test_a_name_that_is_taken_is_told_with_what_to_type(tmp_path: Path) -> None:
    async with in_memory() as place:
        await place.register(ADA)
        await place.write("General", said("before"))
        with pytest.raises(CannotImport) as caught:
            await place.take(slack(tmp_path), Choices())
    assert '--into "general=general"' in str(caught.value)
    assert '--rename "general=OTHER"' in str(caught.value)
