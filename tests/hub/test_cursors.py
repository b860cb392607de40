"""Cursors of another history than this: a backup was restored, or a room was made anew."""

from __future__ import annotations

import copy

import pytest

from hubbub.domain.errors import BadCursor, BadMessage, LogUnavailable
from hubbub.domain.events import Event
from hubbub.domain.names import RoomName
from hubbub.domain.replies import ReadUpTo, RoomJoined
from hubbub.domain.state import RoomSummary
from hubbub.hub.access import ANYBODY
from hubbub.hub.room import HubRoom
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.memorylog.log import Disk, MemoryLog

GENERAL = RoomName.parse("General")


async def a_long_talk(disk: Disk) -> tuple[Disk, Event]:
    """ada and ben talk up to event 12, of which the backup has 7; the last one that ada saw."""
    async with chatting(disk=disk) as chat:
        ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
        backup = disk
        for number in range(3, 13):
            chat.seconds += 1
            ben.say(f"text {number}")
            chat.commit()
            if number == 7:
                backup = copy.deepcopy(disk)
        await chat.quiet()
        return backup, ada.shown()[-1]


async def go_on(chat: Chat, upto: int = 19) -> Person:
    """The same server with its backup: eve says things in it, until event ``upto``."""
    chat.seconds += 3600
    eve = chat.enter("eve", "General")
    while chat.hub.rooms["general"].head < upto:
        chat.seconds += 1
        eve.say(f"new text {chat.hub.rooms['general'].head + 1}")
        chat.commit()
    await chat.quiet()
    return eve


@pytest.mark.parametrize("in_memory", [True, False], ids=["in memory", "on disk only"])
async def test_a_cursor_of_the_history_before_a_backup_is_refused(in_memory: bool) -> None:
    backup, seen = await a_long_talk(Disk())
    assert seen.seq == 12
    async with chatting(disk=backup) as chat:
        await go_on(chat)
        if not in_memory:
            chat.hub.rooms["general"].forget()
        ada = chat.enter("ada2")
        ada.join(after=12, at=seen.at)
        await chat.quiet()
        assert ada.news() == ["error bad-cursor"]
        ada.join()
        chat.commit()
        await chat.quiet()
        assert ada.story()[:-1] == chat.story()[:-1], "she is shown 8 to 12 as they are now"


@pytest.mark.parametrize("in_memory", [True, False], ids=["in memory", "on disk only"])
async def test_a_cursor_of_this_history_goes_on_behind_it(in_memory: bool) -> None:
    backup, _ = await a_long_talk(Disk())
    seventh = backup.events["general"][6]
    async with chatting(disk=backup) as chat:
        await go_on(chat)
        if not in_memory:
            chat.hub.rooms["general"].forget()
        ada = chat.enter("ada2").join(after=7, at=seventh.at)
        await chat.quiet()
        chat.commit()
        await chat.quiet()
        assert ada.last(RoomJoined).after == 7
        assert ada.story() == chat.story()[7:]


