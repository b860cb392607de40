"""Texts on their way: acks, resends, pipelining, the barrier."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Ack
from hubbub.hub.session import MAX_IN_FLIGHT
from hubbub.hub.settings import HubSettings
from tests.hub.chat import NOON, Chat, chatting

GENERAL = RoomName.parse("General")


async def test_nobody_sees_a_text_that_is_not_on_disk(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.news()
    ben.news()
    ada.say("hello", nonce="n1")
    await chat.quiet()
    assert ada.news() == ben.news() == []
    chat.commit()
    assert ben.story()[-1] == "3 ada: hello"


async def test_the_sender_sees_the_text_as_everyone_does_and_then_the_ack(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    chat.seconds = 5.0
    ada.send(ask.Say(id="q", room=GENERAL, text="hello", nonce="n1"))
    chat.commit()
    assert ada.news() == ["General 2 ada: hello", "ack General 2 n1"]
    assert ada.last(Ack) == Ack(re="q", room="General", seq=2, at=NOON + 5000, nonce="n1")


async def test_texts_of_one_session_are_pipelined(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    for number in range(10):
        ada.say(f"text {number}", nonce=str(number))
    assert chat.log.waiting == 10
    chat.commit(4)
    assert ada.news() == [
        *(f"General {2 + number} ada: text {number}" for number in range(4)),
        *(f"ack General {2 + number} {number}" for number in range(4)),
    ]
    chat.commit()
    assert len(ada.all(Ack)) == 10


async def test_texts_of_several_people_keep_the_order_in_which_they_came(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("one")
    ben.say("two")
    ada.say("three")
    chat.commit()
    assert chat.story()[2:] == ["3 ada: one", "4 ben: two", "5 ada: three"]


async def test_a_ping_is_answered_when_all_before_it_is_saved_shown_and_acknowledged(
    chat: Chat,
) -> None:
    ada = chat.enter("ada", "General", "Kitchen")
    ada.say("one").say("two", "Kitchen").ping().say("three")
    assert ada.news() == []
    chat.commit(1)
    assert ada.news() == ["General 2 ada: one", "ack General 2"]
    chat.commit(1)
    assert ada.news() == ["Kitchen 2 ada: two", "ack Kitchen 2", "pong"]
    assert chat.log.waiting == 1, "what was sent behind the ping goes on"


@pytest.mark.parametrize(
    "command",
    [
        ask.Rooms(),
        ask.Ping(),
        ask.Bye(),
        ask.Who(room=GENERAL),
        ask.History(room=GENERAL),
        ask.Leave(room=GENERAL),
        ask.Join(room=GENERAL),
        ask.Typing(room=GENERAL),
    ],
)
async def test_every_command_but_say_waits_for_the_texts_before_it(
    chat: Chat, command: ask.Command
) -> None:
    ada = chat.enter("ada", "General")
    ada.say("first").send(command)
    assert ada.news() == []
    chat.commit()
    assert ada.news()[:2] == ["General 2 ada: first", "ack General 2"]


async def test_a_text_said_before_leaving_is_in_the_log_before_the_leave(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("farewell").leave()
    chat.commit()
    assert chat.story() == ["1 ada joined", "2 ada: farewell", "3 ada left"]


async def test_a_resend_in_flight_is_one_event_and_two_equal_acks(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("hello", nonce="n").say("hello", nonce="n")
    chat.commit()
    assert [ack.seq for ack in ada.all(Ack)] == [3, 3]
    assert ben.story() == chat.story() == ["1 ada joined", "2 ben joined", "3 ada: hello"]


async def test_a_resend_after_the_commit_gets_the_first_ack_again(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("hello", nonce="n")
    chat.commit()
    chat.seconds += 60
    ada.say("hello", nonce="n")
    chat.commit()
    first, second = ada.all(Ack)
    assert first == second
    assert chat.story() == ["1 ada joined", "2 ada: hello"]
    assert chat.hub.stats()["duplicates"] == 1


async def test_a_resend_over_a_new_connection_gets_the_first_ack(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("hello", nonce="n")
    ada.lose_connection()
    again = chat.connect().hello("ada", ada.token).join(after=1).say("hello", nonce="n")
    chat.commit()
    await chat.quiet()
    assert chat.story() == ["1 ada joined", "2 ada: hello"]
    assert again.story() == ["2 ada: hello"]
    assert again.last(Ack).seq == 2


async def test_a_resend_after_a_restart_gets_the_first_ack(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("hello", nonce="n")
    chat.commit()
    async with chatting(disk=chat.log.disk) as after:
        again = after.connect().hello("ada", ada.token).join(after=1).say("hello", nonce="n")
        after.commit()
        await after.quiet()
        assert again.story() == ["2 ada: hello"]
        assert again.last(Ack) == ada.last(Ack)


async def test_the_same_nonce_of_two_people_is_two_texts(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("from ada", nonce="1")
    ben.say("from ben", nonce="1")
    chat.commit()
    assert chat.story()[2:] == ["3 ada: from ada", "4 ben: from ben"]


async def test_texts_without_a_nonce_are_never_taken_for_each_other(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("ha").say("ha")
    chat.commit()
    assert chat.story()[1:] == ["2 ada: ha", "3 ada: ha"]


async def test_a_text_that_was_refused_may_be_resent_with_its_nonce(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("hello", nonce="n")
    chat.fail()
    ada.say("hello", nonce="n")
    chat.commit()
    assert ada.news() == ["error log-unavailable n", "General 2 ada: hello", "ack General 2 n"]


async def test_what_one_said_before_the_connection_was_lost_is_saved(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("last words")
    ada.lose_connection()
    chat.commit()
    assert ben.story()[-1] == "3 ada: last words"


async def test_a_session_has_so_many_texts_on_their_way_and_no_more(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    for number in range(MAX_IN_FLIGHT + 10):
        ada.say(f"text {number}")
    assert chat.log.waiting == MAX_IN_FLIGHT
    assert ada.session.blocked
    chat.commit()
    await chat.quiet()
    assert len(ada.all(Ack)) == MAX_IN_FLIGHT + 10
    assert len(chat.story()) == 1 + MAX_IN_FLIGHT + 10


async def test_a_full_queue_blocks_those_who_talk_and_lets_them_go_on_later() -> None:
    async with chatting(HubSettings(rate_limit=0, queue_events=10)) as chat:
        ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
        eve = chat.enter("eve", "General")
        for number in range(30):
            ada.say(f"text {number}")
        ben.say("and me?").ping()
        assert chat.log.waiting == 10
        assert ada.session.blocked
        assert ben.session.blocked
        assert not eve.session.blocked
        assert eve.ping().news()[-1] == "pong", "who says nothing is not held up"
        while chat.log.waiting:
            assert chat.log.waiting <= 10
            chat.commit(1)
        texts = chat.story()[3:]
        assert len(texts) == 31
        assert [text for text in texts if " ada: " in text] == [
            text for text in eve.story() if " ada: " in text
        ]
        assert ben.news()[-1] == "pong"


async def test_the_queue_is_bounded_in_bytes_as_well() -> None:
    async with chatting(HubSettings(rate_limit=0, queue_bytes=10_000)) as chat:
        ada = chat.enter("ada", "General")
        for _ in range(10):
            ada.say("x" * 3000)
        assert chat.log.waiting == 4
        chat.commit()
        assert len(chat.story()) == 11


async def test_who_waits_for_the_queue_and_is_lost_holds_nobody_up() -> None:
    async with chatting(HubSettings(rate_limit=0, queue_events=2)) as chat:
        ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
        ada.say("one").say("two").say("never sent")
        ben.say("three")
        ada.lose_connection()
        chat.commit()
        assert chat.story()[2:] == ["3 ada: one", "4 ada: two", "5 ben: three"]


@pytest.mark.parametrize("before", [0, 20])
async def test_a_nonce_of_another_room_is_a_new_one(before: int) -> None:
    """Or an event of one room would be shown in the other, or looked for there without an end."""
    async with chatting() as chat:
        ada, eve = chat.enter("ada", "General", "Kitchen"), chat.enter("eve", "General", "Kitchen")
        for number in range(before):
            eve.say(f"text {number}")
        eve.say("between us", nonce="1").say("to all", "Kitchen", nonce="1")
        chat.commit()
        await chat.quiet()
        ada.say("hello", "Kitchen", nonce="1")
        chat.commit()
        await chat.quiet()
        for person in (ada, eve):
            assert person.story("Kitchen")[-2:] == ["3 eve: to all", "4 ada: hello"]
            assert person.story() == chat.story()[-len(person.story()) :]
        eve.news()
        eve.say("to all", "Kitchen", nonce="1")
        chat.commit()
        assert eve.news() == ["ack Kitchen 3 1"], "and in its own room it is known"
