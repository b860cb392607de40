"""Who closes the account is a former member wherever they did something, and may take it along."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.events import FORMER_MEMBER, AuthorForgotten, Event, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role, RoomAccess
from hubbub.hub import forgetting
from hubbub.hub.access import ANYBODY
from hubbub.hub.pages import PAGE_EVENTS
from hubbub.hub.settings import ALL_HISTORY, HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import SECRET as PASSWORD
from tests.hub.people import account, do, log_in, settle

ALL = HubSettings(rate_limit=0, history_on_join=ALL_HISTORY)
LAB, KITCHEN = RoomName.parse("Lab"), RoomName.parse("Kitchen")


async def story(chat: Chat) -> Person:
    """Ada and ben talk in two rooms; returns ben."""
    ada = await account(chat, "ada", "Lab")
    ben = await account(chat, "ben", "Lab", "Kitchen")
    ada.say("a secret", "Lab")
    ada.send(ask.Say(room=KITCHEN, text="a secret of the kitchen", outside=True))
    await settle(chat)
    ben.say("why?", "Lab", reply_to=3)
    await settle(chat)
    await do(ada, ask.SetTopic, topic="of all")
    await do(ada, ask.GiveRole, user="ben", role=Role.OWNER)
    return ben


async def all_settled(chat: Chat) -> None:
    """The errand is done, too."""
    for _ in range(12):
        await settle(chat)


async def close(chat: Chat, *, empty: bool, name: str = "ada") -> None:
    person = await log_in(chat, name)
    await do(person, ask.CloseAccount, password=PASSWORD, empty=empty)
    await all_settled(chat)


def on_disk(chat: Chat) -> list[Event]:
    """All that is in rooms; the server's own record is for who administers it."""
    events = chat.log.disk.events
    return [event for room, those in events.items() if room[0] != "/" for event in those]


def forgotten(chat: Chat, room: RoomName) -> list[AuthorForgotten]:
    return [one for one in chat.log.disk.events[room.key] if isinstance(one, AuthorForgotten)]


@pytest.mark.parametrize("empty", [True, False])
async def test_the_name_is_nowhere_any_more_and_the_texts_if_so_wished(empty: bool) -> None:
    async with chatting(ALL) as chat:
        ben = await story(chat)
        await close(chat, empty=empty)
        for room in (LAB, KITCHEN):
            (event,) = forgotten(chat, room)
            assert (event.by, event.emptied) == (FORMER_MEMBER, empty)
        assert "'ada'" not in str(on_disk(chat))
        assert ("secret" in str(on_disk(chat))) is not empty
        for in_memory in (True, False):
            if not in_memory:
                chat.hub.rooms[LAB.key].forget()
            again = await log_in(chat, "ben", "Lab")
            for kind in (ask.History, ask.Timeline):
                await do(again, kind)
                await do(again, kind, "Kitchen")
            assert "'ada'" not in str(again.received)
            assert ("secret" in str(again.received)) is not empty
            text, answer = [one for one in again.shown("Lab") if isinstance(one, Said)]
            assert (text.by, text.text) == (FORMER_MEMBER, "" if empty else "a secret")
            assert answer.quote is not None
            assert (answer.quote.by, answer.quote.text) == (text.by, text.text)
        assert isinstance(ben.shown("Lab")[-1], AuthorForgotten)
        page = await chat.hub.timeline(ANYBODY, LAB)
        assert "'ada'" not in str(page)


async def test_a_text_that_is_gone_is_not_found_and_may_be_answered() -> None:
    async with chatting(ALL) as chat:
        ben = await story(chat)
        await close(chat, empty=True)
        for query in ("secret", "in:Lab from:ada", "secret in:Kitchen"):
            assert await do(ben, ask.Search, query=query) == ["found"]
        assert "why" in (await do(ben, ask.Search, query="in:Lab"))[0]
        assert "; " not in (await do(ben, ask.Search, query="in:Lab"))[0].removeprefix("found; ")
        await do(ben, ask.Say, text="and?", reply_to=3)
        said = ben.shown("Lab")[-1]
        assert isinstance(said, Said)
        assert said.quote is not None
        assert (said.quote.by, said.quote.text) == (FORMER_MEMBER, "")
        await do(ben, ask.Rooms)
        assert await do(ben, ask.Read, seq=1)
        await do(ben, ask.SayTo, text="to nobody", to=UserName.parse("ada"))
        assert ben.last(told.Refused).code == "bad-message"


