"""Searches as a session asks for them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.errors import SearchUnavailable
from hubbub.domain.replies import Found, Refused, Result, Welcome
from hubbub.domain.rules import RoomAccess
from hubbub.domain.search import Query
from hubbub.hub.access import ANYBODY
from hubbub.hub.ports import Finds
from tests.hub.chat import NOON, Chat, Person


async def search(chat: Chat, person: Person, query: str, **more: object) -> str:
    person.news()
    person.send(ask.Search(query=query, **more))  # type: ignore[arg-type]
    await chat.quiet()
    (news,) = person.news()
    return news


async def test_texts_are_found_in_all_rooms_newest_first_with_what_was_sought_marked(
    chat: Chat,
) -> None:
    ada = chat.enter("ada", "General", "Kitchen")
    ada.say("Hello, world!").say("hello kitchen", "Kitchen").say("bye")
    chat.commit()
    assert await search(chat, ada, "HELLO") == (
        "found; Kitchen 2 |hello| kitchen; General 2 |Hello|, world!"
    )
    assert "search" in ada.last(Welcome).features


async def test_a_result_has_all_that_is_needed_to_open_its_place(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("who?").ping().say("me, of course", reply_to=2)
    chat.commit()
    ada.send(ask.Search(id=7, query="course"))
    await chat.quiet()
    assert ada.last(Found) == Found(
        re=7,
        results=[
            Result(
                "General",
                3,
                NOON + 2,
                "ada",
                ["me, of ", "course", ""],
                reply_to=2,
                by_id=ada.last(Welcome).user_id,
            )
        ],
    )


async def test_a_search_goes_on_where_the_answer_before_ended(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    for number in range(5):
        ada.say(f"tea {number}")
    chat.commit()
    pages, before = [], None
    while True:
        pages.append(await search(chat, ada, "tea", limit=2, before=before))
        before = ada.last(Found).next
        if before is None:
            break
    assert [page.count("tea") for page in pages] == [2, 2, 1]


@pytest.mark.parametrize(
    "query, code, words",
    [
        ("", "bad-message", "What shall be searched for?"),
        ("  ?!", "bad-message", '"?!" cannot be searched for'),
        ("tea - in:General", "bad-message", "Leave it out"),
        ("before:tomorrow", "bad-message", "is no day"),
        ("has:fun", "bad-message", "There is has:link"),
        ("from:a,b", "invalid-name", "comma"),
        ("in:nowhere tea", "no-such-room", "to search in"),
        ("x" * 501, "bad-message", "500 are allowed"),
    ],
)
async def test_a_search_that_cannot_be_is_refused_kindly(
    chat: Chat, query: str, code: str, words: str
) -> None:
    ada = chat.enter("ada", "General")
    assert await search(chat, ada, query) == f"error {code}"
    assert words in ada.last(Refused).message


async def test_where_to_go_on_cannot_be_made_up(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    for before in ("x", "-1", "", "١", "9" * 19):
        assert await search(chat, ada, "tea", before=before) == "error bad-message"


async def test_without_an_index_there_is_no_search(chat: Chat) -> None:
    chat.hub.search = None
    ada = chat.enter("ada", "General")
    assert "search" not in ada.last(Welcome).features
    assert await search(chat, ada, "tea") == "error search-unavailable"
    with pytest.raises(SearchUnavailable):
        await chat.hub.find(ANYBODY, "tea")


async def test_only_rooms_that_one_may_read_are_searched(chat: Chat) -> None:
    ada = chat.enter("ada", "General", "Kitchen")
    ada.say("tea").say("tea", "Kitchen")
    ben = chat.enter("ben", "General")
    chat.commit()
    chat.hub.rooms["kitchen"].access = RoomAccess.MEMBERS
    assert await search(chat, ben, "tea") == "found; General 2 |tea|"
    assert await search(chat, ben, "tea in:Kitchen") == "error no-such-room"
    assert await search(chat, ada, "tea") == "found; Kitchen 2 |tea|; General 2 |tea|"
    found = await chat.hub.find(ANYBODY, "tea")
    assert [result.room for result in found.results] == ["General"]


async def test_who_is_gone_while_it_is_searched_hears_nothing(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.send(ask.Search(query="tea"))
    ada.lose_connection()
    await chat.quiet()


async def test_clients_take_turns_whatever_the_number_of_their_connections(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chat.hub.search is not None
    began: list[str] = []
    find, may_go = chat.hub.search.find, asyncio.Event()

    async def slow(query: Query, **more: Any) -> Finds:
        began.append(query.terms[0].words[0].folded)
        await may_go.wait()
        return await find(query, **more)

    monkeypatch.setattr(chat.hub.search, "find", slow)
    crowd = [chat.connect("192.0.2.7").hello(f"eve{number}") for number in range(9)]
    ada, ben = chat.connect("192.0.2.8").hello("ada"), chat.connect("192.0.2.9").hello("ben")
    chat.commit()
    for eve in crowd:
        eve.send(ask.Search(query="eve"))
    ada.send(ask.Search(query="ada"))
    by_http = asyncio.create_task(chat.hub.find(ANYBODY, "page", client="192.0.2.7 4000"))
    ben.send(ask.Search(query="ben"))
    await chat.quiet()
    assert began == ["eve", "ada"]
    for eve in crowd:
        eve.lose_connection()
    may_go.set()
    await chat.quiet()
    await by_http
    assert sorted(began) == ["ada", "ben", "eve", "page"], "of who is gone nothing more was asked"


async def test_commands_behind_a_search_wait_for_it(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("tea")
    chat.commit()
    ada.news()
    ada.send(ask.Search(query="tea")).ping()
    await chat.quiet()
    assert ada.news() == ["found; General 2 |tea|", "pong"]
