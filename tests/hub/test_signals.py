"""What programs tell each other in a room: `Signal`. It is not logged."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import DirectRoom, Refused, Signalled
from hubbub.domain.rules import Speakers
from hubbub.hub.room import SIGNALS_A_SECOND
from tests.hub.chat import Chat, Person
from tests.hub.members import log_in as log_in_at
from tests.hub.members import register
from tests.hub.people import account, do, log_in, settle
from tests.hub.test_elsewhere import hear
from tests.hub.test_two_hubs import pair, tell


def signal(person: Person, room: str = "General", **fields: Any) -> Person:
    return person.send(ask.Signal(room=RoomName.parse(room), **({"text": "VERSION"} | fields)))


async def test_a_signal_comes_to_all_others_in_the_room_and_is_not_logged(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "General"), chat.enter("ben", "General")
    phone, eve = await log_in(chat, "ada", "General"), chat.enter("eve", "Kitchen")
    for person in (ada, ben, phone, eve):
        person.news()
    signal(ada, tags={"+draft/typing": "active"}, text="what?", notice=True)
    told = Signalled(
        room="General",
        by="ada",
        by_id=ben.last(Signalled).by_id,
        tags={"+draft/typing": "active"},
        text="what?",
        notice=True,
    )
    assert ben.last(Signalled) == phone.last(Signalled) == told
    assert ada.news() == eve.news() == []
    assert chat.log.waiting == 0


async def test_who_may_not_speak_or_is_not_there_signals_nothing(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.SetRules, "Lab", speak=Speakers.VOICES)
    signal(ben, "Lab")
    assert ben.last(Refused).code == "not-allowed"
    signal(ada, "Lab")
    assert ben.last(Signalled).by == "ada"
    eve = signal(chat.enter("eve"), "Lab")
    assert eve.last(Refused).code == "not-in-room"


async def test_where_signals_are_off_they_are_refused(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    state = chat.hub.rooms["general"].state
    state.facts = replace(state.facts, signals=False)
    ben.news()
    signal(ada)
    assert ada.last(Refused).code == "not-allowed"
    assert ben.news() == []


async def test_a_signal_has_no_more_tags_than_a_message(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    signal(ada, tags={f"+{number}": "x" * 512 for number in range(9)})
    assert ada.last(Refused).code == "text-too-long"


async def test_a_room_is_told_of_so_many_in_a_second_and_of_more_later(chat: Chat) -> None:
    ben = chat.enter("ben", "General")
    for number in range(3 * int(SIGNALS_A_SECOND)):
        signal(chat.enter(f"eve{number}", "General"))
    assert len(ben.all(Signalled)) == SIGNALS_A_SECOND
    chat.pass_time(1)
    signal(chat.enter("ada", "General"))
    assert ben.last(Signalled).by == "ada"


async def test_signals_go_through_a_direct_conversation(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    ada.send(ask.Direct(users=(UserName.parse("ben"),)))
    await settle(chat)
    room = ada.last(DirectRoom).room
    for person in (ada, ben):
        person.join(room)
        await settle(chat)
    signal(ada, room)
    assert (ben.last(Signalled).room, ben.last(Signalled).by) == (room, "ada")
    await do(ben, ask.Block, user="ada")
    signal(ada, room)
    assert ada.last(Refused).code == "not-allowed"


async def test_who_does_not_listen_to_a_direct_conversation_yet_hears_its_signals(
    chat: Chat,
) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    phone = await log_in(chat, "ada")
    ada.send(ask.Direct(users=(UserName.parse("ben"),)))
    await settle(chat)
    room = ada.last(DirectRoom).room
    ada.join(room)
    await settle(chat)
    for person in (ada, ben, phone):
        person.news()
    signal(ada, room)
    assert ben.news() == [f"ada signals in {room}: VERSION"]
    assert phone.news() == ada.news() == []


async def test_a_signal_is_told_at_other_servers_to_all_who_are_there() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada", "General")
        await tell(both)
        phone, ben = (
            await log_in_at(both.other, "ada", "General"),
            both.other.enter("ben", "General"),
        )
        hear(both)
        for person in (phone, ben, ada):
            person.news()
        signal(ada)
        hear(both)
        assert ben.news() == phone.news() == ["ada signals in General: VERSION"]
        assert ada.news() == []
        for _ in range(3 * int(SIGNALS_A_SECOND)):
            signal(ada)
        hear(both)
        assert len(ben.all(Signalled)) == SIGNALS_A_SECOND
