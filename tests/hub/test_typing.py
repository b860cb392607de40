"""Somebody is writing: told to the others who are there, and not logged."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.names import RoomName
from tests.hub.chat import Chat

TYPING = ask.Typing(room=RoomName.parse("General"))


async def test_typing_is_told_to_the_others_in_the_room_only(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    phone = chat.connect().hello("ada", ada.token).join()
    elsewhere = chat.enter("eve", "Kitchen")
    await chat.quiet()
    for person in (ada, ben, phone, elsewhere):
        person.news()
    ada.send(TYPING)
    assert ben.news() == ["ada is typing in General"]
    assert ada.news() == phone.news() == elsewhere.news() == []
    assert chat.log.waiting == 0


async def test_a_line_client_is_not_told_of_typing_but_may_be_in_the_room(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General", line=True)
    ben.news()
    ada.send(TYPING)
    assert ben.news() == []


async def test_typing_where_one_is_not_is_refused(chat: Chat) -> None:
    assert chat.enter("ada").send(TYPING).news() == ["error not-in-room"]


async def test_in_a_crowd_of_a_thousand_that_all_type_a_room_is_told_of_five(chat: Chat) -> None:
    ben = chat.enter("ben", "General")
    crowd = [chat.enter(f"eve{number}", "General") for number in range(1000)]
    await chat.quiet()
    ben.news()
    for person in crowd:
        person.send(TYPING)
    assert len(ben.news()) == 5