async def test_a_cursor_at_the_head_is_compared_with_the_newest_event(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ben = chat.enter("ben")
    ben.join(after=1, at=ada.shown()[-1].at + 1)
    assert ben.news() == ["error bad-cursor"]
    ben.join(after=1, at=ada.shown()[-1].at)
    chat.commit()
    await chat.quiet()
    assert ben.story() == ["2 ben joined"]


async def test_who_is_in_the_room_keeps_the_place_when_another_cursor_is_refused(
    chat: Chat,
) -> None:
    ada = chat.enter("ada", "General")
    chat.seconds += 1
    ada.say("one").say("two")
    chat.commit()
    ada.news()
    ada.join(after=1, at=5).say("three")
    chat.commit()
    await chat.quiet()
    assert ada.news() == ["error bad-cursor", "General 4 ada: three", "ack General 4"]


async def test_what_is_asked_while_the_log_is_looked_at_waits_for_it() -> None:
    backup, _ = await a_long_talk(Disk())
    async with chatting(disk=backup) as chat:
        await go_on(chat)
        chat.hub.rooms["general"].forget()
        ada = chat.enter("ada2").join(after=7, at=backup.events["general"][6].at).say("hello")
        assert ada.news() == []
        await chat.quiet()
        chat.commit()
        await chat.quiet()
        chat.commit()
        await chat.quiet()
        assert "ack General 21" in ada.news()
        assert ada.shown()[-1].seq == 21


async def test_a_room_that_was_forgotten_and_made_anew_is_another_one() -> None:
    async with chatting(HubSettings(rate_limit=0, silent_room_seconds=60)) as chat:
        ada = chat.enter("ada", "Tea")
        known = ada.shown("Tea")[-1]
        ada.leave("Tea")
        chat.commit()
        for _ in range(3):
            chat.pass_time(120)
            chat.commit()
        assert "tea" not in chat.hub.rooms
        chat.enter("ben", "Tea")
        ada.news()
        ada.join("Tea", after=1)
        chat.commit()
        assert ada.news()[0].startswith("joined Tea after 1"), "its number alone does not tell"
        ada.leave("Tea").join("Tea", after=1, at=known.at)
        chat.commit()
        assert "error bad-cursor" in ada.news()


async def test_a_room_that_is_made_anew_while_the_log_is_looked_at_is_another_one() -> None:
    backup, _ = await a_long_talk(Disk())
    async with chatting(disk=backup) as chat:
        await go_on(chat)
        room = chat.hub.rooms["general"]
        room.forget()
        ada = chat.enter("ada2").join(after=7, at=backup.events["general"][6].at)
        chat.hub.rooms.drop(room)
        chat.hub.rooms.make(GENERAL, RoomSummary(room.head, room.state.at))
        await chat.quiet()
        assert ada.news() == ["error bad-cursor"]


async def test_a_log_that_cannot_be_read_is_no_bad_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreadable(log: MemoryLog, room: str, after: int, upto: int) -> list[Event]:
        raise LogUnavailable("The server cannot read its log just now.")

    backup, _ = await a_long_talk(Disk())
    async with chatting(disk=backup) as chat:
        await go_on(chat)
        chat.hub.rooms["general"].forget()
        monkeypatch.setattr(MemoryLog, "read", unreadable)
        ada = chat.enter("ada2").join(after=7, at=backup.events["general"][6].at)
        await chat.quiet()
        assert ada.news() == ["error log-unavailable"]


async def test_a_join_that_was_not_waited_for_is_not_answered() -> None:
    backup, seen = await a_long_talk(Disk())
    async with chatting(disk=backup) as chat:
        await go_on(chat)
        chat.hub.rooms["general"].forget()
        ada = chat.enter("ada2").join(after=12, at=seen.at)
        ada.lose_connection()
        await chat.quiet()
        assert ada.news() == []


async def test_a_join_tells_the_time_of_the_newest_event_where_no_event_does() -> None:
    async with chatting(HubSettings(rate_limit=0, history_on_join=0)) as chat:
        ada = chat.enter("ada", "General")
        joined = ada.shown()[-1]
        ada.join(after=1)
        assert ada.last(RoomJoined).at == joined.at
        chat.seconds += 1
        ada.say("one")
        chat.commit()
        ada.join(after=1)
        assert ada.last(RoomJoined).at is None


async def test_a_mark_of_another_history_is_refused_and_moves_nothing(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    for number in range(3):
        chat.seconds += 1
        ben.say(f"text {number}")
        chat.commit()
    await chat.quiet()
    ada.news()
    third = ada.shown()[2]
    ada.read(3, at=third.at + 1)
    ada.read(3, at=third.at)
    ada.read(99, at=third.at)
    assert ada.news() == [
        "error bad-cursor",
        "General read to 3, unread 2, mentions 0",
        "error bad-cursor",
    ]
    ada.read(99)
    assert ada.last(ReadUpTo).seq == 5, "without a time it is as it was"


async def test_a_page_behind_a_cursor_is_of_its_history(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    for number in range(3):
        chat.seconds += 1
        ada.say(f"text {number}")
        chat.commit()
    await chat.quiet()
    second = ada.shown()[1]
    room: HubRoom = chat.hub.rooms["general"]
    for forget in (False, True):
        if forget:
            room.forget()
        page = await chat.hub.page(ANYBODY, GENERAL, after=2, after_at=second.at)
        assert [event.seq for event in page.events] == [3, 4]
        with pytest.raises(BadCursor):
            await chat.hub.page(ANYBODY, GENERAL, after=2, after_at=second.at - 1)
    with pytest.raises(BadCursor):
        await chat.hub.page(ANYBODY, GENERAL, after=9, after_at=second.at)
    with pytest.raises(BadMessage):
        await chat.hub.page(ANYBODY, GENERAL, after_at=second.at)
