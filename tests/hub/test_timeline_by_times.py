"""Pages of a timeline whose place is given by a time."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.commands import MAX_HISTORY
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Page, Refused
from hubbub.domain.rules import HistoryFor
from tests.hub.chat import NOON, Chat, Person
from tests.hub.people import account, do, settle

GENERAL = RoomName.parse("General")
TEXTS = 60


async def talked(chat: Chat, *, forgets: bool = True) -> Person:
    """The text with the number n was said n seconds after noon, and is the event n + 1.

    ``forgets``: only the log has them.
    """
    ada = chat.enter("ada", "General")
    for number in range(1, TEXTS + 1):
        chat.seconds = number
        ada.say(str(number))
        chat.commit()
    await settle(chat)
    if forgets:
        chat.hub.rooms["general"].forget()
    return ada


async def page(person: Person, **fields: Any) -> list[int]:
    """The numbers of the events on it."""
    room = fields.pop("room", GENERAL)
    pages = len(person.all(Page))
    person.send(ask.Timeline(id="t", room=room, **{"limit": 4} | fields))
    await answered(person.chat)
    assert len(person.all(Page)) == pages + 1
    found = person.last(Page)
    assert found.re == "t"
    return [event.seq for event in found.events]


async def answered(chat: Chat) -> None:
    """The log is asked twice, each time in a turn."""
    for _ in range(5):
        await settle(chat)


def at(second: float) -> int:
    return NOON + int(second * 1000)


@pytest.mark.parametrize("forgets", [False, True])
@pytest.mark.parametrize("second", [10, 30, 55])
async def test_a_page_is_before_after_or_around_a_time(
    chat: Chat, second: int, forgets: bool
) -> None:
    ada, seq = await talked(chat, forgets=forgets), second + 1
    assert await page(ada, before_at=at(second)) == [*range(seq - 4, seq)]
    assert await page(ada, before_at=at(second) + 1) == [*range(seq - 3, seq + 1)]
    assert await page(ada, after_at=at(second)) == [*range(seq + 1, seq + 5)]
    assert await page(ada, after_at=at(second) - 1) == [*range(seq, seq + 4)]
    around = await page(ada, around_at=at(second))
    assert around == await page(ada, around=seq)
    assert seq in around


async def test_beyond_either_end_there_is_nothing(chat: Chat) -> None:
    ada = await talked(chat)
    assert await page(ada, before_at=NOON - 1) == await page(ada, before_at=-(2**40)) == []
    assert await page(ada, after_at=at(TEXTS)) == await page(ada, after_at=2**45) == []
    assert await page(ada, after_at=NOON - 1) == [1, 2, 3, 4]
    assert await page(ada, before_at=2**45) == [58, 59, 60, 61]
    assert await page(ada, around_at=2**45) == [58, 59, 60, 61]
    assert await page(ada, around_at=0) == [1, 2, 3, 4]


async def test_only_one_place_may_be_given(chat: Chat) -> None:
    ada = await talked(chat)
    for fields in ({"before": 5, "after_at": NOON}, {"before_at": NOON, "around_at": NOON}):
        ada.send(ask.Timeline(room=GENERAL, **fields))
        assert ada.last(Refused).code == "bad-message"


async def test_a_past_that_is_hidden_has_no_times(chat: Chat) -> None:
    ada, lab = await account(chat, "ada", "Lab"), RoomName.parse("Lab")
    for number in range(TEXTS):
        chat.seconds = number + 1
        ada.say(str(number), "Lab")
        chat.commit()
    await settle(chat)
    await do(ada, ask.SetRules, "Lab", history=HistoryFor.SINCE)
    ben = await account(chat, "ben", "Lab")
    joined = chat.hub.rooms["lab"].head
    chat.hub.rooms["lab"].forget()
    for fields in ({"after_at": NOON}, {"around_at": at(5)}):
        assert await page(ben, room=lab, limit=MAX_HISTORY, **fields) == [joined]
    assert await page(ben, room=lab, before_at=at(5)) == []


async def test_a_log_that_cannot_be_read_says_so(chat: Chat) -> None:
    ada = await talked(chat)
    chat.log.readable = False
    ada.send(ask.Timeline(room=GENERAL, before_at=at(10)))
    await answered(chat)
    assert ada.last(Refused).code == "log-unavailable"
