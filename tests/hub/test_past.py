"""Rooms in which newcomers read only what was said since they came: no read shows them more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.events import Event, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import HistoryFor, Role, RoomAccess
from hubbub.hub.access import ANYBODY
from hubbub.hub.settings import ALL_HISTORY, HubSettings
from hubbub.hub.tail import TAIL_EVENTS
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import account, do, log_in, settle

LAB = RoomName.parse("Lab")
SECRET = "a secret about ben"
ALL = HubSettings(rate_limit=0, history_on_join=ALL_HISTORY)


@pytest.fixture(params=[RoomAccess.OPEN, RoomAccess.MEMBERS])
async def chat(request: pytest.FixtureRequest) -> AsyncIterator[Chat]:
    """Ada, who owns the room, has said something there before ben came."""
    async with chatting(ALL) as chat:
        ada = await account(chat, "ada", "Lab")
        ada.say(SECRET, "Lab")
        await do(ada, ask.SetRules, access=request.param, history=HistoryFor.SINCE)
        yield chat


async def come(chat: Chat, name: str = "ben") -> Person:
    """Somebody comes in by a way that is open to them."""
    person = await account(chat, name)
    ada = await log_in(chat, "ada", "Lab")
    await do(ada, ask.Invite, user=name)
    await do(person, ask.Join)
    return person


def since(chat: Chat, name: str = "ben") -> int:
    return chat.hub.rooms[LAB.key].state.members[name].since


def no_secret(*shown: object) -> None:
    assert "secret" not in "".join(map(repr, shown)).replace("about secrets", "")


async def test_who_comes_is_shown_what_is_since_then(chat: Chat) -> None:
    ben = await come(chat)
    assert ben.last(told.RoomJoined).after == since(chat) - 1 > 2
    assert [event.seq for event in ben.shown("Lab")] == [since(chat)]
    no_secret(ben.received)


async def test_an_old_cursor_begins_where_they_came(chat: Chat) -> None:
    ben = await come(chat)
    for after, at in ((0, None), (1, None), (2, 1)):  # a time that is not the event's, too
        again = await log_in(chat, "ben")
        await do(again, ask.Join, after=after, after_at=at)
        assert again.last(told.RoomJoined).after == since(chat) - 1
        await do(again, ask.Join, after=after, after_at=at)  # it is there, and moves its cursor
        assert again.last(told.RoomJoined).after == since(chat) - 1
        no_secret(again.received)
    assert ben.shown("Lab")


@pytest.mark.parametrize("kind", [ask.History, ask.Timeline])
@pytest.mark.parametrize("in_memory", [True, False])
async def test_pages_begin_where_they_came(
    kind: type[ask.Command], in_memory: bool, chat: Chat
) -> None:
    ben = await come(chat)
    head = chat.hub.rooms[LAB.key].head
    if not in_memory:
        chat.hub.rooms[LAB.key].forget()
    places: list[dict[str, Any]] = [
        {},
        *({"before": seq} for seq in range(1, head + 2)),
        *({"after": seq} for seq in range(head + 2)),
        *({"around": seq} for seq in range(1, head + 2)),
    ]
    for place in places:
        await do(ben, kind, **place)
        page = ben.last(told.Page)
        assert all(event.seq >= since(chat) for event in page.events)
        assert page.first is not None
        if "after" not in place:
            assert page.first == 1, "there is nothing more to be asked for"
        elif place["after"] < head:
            assert page.first == place["after"] + 1
    no_secret(ben.received)


async def test_no_search_finds_what_was_before(chat: Chat) -> None:
    ben = await come(chat)
    ada = await log_in(chat, "ada", "Lab")
    for query in ("secret", "secret in:Lab", "by:ada", "ben in:Lab"):
        assert await do(ben, ask.Search, query=query) == ["found"], query
        assert await do(ben, ask.Search, query=query, limit=1) == ["found"]
    assert "a |secret|" in (await do(ada, ask.Search, query="secret"))[0]
    ada.say("more about secrets and ben", "Lab")
    await settle(chat)
    (found,) = await do(ben, ask.Search, query="ben in:Lab")
    assert "more" in found
    no_secret(ben.received)


@pytest.mark.parametrize("in_memory", [True, False])
async def test_nothing_of_it_can_be_answered(in_memory: bool, chat: Chat) -> None:
    ben = await come(chat)
    if not in_memory:
        chat.hub.rooms[LAB.key].forget()
    errors = set()
    for seq in (1, 2, since(chat) - 1, 1000):
        assert await do(ben, ask.Say, text="what?", reply_to=seq) == ["error bad-message"]
        errors.add(ben.last(told.Refused).message.replace(f"event {seq}", "event N"))
    assert len(errors) == 1
    to_ada = await do(ben, ask.SayTo, text="what?", to=UserName.parse("ada"))
    assert to_ada == ["error bad-message"]
    to_nobody = ben.last(told.Refused).message
    await do(ben, ask.SayTo, text="what?", to=UserName.parse("nobody"))
    assert ben.last(told.Refused).message == to_nobody.replace('"ada"', '"nobody"')


@pytest.mark.parametrize("how", ["live", "late", "from the log", "page", "timeline"])
async def test_an_answer_to_it_shows_no_quote(how: str, chat: Chat) -> None:
    ben = await come(chat)
    ada = await log_in(chat, "ada", "Lab")
    if how in ("late", "from the log"):
        ben.stop_reading()
    ada.say("first", "Lab", reply_to=2).say("second", "Lab")
    await settle(chat)
    seq = chat.hub.rooms[LAB.key].head
    ada.say("third", "Lab", reply_to=seq)
    await settle(chat)
    if how == "from the log":
        chat.hub.rooms[LAB.key].forget()
    if how in ("late", "from the log"):
        ben.read_on()
        await settle(chat)
    shown: Sequence[Event]
    if how in ("page", "timeline"):
        await do(ben, ask.History if how == "page" else ask.Timeline)
        shown = ben.last(told.Page).events
    else:
        shown = ben.shown("Lab")
    first, _, third = shown[-3:]
    assert isinstance(first, Said)
    assert isinstance(third, Said)
    assert (first.reply_to, first.quote) == (2, None)
    assert third.quote is not None
    assert third.quote.text == "second"
    no_secret(ben.received)
    await do(ada, ask.History)
    (answer,) = [one for one in ada.last(told.Page).events if one.seq == first.seq]
    assert isinstance(answer, Said)
    assert answer.quote is not None
    assert SECRET in str(ada.shown("Lab")[-3:])


async def test_it_is_not_unread_and_mentions_nobody(chat: Chat) -> None:
    ben = await come(chat)
    joined = ben.last(told.RoomJoined)
    assert (joined.unread, joined.mentions) == (0, 0)
    await do(ben, ask.Rooms)
    (info,) = [one for one in ben.last(told.RoomList).rooms if one.name == "Lab"]
    assert (info.unread, info.mentions) == (0, 0)
    await do(ben, ask.Read, seq=1)
    assert (ben.last(told.ReadUpTo).unread, ben.last(told.ReadUpTo).mentions) == (0, 0)
    await do(ben, ask.Read, seq=2, at=1)
    assert isinstance(ben.received[-1], told.ReadUpTo), "nobody learns when it was said"
    ada = await log_in(chat, "ada", "Lab")
    ada.say("hi ben", "Lab")
    await settle(chat)
    await do(ben, ask.Rooms)
    (info,) = [one for one in ben.last(told.RoomList).rooms if one.name == "Lab"]
    assert (info.unread, info.mentions) == (1, 1)


async def test_who_has_left_reads_nothing_of_it(chat: Chat) -> None:
    ben = await come(chat)
    ada = await log_in(chat, "ada", "Lab")
    ada.say("while ben is there", "Lab")
    await settle(chat)
    await do(ben, ask.Leave, for_good=True)
    for kind in (ask.History, ask.Timeline):
        await do(ben, kind)
        last = ben.received[-1]
        assert isinstance(last, told.Refused) or (isinstance(last, told.Page) and not last.events)
    assert await do(ben, ask.Search, query="while in:Lab") in (["found"], ["error no-such-room"])
    await do(ben, ask.Rooms)
    for info in ben.last(told.RoomList).rooms:
        assert not info.unread


async def test_others_read_nothing_over_http(chat: Chat) -> None:
    hub = chat.hub
    if hub.rooms[LAB.key].keeps_members:
        assert not hub.access.may(ANYBODY, *_read(chat))
        return
    for page in (
        await hub.page(ANYBODY, LAB),
        await hub.page(ANYBODY, LAB, after=0),
        await hub.page(ANYBODY, LAB, after=2, after_at=1),
        await hub.timeline(ANYBODY, LAB),
        await hub.timeline(ANYBODY, LAB, around=2),
    ):
        assert page.events == []
    for query in ("secret", "secret in:Lab"):
        assert (await hub.find(ANYBODY, query)).results == []


def _read(chat: Chat) -> tuple[Any, Any]:
    from hubbub.domain.rights import Action

    return Action.READ, chat.hub.rooms[LAB.key]


async def test_who_moderates_reads_all_until_they_do_no_more(chat: Chat) -> None:
    ben = await come(chat)
    ada = await log_in(chat, "ada", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.VOICE)
    await do(ben, ask.Timeline)
    no_secret(ben.last(told.Page))
    await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR)
    await do(ben, ask.Timeline)
    assert SECRET in str(ben.last(told.Page))
    await do(ada, ask.GiveRole, user="ben", role=Role.MEMBER)
    await do(ben, ask.Timeline)
    no_secret(ben.last(told.Page))


async def test_a_role_that_is_taken_ends_what_they_were_about_to_be_shown(chat: Chat) -> None:
    ada = await log_in(chat, "ada", "Lab")
    for number in range(TAIL_EVENTS * 2 + 10):
        ada.say(f"{number}", "Lab")
    await settle(chat)
    await come(chat)
    await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR)
    ben = await log_in(chat, "ben")
    ben.stalls_at = 2
    await do(ben, ask.Join, after=0)
    assert ben.shown("Lab")[-1].seq < since(chat) - 1
    await do(ada, ask.GiveRole, user="ben", role=Role.MEMBER)
    ben.received.clear()
    ben.read_on()
    await settle(chat)
    head = chat.hub.rooms[LAB.key].head
    assert [event.seq for event in ben.shown("Lab")] == [*range(since(chat), head + 1)]


async def test_a_new_name_keeps_what_they_read(chat: Chat) -> None:
    ben = await come(chat)
    came = since(chat)
    await do(ben, ask.Rename, user="benny")
    assert since(chat, "benny") == came
    await do(ben, ask.Timeline)
    assert ben.last(told.Page).events[0].seq == came


async def test_whose_coming_is_not_known_reads_all(chat: Chat) -> None:
    ben = await come(chat)
    room = chat.hub.rooms[LAB.key]
    member = room.state.members["ben"]
    room.state.members["ben"] = type(member)(member.name, member.id)
    await do(ben, ask.Timeline)
    assert SECRET in str(ben.last(told.Page))


async def test_a_restart_remembers_since_when_they_are_there() -> None:
    async with chatting(ALL) as chat:
        ada = await account(chat, "ada", "Lab")
        ada.say(SECRET, "Lab")
        await do(ada, ask.SetRules, access=RoomAccess.MEMBERS, history=HistoryFor.SINCE)
        await come(chat)
        came = since(chat)
        await chat.crash()
        async with chatting(ALL, disk=chat.log.disk) as again:
            ben = await log_in(again, "ben", "Lab")
            assert since(again) == came
            await do(ben, ask.Timeline)
            assert ben.last(told.Page).events[0].seq == came
            no_secret(ben.received)


async def test_without_the_rule_all_is_as_it_was() -> None:
    async with chatting(ALL) as chat:
        ada = await account(chat, "ada", "Lab")
        ada.say(SECRET, "Lab")
        ben = await account(chat, "ben", "Lab")
        assert SECRET in str(ben.shown("Lab"))
        await do(ada, ask.SetRules, history=HistoryFor.SINCE)
        await do(ada, ask.SetRules, history=HistoryFor.ALL)
        await do(ben, ask.Timeline)
        assert SECRET in str(ben.last(told.Page))
