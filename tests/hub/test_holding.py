"""A session that is in a room, and is given nothing of it yet: `Join.hold`."""

from __future__ import annotations

from typing import Any

from hubbub.domain import commands as ask
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Goodbye, Page, RoomJoined
from tests.hub.chat import Chat, Person, word
from tests.hub.people import account, settle

GENERAL = RoomName.parse("General")


async def held(chat: Chat, texts: int = 3) -> tuple[Person, Person]:
    """ada is in a room, and is given nothing; and ben, who has said something there."""
    ben = chat.enter("ben", "General")
    for number in range(texts):
        ben.say(f"text {number}")
    await settle(chat)
    ada = await account(chat, "ada")
    await join(ada, page=0, hold=True)
    return ada, ben


async def join(person: Person, **more: Any) -> None:
    person.send(ask.Join(room=GENERAL, **more))
    await settle(person.chat)


async def test_what_happens_waits_until_the_session_says_so(chat: Chat) -> None:
    ada, ben = await held(chat)
    assert ada.last(RoomJoined).head == 5
    ben.say("meanwhile")
    await settle(chat)
    assert ada.story() == []
    ada.send(ask.Timeline(room=GENERAL, after=2, limit=2))
    assert [word(event) for event in ada.last(Page).events] == ["3 ben: text 1", "4 ben: text 2"]
    await join(ada, after=4)
    assert ada.story() == ["5 ada joined", "6 ben: meanwhile"]
    ben.say("now")
    await settle(chat)
    assert ada.story()[2:] == ["7 ben: now"]


async def test_a_session_that_is_there_may_be_held_as_well(chat: Chat) -> None:
    ada, ben = await held(chat)
    await join(ada, after=5)
    await join(ada, hold=True)
    ben.say("meanwhile")
    await settle(chat)
    assert ada.story() == []
    await join(ada)
    assert ada.story() == ["6 ben: meanwhile"]


async def test_an_outbox_that_has_room_again_ends_no_hold(chat: Chat) -> None:
    ada, ben = await held(chat)
    ada.stop_reading()
    ben.say("meanwhile")
    await settle(chat)
    ada.read_on()
    await settle(chat)
    assert ada.story() == []


async def test_who_says_goodbye_is_not_waited_for(chat: Chat) -> None:
    ada, ben = await held(chat)
    ben.say("meanwhile")
    await settle(chat)
    ada.bye()
    await settle(chat)
    assert ada.last(Goodbye).reason == "bye"
    assert ada.hung_up


async def test_who_leaves_and_comes_again_is_given_what_happens(chat: Chat) -> None:
    ada, ben = await held(chat)
    ada.leave()
    await settle(chat)
    await join(ada, page=0)
    ben.say("now")
    await settle(chat)
    assert ada.story()[-1].endswith("ben: now")