async def test_an_answer_that_was_on_its_way_shows_nothing_of_it() -> None:
    async with chatting(ALL) as chat:
        ben = await story(chat)
        ada = await log_in(chat, "ada")
        ada.send(ask.CloseAccount(password=PASSWORD, empty=True))
        for _ in range(30):
            await chat.quiet()
            if "forgotten" in str([getattr(one, "nonce", "") for one in chat.log.queued]):
                break
            chat.commit()
        ben.say("too late", "Lab", reply_to=3)
        await all_settled(chat)
        said = [one for one in ben.shown("Lab") if isinstance(one, Said)][-1]
        assert said.text == "too late"
        assert said.quote is not None
        assert (said.quote.by, said.quote.text) == (FORMER_MEMBER, "")


async def test_who_reads_late_is_given_what_is_on_the_disk_by_then() -> None:
    async with chatting(ALL) as chat:
        ben = await story(chat)
        for number in range(PAGE_EVENTS):
            ben.say(f"{number}", "Lab")
        await settle(chat)
        chat.hub.rooms[LAB.key].forget()
        eve = await account(chat, "eve", "Lab")
        assert "secret" in str(eve.received), "the pages are in the cache now"
        await close(chat, empty=True)
        chat.hub.rooms[LAB.key].forget()
        late = await log_in(chat, "eve", "Lab")
        assert len(late.shown("Lab")) > PAGE_EVENTS
        assert "secret" not in str(late.received)
        assert "'ada'" not in str(late.received)


@pytest.mark.parametrize("commits", range(12))
async def test_a_crash_leaves_nothing_half_forgotten(commits: int) -> None:
    async with chatting(ALL) as chat:
        await story(chat)
        ada = await log_in(chat, "ada")
        ada.send(ask.CloseAccount(password=PASSWORD, empty=True))
        for _ in range(commits):
            await chat.quiet()
            chat.commit(1)
        await chat.crash()
        disk = chat.log.disk
        closed = any(type(one).__name__ == "AccountClosed" for one in disk.events["/server"])
        async with chatting(ALL, disk=disk) as again:
            await all_settled(again)
            assert [len(forgotten(again, room)) for room in (LAB, KITCHEN)] == [closed, closed]
            assert ("secret" in str(on_disk(again))) is not closed
            assert ("'ada'" in str(on_disk(again))) is not closed
    assert closed is (commits > 0) or commits < 3


async def test_a_log_that_cannot_be_read_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "RETRY_SECONDS", 0.0)
    async with chatting(ALL) as chat:
        await story(chat)
        ada = await log_in(chat, "ada")
        ada.send(ask.CloseAccount(password=PASSWORD, empty=True))
        await chat.quiet()
        chat.log.readable = False
        await all_settled(chat)
        assert forgotten(chat, LAB) == []
        chat.log.readable = True
        await all_settled(chat)
        assert len(forgotten(chat, LAB)) == 1


async def test_what_holds_for_them_in_a_room_goes_as_well() -> None:
    async with chatting(ALL) as chat:
        ben, ada = await account(chat, "ben", "Lab"), await account(chat, "ada", "Kitchen")
        await do(ben, ask.Invite, user="ada")
        await do(ben, ask.Mute, user="ada")
        await do(ada, ask.Say, "Kitchen", text="hi")
        await close(chat, empty=False)
        facts = chat.hub.rooms[LAB.key].state.facts
        assert (facts.invited, facts.muted, facts.muted_names) == ({}, {}, {})
        assert "'ada'" not in str(on_disk(chat))


async def test_a_private_room_tells_its_members_alone() -> None:
    async with chatting(ALL) as chat:
        ben = await story(chat)
        await do(ben, ask.SetRules, access=RoomAccess.MEMBERS)
        eve = await account(chat, "eve")
        await close(chat, empty=True)
        assert "Lab" not in str(eve.received)
        assert len(forgotten(chat, LAB)) == 1
