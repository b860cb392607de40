"""Messages are amended at two servers on one log, and both show and keep the same."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.events import Reacted, Said
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName
from hubbub.hub.access import ANYBODY
from tests.hub.chat import Chat, Person
from tests.hub.members import settle
from tests.hub.several import Server, Several, several

GENERAL = RoomName.parse("General")


async def two(servers: Several) -> tuple[Server, Server, Person, Person]:
    """Ada at one server has said "hello", and ben is at the other one."""
    one, other = await servers.add(), await servers.add()
    ada, ben = one.enter("ada"), other.enter("ben")
    for person in (ada, ben):
        person.join()
        await servers.tell()
    ada.say("hello")
    await servers.tell()
    return one, other, ada, ben


def hello(person: Person) -> int:
    return next(one.seq for one in person.shown() if isinstance(one, Said))


async def forms(chat: Chat) -> list[tuple[Any, ...]]:
    page = await chat.hub.timeline(ANYBODY, GENERAL)
    return [
        (one.seq, one.text, one.rev, str(one.redacted), str(one.reactions))
        for one in page.events
        if is_message(one)
    ]


async def the_same_everywhere(*chats: Chat) -> None:
    found = [await forms(chat) for chat in chats]
    for chat in chats:
        chat.hub.rooms["general"].forget()
        found.append(await forms(chat))
    assert found == found[:1] * len(found)


async def test_what_is_amended_at_one_server_is_shown_at_the_other() -> None:
    async with several(0) as servers:
        one, other, ada, ben = await two(servers)
        seq = hello(ada)
        ada.send(ask.Edit(room=GENERAL, target=seq, text="hello all"))
        await servers.tell()
        ben.send(ask.React(room=GENERAL, target=seq, emoji="👍"))
        await servers.tell()
        ada.send(ask.Redact(room=GENERAL, target=seq))
        await servers.tell()
        assert ada.story()[-3:] == ben.story()[-3:]
        counts = [event.count for event in ada.shown() if isinstance(event, Reacted)]
        assert counts == [1]
        await the_same_everywhere(one, other)
        assert "hello" not in str(await forms(other))


@pytest.mark.parametrize("first", ["edit", "take back"])
async def test_of_two_servers_at_once_the_log_decides(first: str) -> None:
    async with several(0) as servers:
        one, other, ada, ben = await two(servers)
        seq = hello(ada)
        edit = ask.Edit(room=GENERAL, target=seq, text="changed", nonce="e")
        react = ask.React(room=GENERAL, target=seq, emoji="👍", nonce="r")
        redact = ask.Redact(room=GENERAL, target=seq, nonce="t")
        ada.send(redact if first == "take back" else edit)
        ben.send(react)
        for chat in (one, other) if first == "take back" else (other, one):
            await settle(chat)
        if first == "edit":
            ada.send(redact)
        await servers.tell()
        refused = [refusal.nonce for refusal in ben.all(told.Refused)]
        assert refused == (["r"] if first == "take back" else [])
        await the_same_everywhere(one, other)
        assert ada.story()[-1] == ben.story()[-1]


async def test_wake_ups_that_are_lost_or_come_in_another_order_change_nothing() -> None:
    async with several(0) as servers:
        one, other, ada, ben = await two(servers)
        seq = hello(ada)
        for text in ("a", "b", "c"):
            ada.send(ask.Edit(room=GENERAL, target=seq, text=text))
            ada.send(ask.React(room=GENERAL, target=seq, emoji="👍", on=text != "b"))
            await settle(one)
        other.end.arrived[:] = other.end.arrived[::-2]
        await servers.tell()
        ben.ping()
        await servers.tell()
        ada.send(ask.Edit(room=GENERAL, target=seq, text="d"))
        await servers.tell()
        assert [event.seq for event in ben.shown()] == sorted(event.seq for event in ben.shown())
        await the_same_everywhere(one, other)
        assert (await forms(other))[0][1] == "d"


async def test_reactions_are_counted_at_a_server_that_does_not_have_the_message() -> None:
    async with several(0) as servers:
        _, other, ada, ben = await two(servers)
        seq = hello(ada)
        other.hub.rooms["general"].forget()
        ada.send(ask.React(room=GENERAL, target=seq, emoji="👍"))
        await servers.tell()
        (event,) = [one for one in ben.shown() if isinstance(one, Reacted)]
        assert event.count == 1
        assert event.quote is not None
        assert event.quote.text == "hello"
