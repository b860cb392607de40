"""A join that asks for a page of the past: `Join.page`. What follows begins where it ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.commands import MAX_HISTORY
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Page, RoomJoined
from hubbub.domain.rules import HistoryFor
from hubbub.hub.pages import PAGE_BYTES
from tests.hub.chat import Chat, Person, chatting, word
from tests.hub.people import account, do, log_in, settle


def join(person: Person, page: int, room: str = "General", **more: Any) -> Person:
    return person.send(ask.Join(id="j", room=RoomName.parse(room), page=page, **more))


def seqs(page: Page) -> list[int]:
    return [event.seq for event in page.events]


async def talked(chat: Chat, texts: int, room: str = "General") -> Person:
    ada = chat.enter("ada", room)
    for number in range(texts):
        ada.say(f"text {number}", room)
    chat.commit()
    return ada


@pytest.mark.parametrize("texts, page", [(0, 5), (3, 5), (20, 5), (20, MAX_HISTORY)])
async def test_who_asks_for_a_page_gets_the_newest_lines_and_then_what_follows(
    chat: Chat, texts: int, page: int
) -> None:
    ada = await talked(chat, texts)
    ben = join(chat.enter("ben"), page)
    await settle(chat)
    ada.say("hello ben")
    await settle(chat)
    joined, past = ben.received[1:3]
    assert isinstance(joined, RoomJoined)
    assert isinstance(past, Page)
    head = texts + 2
    assert (joined.re, past.re) == ("j", "j")
    assert (joined.after, past.last) == (head, head)
    assert seqs(past) == [*range(max(1, head - page + 1), head + 1)]
    assert past.first == max(1, head - page + 1)
    assert ben.story() == [f"{head + 1} ada: hello ben"]


async def test_a_page_of_nothing_is_none_at_all(chat: Chat) -> None:
    ada = await talked(chat, 3)
    ben = join(chat.enter("ben"), 0)
    await settle(chat)
    ada.say("hello ben")
    await settle(chat)
    assert ben.last(RoomJoined).after == 5
    assert ben.all(Page) == []
    assert ben.story() == ["6 ada: hello ben"]


async def test_a_page_that_is_read_from_the_log_has_no_hole_behind_it_and_nothing_twice(
    chat: Chat,
) -> None:
    ada = await talked(chat, 50)
    ada.leave()
    await settle(chat)
    eve = chat.enter("eve")
    assert not chat.hub.rooms["general"].tail
    ben = join(chat.enter("ben"), 10)
    chat.commit()  # the page is read from now on
    join(eve, 0)
    eve.say("meanwhile")
    chat.commit()
    await settle(chat)
    joined, page = ben.last(RoomJoined), ben.last(Page)
    assert joined.after == page.last == page.events[-1].seq
    story = [*map(word, page.events), *ben.story()]
    assert len(page.events) == 10
    assert story == chat.story()[-len(story) :]
    assert story[-1].endswith("eve: meanwhile")


async def test_a_page_behind_a_cursor_has_nothing_that_is_known(chat: Chat) -> None:
    await talked(chat, 20)
    ben = join(chat.enter("ben"), 10, after=18)
    await settle(chat)
    assert seqs(ben.last(Page)) == [19, 20, 21, 22]
    assert (ben.last(Page).first, ben.last(RoomJoined).after) == (19, 22)
    eve = join(chat.enter("eve"), 2, after=3)
    await settle(chat)
    assert seqs(eve.last(Page)) == [22, 23]


async def test_a_page_has_messages_as_they_are_now(chat: Chat) -> None:
    ada = await talked(chat, 3)
    ada.send(ask.Edit(room=RoomName.parse("General"), target=2, text="better"))
    ada.send(ask.Redact(room=RoomName.parse("General"), target=3))
    await settle(chat)
    ben = join(chat.enter("ben"), 10)
    await settle(chat)
    texts = [event.text for event in ben.last(Page).events if hasattr(event, "text")]
    assert texts == ["better", "", "text 2"]
    assert ben.story() == []


async def test_who_is_in_the_room_may_ask_for_a_page_and_is_given_what_follows_it(
    chat: Chat,
) -> None:
    ada = await talked(chat, 50)
    ben = chat.enter("ben", "General")
    await settle(chat)
    ben.news()
    join(ben, 3)
    await settle(chat)
    ada.say("hello ben")
    await settle(chat)
    assert ben.news() == [
        "joined General after 52 with ada, ben",
        "page of General: 50 ada: text 48, 51 ada: text 49, 52 ben joined",
        "General 53 ada: hello ben",
    ]


async def test_who_is_in_the_room_gets_what_follows_a_page_that_takes_its_time_again(
    chat: Chat,
) -> None:
    ada = await talked(chat, 50)
    ben = chat.enter("ben", "General")
    await settle(chat)
    chat.hub.rooms["general"].forget()
    ben.news()
    join(ben, 3)
    await asyncio.sleep(0)  # it is read from now on
    ada.say("meanwhile")
    chat.commit()
    await settle(chat)
    heard = ben.news()
    assert heard[-2:] == [
        "page of General: 50 ada: text 48, 51 ada: text 49, 52 ben joined",
        "General 53 ada: meanwhile",
    ]


async def test_long_texts_are_fewer_on_a_page_and_it_says_so(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    for _ in range(100):
        ada.say("x" * 4000)
    chat.commit()
    ben = join(chat.enter("ben"), 100)
    await settle(chat)
    page = ben.last(Page)
    assert 10 < len(page.events) <= PAGE_BYTES // 4000 + 1
    assert (page.first, page.last) == (page.events[0].seq, 102)


async def test_a_page_has_nothing_of_a_past_that_is_hidden_from_newcomers(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    ada.say("secret", "Lab")
    await settle(chat)
    await do(ada, ask.SetRules, "Lab", history=HistoryFor.SINCE)
    ada.say("a secret more", "Lab")
    await settle(chat)
    ben = join(await account(chat, "ben"), 50, "Lab")
    await settle(chat)
    assert [word(event) for event in ben.last(Page).events] == ["5 ben joined"]
    assert ben.last(Page).last == ben.last(RoomJoined).after == 5


async def test_a_log_that_cannot_be_read_lets_nobody_in_with_a_hole(chat: Chat) -> None:
    ada = await talked(chat, 50)
    ada.leave()
    await settle(chat)
    ben = chat.enter("ben")
    join(ben, 10)
    chat.commit()
    chat.log.readable = False
    await settle(chat)
    assert ben.news()[-1] == "error log-unavailable"
    assert not ben.all(RoomJoined)
    chat.log.readable = True
    join(ben, 10)
    await settle(chat)
    assert len(ben.last(Page).events) == 10


async def test_two_connections_of_one_account_each_get_a_page(chat: Chat) -> None:
    await talked(chat, 3)
    ben, again = await account(chat, "ben"), await log_in(chat, "ben")
    for one in (ben, again):
        join(one, 2)
        await settle(chat)
        assert [word(event) for event in one.last(Page).events] == ["4 ada: text 2", "5 ben joined"]


async def test_a_room_that_is_made_by_the_join_has_a_page_too() -> None:
    async with chatting() as chat:
        ada = join(chat.enter("ada"), 5, "Kitchen")
        await settle(chat)
        assert ada.last(RoomJoined).new
        assert [word(event) for event in ada.last(Page).events] == ["1 ada joined"]
