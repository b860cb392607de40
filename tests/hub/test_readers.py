"""What each program of an account has read: `Read.reader`, `Join.reader`."""

from __future__ import annotations

from typing import Any

from hubbub.domain import commands as ask
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Page, ReadUpTo, RoomJoined, RoomList
from hubbub.hub.readers import SAVE_SECONDS
from tests.hub.chat import Chat, Person, chatting, word
from tests.hub.people import account, log_in, server_owner, settle

GENERAL = RoomName.parse("General")


async def join(person: Person, reader: str | None = "phone", **more: Any) -> list[str] | None:
    """The lines of the page with which the program begins; None without one."""
    pages = len(person.all(Page))
    person.send(ask.Join(room=GENERAL, reader=reader, **{"page": 50} | more))
    await settle(person.chat)
    found = person.all(Page)[pages:]
    return [word(event) for event in found[0].events] if found else None


async def read(person: Person, seq: int, reader: str = "phone") -> None:
    person.send(ask.Read(room=GENERAL, seq=seq, reader=reader))
    await settle(person.chat)


async def talk(chat: Chat, texts: int = 3) -> Person:
    ben = chat.enter("ben", "General")
    for number in range(texts):
        ben.say(f"text {number}")
    await settle(chat)
    return ben


async def test_a_program_that_comes_back_gets_what_it_has_not_read(chat: Chat) -> None:
    ben = await talk(chat)
    ada = await account(chat, "ada")
    whole = ["1 ben joined", "2 ben: text 0", "3 ben: text 1", "4 ben: text 2", "5 ada joined"]
    assert await join(ada) == whole
    assert ada.last(RoomJoined).reader is None
    await read(ada, 3)
    again = await log_in(chat, "ada")
    assert await join(again) == ["4 ben: text 2", "5 ada joined"]
    joined, page = again.last(RoomJoined), again.last(Page)
    assert (joined.reader, joined.after, page.first, page.last) == (3, 5, 4, 5)
    await read(again, 5)
    ben.say("more")
    await settle(chat)
    assert await join(await log_in(chat, "ada")) == ["6 ben: more"]
    assert await join(await log_in(chat, "ada"), page=1) == ["6 ben: more"]


async def test_who_has_read_all_gets_an_empty_page(chat: Chat) -> None:
    await talk(chat)
    ada = await account(chat, "ada", "General")
    await read(ada, 5)
    again = await log_in(chat, "ada")
    assert await join(again) == []
    assert (again.last(Page).first, again.last(Page).last) == (6, 5)


async def test_of_very_much_the_newest_lines_are_shown(chat: Chat) -> None:
    ben = await talk(chat)
    ada = await account(chat, "ada", "General")
    await read(ada, 5)
    for number in range(60):
        ben.say(f"more {number}")
    await settle(chat)
    chat.hub.rooms["general"].forget()
    again = await log_in(chat, "ada")
    lines = await join(again, page=10)
    assert lines == [f"{number + 6} ben: more {number}" for number in range(50, 60)]
    assert again.last(Page).first == 56


async def test_each_program_has_a_marker_of_its_own_and_the_account_has_another(
    chat: Chat,
) -> None:
    await talk(chat)
    ada = await account(chat, "ada", "General")
    await read(ada, 4)
    assert ada.last(ReadUpTo).seq == 5, "what is unread is another matter"
    again = await log_in(chat, "ada")
    assert await join(again, "laptop") is not None
    assert again.last(RoomJoined).reader is None
    assert await join(await log_in(chat, "ada"), "phone") == ["5 ada joined"]


async def test_a_marker_never_goes_back_nor_beyond_what_there_is(chat: Chat) -> None:
    ben = await talk(chat)
    ada = await account(chat, "ada", "General")
    await read(ada, 4)
    await read(ada, 2)
    assert await join(await log_in(chat, "ada")) == ["5 ada joined"]
    await read(ada, 1000)
    ben.say("more")
    await settle(chat)
    assert await join(await log_in(chat, "ada")) == ["6 ben: more"]


async def test_without_a_page_what_follows_begins_behind_the_marker(chat: Chat) -> None:
    await talk(chat)
    ada = await account(chat, "ada", "General")
    await read(ada, 3)
    again = await log_in(chat, "ada")
    assert await join(again, page=None) is None
    assert again.last(RoomJoined).after == again.last(RoomJoined).reader == 3
    assert again.story() == ["4 ben: text 2", "5 ada joined"]


