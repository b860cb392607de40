"""What is too much, too fast or too long: refused with the reason, and nothing else happens."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Ack, Refused, Welcome
from hubbub.domain.text import MAX_TEXT_LINES
from hubbub.hub.rate import FULL, Buckets
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, chatting

GENERAL = RoomName.parse("General")


async def test_a_quiet_session_may_say_a_burst_then_only_so_many_a_second() -> None:
    async with chatting(HubSettings(rate_limit=2, rate_burst=5)) as chat:
        ada = chat.enter("ada", "General")
        chat.pass_time(60)
        for number in range(7):
            ada.say(f"text {number}", nonce=str(number))
        chat.commit()
        assert [ack.nonce for ack in ada.all(Ack)] == ["0", "1", "2", "3", "4"]
        refused = ada.all(Refused)
        assert [(error.code, error.nonce) for error in refused] == [
            ("rate-limited", "5"),
            ("rate-limited", "6"),
        ]
        assert "not sent" in refused[0].message


async def test_retry_after_is_when_the_next_one_is_welcome() -> None:
    async with chatting(HubSettings(rate_limit=2, rate_burst=5)) as chat:
        ada = chat.enter("ada", "General")
        for _ in range(4):
            ada.say("text")
        chat.commit()
        wait = ada.last(Refused).retry_after or 0.0
        assert wait == pytest.approx(0.5, abs=0.01)
        chat.pass_time(wait - 0.01)
        ada.say("too early")
        assert ada.last(Refused).retry_after == pytest.approx(0.01, abs=0.005)
        chat.pass_time(0.01)
        ada.say("now")
        chat.commit()
        assert chat.story()[-1].endswith("ada: now")


async def test_who_does_not_know_to_send_it_again_is_served_late() -> None:
    async with chatting(HubSettings(rate_limit=100, rate_burst=2)) as chat:
        ada = chat.enter("ada", "General")
        ada.patient = True
        chat.pass_time(60)
        ada.say("one").say("two").say("three").say("four")
        chat.commit()
        assert chat.hub.counts.delayed == 1, "the next one waits behind that"
        while len(ada.all(Ack)) < 4:
            await asyncio.sleep(0)
            chat.pass_time(0.01)
            chat.commit()
        assert ada.all(Refused) == []
        assert [line.split(": ")[1] for line in chat.story()[-4:]] == [
            "one",
            "two",
            "three",
            "four",
        ]


async def test_the_limit_is_a_sessions_own() -> None:
    async with chatting(HubSettings(rate_limit=1, rate_burst=3)) as chat:
        ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
        ada.say("one").say("two")
        ben.say("mine")
        chat.commit()
        assert [text.split(" ", 1)[1] for text in chat.story()[2:]] == ["ada: one", "ben: mine"]


async def test_asking_is_limited_like_saying_but_a_ping_leaving_and_goodbye_are_not() -> None:
    async with chatting(HubSettings(rate_limit=1, rate_burst=2)) as chat:
        ada = chat.enter("ada", "General")
        ada.send(ask.Rooms(), ask.Who(room=GENERAL), ask.History(room=GENERAL))
        assert ada.news() == ["error rate-limited"] * 3
        ada.ping().leave().bye()
        assert ada.news() == ["pong", "left General", "goodbye bye"]


async def test_typing_too_often_is_dropped_without_a_word() -> None:
    async with chatting(HubSettings(rate_limit=1, rate_burst=3)) as chat:
        ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
        ben.news()
        ada.send(ask.Typing(room=GENERAL), ask.Typing(room=GENERAL))
        assert ben.news() == ["ada is typing in General"]
        assert ada.all(Refused) == []


async def test_no_limit_of_rate_where_the_setting_says_so(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    for _ in range(200):
        ada.say("text")
    chat.commit()
    assert len(ada.all(Ack)) == 200


async def test_a_session_is_in_so_many_rooms_and_no_more() -> None:
    async with chatting(HubSettings(rate_limit=0, rooms_per_session=2)) as chat:
        ada = chat.enter("ada", "General", "Kitchen")
        ada.join("Garden")
        assert ada.news() == ["error too-many-rooms"]
        assert "garden" not in chat.hub.rooms
        ada.join("kitchen").leave("Kitchen").join("Garden")
        chat.commit()
        assert ada.news()[-1] == "Garden 1 ada joined"


async def test_there_are_so_many_rooms_and_no_more() -> None:
    async with chatting(HubSettings(rate_limit=0, rooms=2)) as chat:
        ada = chat.enter("ada", "General", "Kitchen")
        ada.join("Garden")
        assert ada.news() == ["error too-many-rooms"]
        ben = chat.enter("ben", "Kitchen")
        assert ben.story("Kitchen")[-1] == "2 ben joined"


async def test_a_text_of_the_greatest_length_is_said_and_a_longer_one_is_refused(
    chat: Chat,
) -> None:
    ada = chat.enter("ada", "General")
    ada.say("é" * 4000).say("é" * 4001, nonce="n")
    chat.commit()
    await chat.quiet()
    assert len(chat.story()) == 2
    refused = ada.last(Refused)
    assert (refused.code, refused.nonce) == ("text-too-long", "n")
    assert "4,001" in refused.message


@pytest.mark.parametrize("text", ["", " ", "\r\n\t"])
async def test_a_text_without_anything_in_it_is_refused(chat: Chat, text: str) -> None:
    ada = chat.enter("ada", "General").say(text)
    assert ada.news() == ["error empty-text"]


async def test_the_welcome_tells_the_limits() -> None:
    settings = HubSettings(
        text_chars=7, line_bytes=8, rate_limit=9.5, rate_burst=10, rooms_per_session=11
    )
    async with chatting(settings) as chat:
        limits = chat.enter("ada").last(Welcome).limits
        assert (limits.text, limits.line, limits.rate, limits.burst) == (7, 8, 9.5, 10)
        assert (limits.rooms, limits.history) == (11, ask.MAX_HISTORY)
        assert limits.lines == MAX_TEXT_LINES


def test_buckets_are_kept_until_they_are_full_again() -> None:
    buckets = Buckets[str]()
    buckets.keep("ada", 5.0, 1.0)
    buckets.keep("ada", 3.0, 1.0)  # taken before the other one, and told later
    buckets.keep("ben", 2.0, 1.5)
    assert (buckets.of("ada"), buckets.of("ben"), buckets.of("eve")) == (5.0, 2.0, FULL)
    buckets.keep("eve", 9.0, 6.0)
    assert len(buckets) == 1
