"""Texts that answer others: what may be answered, and that everyone is shown it."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.events import Quote, Said
from hubbub.domain.ids import user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Page, Refused
from hubbub.hub import replying
from hubbub.hub.tail import TAIL_EVENTS
from tests.hub.chat import NOON, Chat, Person

GENERAL = RoomName.parse("General")
QUOTE = Quote("ada", "who is there?", user_id(1))


def say_to(person: Person, name: str, text: str) -> None:
    person.send(ask.SayTo(room=GENERAL, to=UserName.parse(name), text=text))


def fill(chat: Chat, person: Person, texts: int) -> None:
    """So much is said that what was said before is only on disk."""
    for number in range(texts):
        person.say(f"filler {number}")
        chat.commit()


async def test_a_reply_is_shown_with_what_it_answers_live_and_in_the_history(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("who is there?")
    chat.commit()
    ben.say("me", reply_to=3, nonce="n")
    chat.commit()
    answer = Said(4, NOON + 3, "ben", "me", 3, QUOTE, by_id=user_id(2))
    assert ada.shown()[-1] == ben.shown()[-1] == answer
    assert ben.news()[-1] == "ack General 4 n"
    eve = chat.enter("eve", "General")
    assert answer in eve.shown()
    eve.send(ask.History(room=GENERAL, before=5, limit=1))
    assert list(eve.last(Page).events) == [answer]


async def test_what_cannot_be_answered_is_refused_and_nothing_is_said(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("hello").ping().say("?", reply_to=1, nonce="a").say("?", reply_to=3, nonce="b")
    chat.commit()
    await chat.quiet()
    assert chat.story() == ["1 ada joined", "2 ada: hello"]
    assert [(refused.code, refused.nonce) for refused in ada.all(Refused)] == [
        ("bad-message", "a"),
        ("bad-message", "b"),
    ]


async def test_a_text_that_is_only_on_disk_can_be_answered_and_order_is_kept(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("who is there?")
    fill(chat, ada, 2 * TAIL_EVENTS)
    before = len(chat.story())
    ada.say("first").say("me", reply_to=2).say("last")
    await chat.quiet()
    chat.commit()
    assert chat.story()[before:] == [
        f"{before + 1} ada: first",
        f"{before + 2} ada to 2: me",
        f"{before + 3} ada: last",
    ]
    answer = ada.shown()[-2]
    assert isinstance(answer, Said)
    assert answer.quote == QUOTE


async def test_old_texts_are_looked_up_in_turn_with_others_who_read_the_log(chat: Chat) -> None:
    """Whoever answers old texts all the time has no more of the reading threads than others."""
    ada, eve = chat.enter("ada", "General"), chat.enter("eve", "General")
    ada.say("who is there?")
    fill(chat, ada, 5 * TAIL_EVENTS)
    before = len(chat.story())
    async with chat.hub.pages.turn("ben"), chat.hub.pages.turn("cyd"):
        eve.say("me", reply_to=3)
        say_to(ada, "nobody", "?")
        await chat.quiet()
        assert chat.hub.pages.waiting == 1 + 1
        eve.lose_connection()
    await chat.quiet()
    chat.commit()
    assert chat.hub.pages.waiting == 0
    assert chat.story()[before:] == [], "who has gone needs no answer"
    assert ada.last(Refused).code == "bad-message"


async def test_a_join_that_is_only_on_disk_cannot_be_answered(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    fill(chat, ada, 2 * TAIL_EVENTS)
    ada.say("?", reply_to=1, nonce="n").ping()
    await chat.quiet()
    assert ada.news()[-2:] == ["error bad-message n", "pong"]


async def test_while_the_log_cannot_be_read_old_texts_cannot_be_answered(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    fill(chat, ada, 2 * TAIL_EVENTS)
    chat.log.readable = False
    ada.say("?", reply_to=2, nonce="n").ping()
    await chat.quiet()
    assert ada.news()[-2:] == ["error log-unavailable n", "pong"]


async def test_who_is_gone_while_the_text_is_looked_up_has_said_nothing(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    fill(chat, ada, 2 * TAIL_EVENTS)
    ada.say("?", reply_to=2)
    ada.lose_connection()
    await chat.quiet()
    assert chat.log.waiting == 0


async def test_the_newest_text_of_a_name_is_answered(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General", line=True)
    ada.say("no").say("yes")
    chat.commit()
    say_to(ben, "ADA", "Good.")
    chat.commit()
    assert chat.story()[-1] == "5 ben to 4: Good."
    fill(chat, ben, 2 * TAIL_EVENTS)
    say_to(ben, "ada", "Still good.")
    await chat.quiet()
    chat.commit()
    assert chat.story()[-1].endswith("ben to 4: Still good.")


@pytest.mark.parametrize("name", ["eve", "nobody"])
async def test_who_said_nothing_lately_cannot_be_answered(
    chat: Chat, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replying, "LOOK_BACK", TAIL_EVENTS)
    eve, ada = chat.enter("eve", "General"), chat.enter("ada", "General")
    eve.say("long ago")
    chat.commit()
    fill(chat, ada, 2 * TAIL_EVENTS)
    say_to(ada, name, "hello?")
    await chat.quiet()
    refused = ada.last(Refused)
    assert refused.code == "bad-message"
    assert refused.message.startswith(f'Nobody called "{name}" has said anything in General lately')
    assert chat.log.waiting == 0