async def test_a_cursor_says_more_than_a_marker(chat: Chat) -> None:
    await talk(chat)
    ada = await account(chat, "ada", "General")
    await read(ada, 2)
    again = await log_in(chat, "ada")
    assert await join(again, after=4) == ["5 ada joined"]
    assert again.last(RoomJoined).reader == 2


async def test_who_is_in_the_room_may_ask_how_far_a_program_has_read(chat: Chat) -> None:
    await talk(chat)
    ada = await account(chat, "ada", "General")
    await read(ada, 4)
    ada.news()
    assert await join(ada, page=None) is None
    assert ada.last(RoomJoined).reader == 4
    assert await join(ada) == ["5 ada joined"]
    assert ada.last(RoomJoined).after == 5


async def test_nothing_is_kept_of_guests(chat: Chat) -> None:
    await talk(chat)
    eve = chat.enter("eve", "General")
    await read(eve, 5)
    assert eve.last(ReadUpTo).seq == 5
    chat.hub.readers.close()
    await settle(chat)
    assert not chat.log.disk.readers
    assert await join(eve) is not None
    assert eve.last(RoomJoined).reader is None


async def test_markers_are_saved_after_some_seconds_when_a_session_ends_and_at_the_end() -> None:
    async with chatting() as chat:
        ada, ben = await account(chat, "ada", "General"), await account(chat, "ben", "General")
        await read(ada, 1)
        await read(ben, 1)
        chat.pass_time(SAVE_SECONDS)
        await settle(chat)
        saved = chat.log.disk.readers
        assert {place[1:]: one.seq for place, one in saved.items()} == {("phone", "general"): 1}
        assert len(saved) == 2
        await read(ada, 2)
        ada.lose_connection()
        chat.commit()
        assert sorted(one.seq for one in chat.log.disk.readers.values()) == [1, 2]
        await read(ben, 2)
        chat.hub.readers.close()
        chat.commit()
        assert sorted(one.seq for one in chat.log.disk.readers.values()) == [2, 2]
        disk = chat.log.disk
    async with chatting(disk=disk) as chat:
        assert await join(await log_in(chat, "ada")) == []


async def test_what_could_not_be_saved_is_saved_later(chat: Chat) -> None:
    ada = await account(chat, "ada", "General")
    await read(ada, 1)
    ada.lose_connection()
    chat.fail()
    assert not chat.log.disk.readers
    assert await join(await log_in(chat, "ada")) == []
    chat.pass_time(SAVE_SECONDS)
    chat.commit()
    assert [one.seq for one in chat.log.disk.readers.values()] == [1]


async def test_a_marker_goes_with_its_room_and_stays_with_one_that_is_renamed(chat: Chat) -> None:
    ada = await server_owner(chat, "ada", "Lab", "Den")
    for room in ("Lab", "Den"):
        ada.send(ask.Read(room=RoomName.parse(room), seq=1, reader="phone"))
    await settle(chat)
    ada.send(ask.RenameRoom(room=RoomName.parse("Lab"), name=RoomName.parse("Attic")))
    ada.send(ask.Delete(room=RoomName.parse("Den")))
    await settle(chat)
    chat.hub.readers.close()
    chat.commit()
    assert [place[2] for place in chat.log.disk.readers] == ["attic"]


async def test_an_account_that_is_closed_leaves_no_marker(chat: Chat) -> None:
    ada = await account(chat, "ada", "General")
    await read(ada, 1)
    chat.pass_time(SAVE_SECONDS)
    await settle(chat)
    assert chat.log.disk.readers
    ada.send(ask.CloseAccount(password="correct horse battery"))
    await settle(chat)
    assert not chat.log.disk.readers


async def test_the_list_of_rooms_tells_what_a_program_has_read(chat: Chat) -> None:
    await talk(chat)
    ada = await account(chat, "ada", "General", "Tea")

    async def told(reader: str | None) -> dict[str, int | None]:
        ada.send(ask.Rooms(reader=reader))
        await settle(chat)
        return {info.name: info.reader for info in ada.last(RoomList).rooms}

    await read(ada, 3)
    assert await told("phone") == {"General": 3, "Tea": None}, "saved or not"
    chat.pass_time(SAVE_SECONDS)
    await settle(chat)
    await read(ada, 4)
    assert await told("phone") == {"General": 4, "Tea": None}
    assert await told("laptop") == await told(None) == {"General": None, "Tea": None}
