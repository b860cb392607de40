"""What a room is about: an event like all others, that everybody is told who comes in."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName
from hubbub.domain.text import MAX_TOPIC_CHARS
from hubbub.hub.access import ANYBODY
from tests.hub.chat import Chat, Person, chatting

GENERAL = RoomName.parse("General")


def set_topic(person: Person, topic: str, nonce: str | None = None) -> Person:
    return person.send(ask.SetTopic(room=GENERAL, topic=topic, nonce=nonce))


async def test_a_topic_is_shown_when_it_is_saved_and_told_to_all_who_come(chat: Chat) -> None:
    eve, ada = chat.enter("eve", "General"), chat.enter("ada", "General")
    eve.news()
    set_topic(ada, "  Verse\n and  prose ", "n")
    assert eve.news() == []
    chat.commit()
    assert eve.news() == ["General 3 ada: topic Verse and prose"]
    assert ada.news()[-1] == "ack General 3 n"
    ben = chat.enter("ben", "General")
    assert ben.last(told.RoomJoined).topic == "Verse and prose"
    ben.send(ask.Who(room=GENERAL))
    assert ben.last(told.Members).topic == "Verse and prose"
    assert [one.topic for one in chat.hub.room_list(ANYBODY).rooms] == ["Verse and prose"]


async def test_an_empty_topic_takes_it_away(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    set_topic(ada, "Verse")
    set_topic(ada, " ")
    chat.commit()
    assert chat.hub.rooms["general"].state.topic == ""
    assert chat.enter("ben", "General").last(told.RoomJoined).topic is None


async def test_a_resend_is_answered_with_the_first_outcome(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    set_topic(ada, "Verse", "n")
    chat.commit()
    set_topic(ada, "Verse", "n")
    chat.commit()
    acks = ada.all(told.Ack)
    assert [(ack.seq, ack.nonce) for ack in acks] == [(2, "n"), (2, "n")]
    assert chat.story() == ["1 ada joined", "2 ada: topic Verse"]


async def test_topics_and_texts_are_pipelined_in_their_order(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("before")
    set_topic(ada, "Verse")
    ada.say("behind")
    assert chat.drafts == 3
    chat.commit()
    assert chat.story()[1:] == ["2 ada: before", "3 ada: topic Verse", "4 ada: behind"]


async def test_who_is_outside_sets_no_topic(chat: Chat) -> None:
    chat.enter("eve", "General")
    ada = set_topic(chat.enter("ada"), "Verse", "n")
    await chat.quiet()
    assert ada.news() == ["error not-in-room n"]


async def test_a_topic_has_a_limit(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    set_topic(ada, "x" * (MAX_TOPIC_CHARS + 1))
    set_topic(ada, "a\0b")
    assert ada.news() == ["error text-too-long", "error bad-message"]
    set_topic(ada, "é" * MAX_TOPIC_CHARS)
    chat.commit()
    assert chat.hub.rooms["general"].state.topic == "é" * MAX_TOPIC_CHARS


async def test_a_topic_is_no_unread_text(chat: Chat) -> None:
    ben, ada = chat.enter("ben", "General"), chat.enter("ada", "General")
    ben.read(2)
    set_topic(ada, "ben, come and see")
    chat.commit()
    ben.send(ask.Rooms())
    room = ben.last(told.RoomList).rooms[0]
    assert (room.unread, room.mentions) == (0, 0)


async def test_a_topic_outlives_a_restart() -> None:
    async with chatting() as chat:
        set_topic(chat.enter("ada", "General"), "Verse")
        chat.commit()
        async with chatting(disk=chat.log.disk) as again:
            assert again.hub.rooms["general"].state.topic == "Verse"


async def test_a_nonce_stands_for_one_thing(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    set_topic(ada, "Verse", "n")
    ada.say("hello", nonce="n")
    chat.commit()
    assert [one for one in ada.news() if "General" not in one] == ["error bad-message n"]
    assert chat.story()[1:] == ["2 ada: topic Verse"]


async def test_a_room_with_a_topic_was_not_made_by_a_slip(chat: Chat) -> None:
    ada = chat.enter("ada", "Plan")
    ada.send(ask.SetTopic(room=RoomName.parse("Plan"), topic="Agenda"))
    chat.commit()
    ada.news()
    ada.send(ask.Delete(room=RoomName.parse("Plan")))
    assert ada.news() == ["error room-has-texts"]
