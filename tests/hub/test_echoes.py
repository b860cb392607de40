"""Formats that do not echo: a session is not shown its own messages again, others are."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Ack
from hubbub.domain.rules import HistoryFor
from hubbub.hub.echoes import MOST
from tests.hub.chat import SILENT, Chat, Person
from tests.hub.people import account, do, log_in, settle

GENERAL = RoomName.parse("General")


def quietly(person: Person, room: str = "General") -> Person:
    """Comes into ``room``, and is shown nothing of the past, nor what they say themselves."""
    person.format = SILENT
    return person.send(ask.Join(room=RoomName.parse(room), page=0))


async def silent(chat: Chat, name: str) -> Person:
    person = quietly(chat.enter(name))
    await settle(chat)
    person.news()
    return person


async def test_a_session_whose_wire_does_not_echo_gets_the_ack_alone(chat: Chat) -> None:
    ada, ben, eve = await silent(chat, "ada"), await silent(chat, "ben"), chat.enter("eve")
    eve.join()
    await settle(chat)
    for one in (ada, ben, eve):
        one.news()
    ada.say("hello")
    await settle(chat)
    assert ada.news() == ["ack General 4"]
    assert ben.news() == eve.news() == ["General 4 ada: hello"]


async def test_what_others_say_in_the_same_commit_comes_in_its_order(chat: Chat) -> None:
    ada, ben = await silent(chat, "ada"), await silent(chat, "ben")
    await settle(chat)
    ada.news()
    ada.say("1")
    ben.say("2")
    ada.say("3")
    ben.say("4")
    chat.commit()
    assert ada.story() == ["2 ben joined", "4 ben: 2", "6 ben: 4"]
    assert ben.story() == ["3 ada: 1", "5 ada: 3"]
    ada.say("5")
    chat.commit()
    assert ben.story()[-1] == "7 ada: 5"
    assert len(ada.all(Ack)) == 3


async def test_another_session_of_the_same_user_is_shown_the_message(chat: Chat) -> None:
    await account(chat, "ada")
    first, second = await log_in(chat, "ada"), await log_in(chat, "ada")
    quietly(first)
    quietly(second)
    await settle(chat)
    first.news()
    second.news()
    first.say("hello")
    await settle(chat)
    assert first.news() == ["ack General 2"]
    assert second.news() == ["General 2 ada: hello"]


async def test_what_changes_ones_own_message_is_not_shown_and_what_happens_in_the_room_is(
    chat: Chat,
) -> None:
    ada, ben = await silent(chat, "ada"), await silent(chat, "ben")
    ada.say("helo")
    await settle(chat)
    ada.send(ask.Edit(room=GENERAL, target=3, text="hello"))
    ada.send(ask.React(room=GENERAL, target=3, emoji="👍"))
    ada.send(ask.SetTopic(room=GENERAL, topic="soup"))
    ada.send(ask.Redact(room=GENERAL, target=3))
    await settle(chat)
    assert ada.story() == ["2 ben joined", "6 ada: topic soup"]
    assert ben.story()[1:] == [
        "4 ada edits 3: hello",
        "5 ada +👍 3",
        "6 ada: topic soup",
        "7 ada takes back 3",
    ]


async def test_a_session_that_is_behind_catches_up_without_its_own_messages(chat: Chat) -> None:
    ada, ben = await silent(chat, "ada"), await silent(chat, "ben")
    ada.stop_reading()
    chat.hub.handle(ada.session, ask.Say(room=GENERAL, text="mine"))
    ben.say("his")
    chat.commit()
    chat.hub.handle(ada.session, ask.Say(room=GENERAL, text="mine again"))
    chat.commit()
    ada.read_on()
    await settle(chat)
    ben.say("live")
    await settle(chat)
    ada.say("and mine")
    await settle(chat)
    assert ada.story() == ["2 ben joined", "4 ben: his", "6 ben: live"]
    assert ben.story()[-1] == "7 ada: and mine"


async def test_what_is_caught_up_with_from_the_log_is_without_them_too(chat: Chat) -> None:
    ada, ben = await silent(chat, "ada"), await silent(chat, "ben")
    ada.stop_reading()
    for number in range(3):
        chat.hub.handle(ada.session, ask.Say(room=GENERAL, text=f"mine {number}"))
    chat.commit()
    ben.say("his")
    chat.commit()
    chat.hub.rooms["general"].forget()
    ada.read_on()
    await settle(chat)
    assert ada.story() == ["2 ben joined", "6 ben: his"]
    assert chat.hub.catchup.pages_read == 1


async def test_who_has_said_all_there_is_behind_is_live_without_a_word(chat: Chat) -> None:
    ada, ben = await silent(chat, "ada"), await silent(chat, "ben")
    for forget in (False, True):
        await settle(chat)
        ada.news()
        ada.stop_reading()
        chat.hub.handle(ada.session, ask.Say(room=GENERAL, text="mine"))
        chat.commit()
        if forget:
            chat.hub.rooms["general"].forget()
        ada.read_on()
        await settle(chat)
        ben.say("hello")
        await settle(chat)
        assert [word for word in ada.news() if "ada" in word] == []
        assert ada.story()[-1].endswith("ben: hello")


async def test_of_very_many_own_messages_the_oldest_are_shown_in_the_end(chat: Chat) -> None:
    ada = await silent(chat, "ada")
    ada.stop_reading()
    for number in range(MOST + 2):
        chat.hub.handle(ada.session, ask.Say(room=GENERAL, text=str(number)))
        chat.commit()
    ada.read_on()
    await settle(chat)
    assert ada.story() == ["2 ada: 0", "3 ada: 1"]


async def test_who_leaves_and_comes_back_is_shown_the_past_with_their_own_words(
    chat: Chat,
) -> None:
    ada = await silent(chat, "ada")
    ada.stop_reading()
    chat.hub.handle(ada.session, ask.Say(room=GENERAL, text="mine"))
    chat.commit()
    ada.read_on()
    ada.leave()
    ada.join()
    await settle(chat)
    assert ada.story() == ["1 ada joined", "2 ada: mine", "3 ada left", "4 ada joined"]


async def test_where_the_past_is_hidden_own_messages_are_too(chat: Chat) -> None:
    eve = await account(chat, "eve", "Lab")
    eve.say("old", "Lab")
    await settle(chat)
    await do(eve, ask.SetRules, "Lab", history=HistoryFor.SINCE)
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    quietly(ada, "Lab")
    quietly(ben, "Lab")
    await settle(chat)
    ada.news()
    ben.news()
    ada.say("hello", "Lab")
    eve.say("an answer", "Lab", reply_to=2)
    chat.commit()
    assert ben.news() == ["Lab 6 ada: hello", "Lab 7 eve to 2: an answer"]
    assert ada.story("Lab")[-1] == "7 eve to 2: an answer"
    assert "ada: hello" not in " ".join(ada.story("Lab"))


async def test_what_one_amends_is_one_s_own_and_other_things_in_the_room_are_not(
    chat: Chat,
) -> None:
    ada, ben = await silent(chat, "ada"), await silent(chat, "ben")
    await settle(chat)
    ada.news()
    ben.say("tea?")
    await settle(chat)
    seq = chat.hub.rooms["general"].head
    ben.news()
    ada.news()
    ada.send(ask.React(room=GENERAL, target=seq, emoji="🍵"))
    await settle(chat)
    assert ada.news() == [f"ack General {seq + 1}"]
    assert len(ben.news()) == 1
    ada.send(ask.SetTopic(room=GENERAL, topic="tea"))
    await settle(chat)
    assert len(ada.news()) == 2  # a topic all are shown, also by whom


async def test_a_session_that_reads_otherwise_from_now_on_is_shown_the_next_text_so(
    chat: Chat,
) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    stalled = chat.enter("eve", "General")
    chat.hub.stall(stalled.session)
    ada.say("one")
    chat.commit()
    for one in (ben, stalled):
        before, one.format = one.format, SILENT
        chat.hub.reformat(one.session, before)
    room = chat.hub.rooms["general"]
    assert {format for format, readers in room.live.items() if ben.session in readers} == {SILENT}
    ben.news()
    ben.say("two")
    chat.commit()
    assert [line for line in ben.news() if "two" in line] == []
    ben.leave("General")
    assert all(ben.session not in readers for readers in room.live.values())
    chat.hub.unstall(stalled.session)
    assert stalled.story()[-1].endswith("ben: two")
