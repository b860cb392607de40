"""The hub closes: what is on its way is saved, and everybody is told."""

from __future__ import annotations

import asyncio

from hubbub.domain.replies import Goodbye
from tests.hub.chat import Chat, chatting


async def test_texts_on_their_way_are_saved_and_acknowledged_before_the_goodbye(
    chat: Chat,
) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.news()
    ada.say("last words", nonce="n")
    closing = asyncio.ensure_future(chat.hub.close())
    await chat.quiet()
    assert ada.news() == []
    chat.commit()
    await closing
    assert ada.news() == ["General 3 ada: last words", "ack General 3 n", "goodbye shutting-down"]
    assert ben.story()[-1] == "3 ada: last words"
    assert ada.hung_up
    assert ben.hung_up
    assert "saved" in ada.last(Goodbye).message


async def test_what_comes_while_it_closes_is_refused(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("in time", nonce="1")
    closing = asyncio.ensure_future(chat.hub.close())
    await chat.quiet()
    ada.say("too late", nonce="2")
    chat.commit()
    await closing
    assert ada.news() == [
        "error shutting-down 2",
        "General 2 ada: in time",
        "ack General 2 1",
        "goodbye shutting-down",
    ]
    assert chat.story() == ["1 ada joined", "2 ada: in time"]


async def test_line_clients_have_left_and_guests_find_their_seats_held(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General", line=True)
    await chat.hub.close()
    chat.commit()
    assert chat.story() == ["1 ada joined", "2 ben joined", "3 ben left"]
    assert ben.hung_up
    for person in (ada, ben):
        person.lose_connection()
    assert chat.log.waiting == 0, "the sockets close after the sessions"
    async with chatting(disk=chat.log.disk) as after:
        again = after.connect().hello("ada", ada.token).join(after=2)
        await after.quiet()
        assert again.story() == ["3 ben left"]


async def test_a_join_on_its_way_is_told_to_nobody_who_is_gone(chat: Chat) -> None:
    ada, ben = chat.enter("ada"), chat.enter("ben", line=True)
    ada.join()
    ben.join()
    eve = chat.connect().hello("eve")
    await chat.hub.close()
    for person in (ada, ben, eve):
        person.open = False
    chat.commit()
    assert chat.story() == ["1 ada joined", "2 ben joined", "3 ben left"]
    assert chat.hub.rooms["general"].live == {}


async def test_a_refused_join_is_told_to_nobody_who_is_gone(chat: Chat) -> None:
    ada = chat.enter("ada").join()
    await chat.hub.close()
    ada.open = False
    chat.fail()
    assert chat.story() == []


async def test_closing_a_hub_where_nobody_is_ends_at_once(chat: Chat) -> None:
    await chat.hub.close()
    assert not chat.hub.sessions


async def test_a_goodbye_is_answered_when_the_leave_is_on_disk(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.news()
    ada.bye()
    assert ada.news() == []
    chat.commit()
    assert ada.news() == ["goodbye bye"]
    assert ada.hung_up
    assert ben.news()[-1] == "General 3 ada left"
    assert chat.members() == ["ben"]


async def test_a_goodbye_from_several_rooms_is_answered_when_all_leaves_are_on_disk(
    chat: Chat,
) -> None:
    ada = chat.enter("ada", "General")
    ada.join("Tea")
    chat.commit()
    ada.news()
    ada.bye()
    chat.commit(1)
    assert not ada.hung_up
    chat.commit()
    assert ada.news() == ["goodbye bye"]


async def test_a_disk_that_does_not_answer_keeps_nobody_who_leaves_for_longer_than_a_second(
    chat: Chat,
) -> None:
    ada = chat.enter("ada", "General")
    ada.news()
    ada.bye()
    chat.pass_time(0.9)
    assert ada.news() == []
    chat.pass_time(0.1)
    assert ada.news() == ["goodbye bye"]
    assert ada.hung_up
    chat.commit()
    assert ada.news() == []
    assert chat.members() == []


async def test_a_leave_that_the_disk_refuses_keeps_nobody_for_longer_than_a_second(
    chat: Chat,
) -> None:
    ada = chat.enter("ada", "General")
    ada.bye()
    ada.news()
    chat.fail()
    assert ada.news() == []
    chat.pass_time(1)
    assert ada.news() == ["goodbye bye"]
    assert ada.hung_up


async def test_who_has_another_connection_there_waits_for_nothing(chat: Chat) -> None:
    tab = chat.enter("ada", "General")
    phone = chat.connect().hello("ada", tab.token).join()
    tab.bye()
    assert tab.hung_up
    phone.news()
    phone.bye()
    assert phone.news() == []


async def test_who_is_in_no_room_waits_for_nothing(chat: Chat) -> None:
    nobody = chat.connect().bye()
    assert nobody.hung_up
    ada = chat.connect().hello("ada")
    chat.commit()
    ada.bye()
    assert ada.hung_up


async def test_nothing_is_written_to_who_did_not_wait_for_the_end(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.bye()
    ada.lose_connection()
    chat.commit()
    assert chat.lost_words == 0
    assert not ada.hung_up
