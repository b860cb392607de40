"""Who may not speak in a room says nothing in it by any way."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.events import UNSEQUENCED, AnyEvent, Muted, RulesSet
from hubbub.domain.names import RoomName
from hubbub.domain.rules import Speakers
from hubbub.hub.ports import Draft
from tests.hub.chat import NOON, Chat, Person

GENERAL = RoomName.parse("General")


async def happens(chat: Chat, event: AnyEvent) -> None:
    chat.hub.log.append(Draft(GENERAL, event))
    chat.commit()
    await chat.quiet()


def refusals(person: Person) -> list[str]:
    """Why neither a text nor a topic of that person was taken."""
    why = []
    for command in (
        ask.Say(room=GENERAL, text="hello"),
        ask.Say(room=GENERAL, text="hello", outside=True),
        ask.SetTopic(room=GENERAL, topic="hello"),
    ):
        person.send(command)
        why.append(person.last(told.Refused).message)
    return why


async def test_who_is_muted_can_neither_speak_nor_set_the_topic_until_it_is_over(
    chat: Chat,
) -> None:
    eve = chat.enter("eve", "General")
    assert eve.session.user is not None
    muted = Muted(
        UNSEQUENCED, NOON, "ada", "eve", eve.session.user.id, until=chat.hub.clock() + 600_000
    )
    await happens(chat, muted)
    assert refusals(eve) == ["You are muted in General for 10 minutes."] * 3
    chat.pass_time(600)
    eve.say("sorry")
    chat.commit()
    assert eve.last(told.Ack).seq == chat.hub.rooms["general"].head


@pytest.mark.parametrize(
    "speak, why",
    [
        (Speakers.VOICES, "In General only people with a role speak."),
        (Speakers.MEMBERS, "In General only people with an account speak: /register makes one."),
    ],
)
async def test_where_not_everybody_speaks_the_topic_is_no_way_round_it(
    chat: Chat, speak: Speakers, why: str
) -> None:
    eve = chat.enter("eve", "General")
    await happens(chat, RulesSet(UNSEQUENCED, NOON, "ada", speak=speak))
    assert refusals(eve) == [why] * 3
