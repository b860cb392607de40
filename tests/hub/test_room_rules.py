"""Who sets the topic, who speaks from outside, how many may be in a room."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role, RoomAccess, Topics
from tests.hub.chat import NOON, Chat
from tests.hub.people import account, do, log_in, private, server_owner, settle
from tests.hub.several import several

LAB = RoomName.parse("Lab")


# Topics


async def test_where_moderators_set_the_topic_nobody_else_does(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await do(ada, ask.SetRules, topics=Topics.MODERATORS)
    assert ben.last(told.RoomStanding).standing.topics is Topics.MODERATORS
    assert await do(ben, ask.SetTopic, topic="Tea") == ["error not-allowed"]
    assert ben.last(told.Refused).message == (
        "Only the moderators of Lab (ada) may say what the room is about."
    )
    assert "error" not in str(await do(ben, ask.Say, text="hello"))
    await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR)
    assert "error" not in str(await do(ben, ask.SetTopic, topic="Tea"))
    await do(ada, ask.SetRules, topics=Topics.ALL)
    assert "error" not in str(await do(chat.enter("eve", "Lab"), ask.SetTopic, topic="Coffee"))


async def test_who_has_set_the_topic_and_when_is_told(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    assert ada.last(told.RoomJoined).topic_by is None
    chat.pass_time(5)
    await do(ben, ask.SetTopic, topic="Tea")
    eve = chat.enter("eve", "Lab")
    joined = eve.last(told.RoomJoined)
    assert (joined.topic, joined.topic_by, joined.topic_at) == ("Tea", "ben", NOON + 5000)
    assert joined.made == NOON
    await do(eve, ask.Who)
    members = eve.last(told.Members)
    assert (members.topic, members.topic_by, members.topic_at) == ("Tea", "ben", NOON + 5000)
    assert members.made == NOON
    assert members.standing is not None
    assert members.standing.roles == {"ada": Role.OWNER}
    await do(ada, ask.SetTopic, topic="")
    await do(eve, ask.Who)
    members = eve.last(told.Members)
    assert (members.topic, members.topic_by, members.topic_at) == (None, None, None)


async def test_that_an_account_has_set_the_topic_is_forgotten_with_it(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ben, ask.SetTopic, topic="Tea")
    await do(ben, ask.CloseAccount, password="correct horse battery", empty=True)
    await settle(chat)
    await do(ada, ask.Who)
    assert ada.last(told.Members).topic_by == "former member"


# From outside


async def test_who_is_not_in_a_room_says_nothing_where_it_lets_nobody(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    ben, eve = await account(chat, "ben"), chat.enter("eve", "Lab")
    assert "error" not in str(await do(ben, ask.Say, text="knock, knock", outside=True))
    await do(ada, ask.SetRules, outside=False)
    assert await do(ben, ask.Say, text="hello", outside=True) == ["error not-allowed"]
    assert ben.last(told.Refused).message == (
        "Only who is in Lab may say something there. Join it first."
    )
    assert await do(ben, ask.React, target=2, emoji=":tea:") == ["error not-allowed"]
    for one in (ada, eve):
        assert "error" not in str(await do(one, ask.Say, text="hello"))
        assert "error" not in str(await do(one, ask.Say, text="hello", outside=True))
    await do(ben, ask.Join)
    assert "error" not in str(await do(ben, ask.Say, text="hello"))


async def test_an_administrator_is_outside_like_anybody(chat: Chat) -> None:
    root, ada = await server_owner(chat), await account(chat, "ada", "Lab")
    await do(ada, ask.SetRules, outside=False)
    assert await do(root, ask.Say, text="hello", outside=True) == ["error not-allowed"]


async def test_who_takes_another_name_is_in_the_room_all_the_same(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab", line=True)
    await do(ada, ask.SetRules, outside=False, most=2)
    ben.send(ask.Hello(user=UserName.parse("benny"), again=True))
    await settle(chat)
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")
    assert "error" not in str(await do(ben, ask.Say, text="hello"))
    assert chat.members("Lab") == ["ada", "benny"]


# How many


async def test_no_more_come_in_than_may(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    eve = chat.enter("eve")
    await do(ada, ask.SetRules, most=2)
    assert ben.last(told.RoomStanding).standing.most == 2
    assert await do(eve, ask.Join) == ["error room-full"]
    assert eve.last(told.Refused).message == "Lab is full: 2 people may be in it, and not more."
    assert "error" not in str(await do(eve, ask.History)), "it is read all the same"
    await do(ben, ask.Leave)
    assert (await do(eve, ask.Join))[0].startswith("joined Lab")
    assert await do(ben, ask.Join) == ["error room-full"]
    await do(ada, ask.SetRules, most=0)
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")


async def test_who_is_invited_finds_a_place_once(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    await do(ada, ask.SetRules, most=1)
    await do(ada, ask.Invite, user="ben")
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")
    await do(ben, ask.Leave)
    assert await do(ben, ask.Join) == ["error room-full"]


async def test_a_password_makes_no_place(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    password = "correct horse battery"
    await do(ada, ask.SetRules, access=RoomAccess.LOCKED, password=password, most=1)
    assert await do(ben, ask.Join, password=password) == ["error room-full"]


async def test_who_is_there_when_fewer_may_be_stays(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    ben, eve = await account(chat, "ben", "Lab"), chat.enter("eve", "Lab")
    await do(ada, ask.SetRules, most=1)
    assert chat.members("Lab") == ["ada", "ben", "eve"]
    tab = await log_in(chat, "ben")
    assert (await do(tab, ask.Join))[0].startswith("joined Lab"), "who is in it finds a place"
    eve.lose_connection()
    eve = chat.connect().hello("eve", eve.token).join("Lab")
    await settle(chat)
    assert eve.all(told.RoomJoined)
    assert "error" not in str(await do(ben, ask.Say, text="hello"))


async def test_who_moderates_finds_a_place(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR)
    await do(ada, ask.SetRules, most=1)
    for one in (ada, ben):
        await do(one, ask.Leave)
        chat.enter("eve", "Lab")
        assert (await do(one, ask.Join))[0].startswith("joined Lab")


async def test_of_those_who_come_at_once_so_many_come_in_as_may(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    await do(ada, ask.SetRules, most=3)
    crowd = [chat.enter(f"guest-{number}") for number in range(5)]
    for one in crowd:
        one.join("Lab")
    await settle(chat)
    assert len(chat.members("Lab")) == 3
    assert [one.last(told.Refused).code for one in crowd[2:]] == ["room-full"] * 3
    assert chat.hub.rooms["lab"].coming == 0


async def test_a_join_that_was_not_saved_takes_no_place(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    await do(ada, ask.SetRules, most=2)
    ben.join("Lab")
    chat.fail()
    assert ben.last(told.Refused).code == "log-unavailable"
    assert (await do(chat.enter("eve"), ask.Join))[0].startswith("joined Lab")


async def test_who_is_away_from_a_private_room_has_a_place_in_it(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await private(chat, ada)
    await do(ada, ask.SetRules, most=2)
    ben.lose_connection()
    eve = await account(chat, "eve")
    await do(ada, ask.Invite, user="eve")
    assert await do(eve, ask.Join) == ["error room-full"]
    ben = await log_in(chat, "ben")
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")


async def test_a_room_is_full_at_all_servers() -> None:
    async with several(2) as them:
        one, two = them
        ada = one.connect().hello("ada")
        await them.tell()
        ada.send(ask.Join(room=LAB, owns=True), ask.SetRules(room=LAB, most=1))
        await them.tell()
        eve = two.connect().hello("eve")
        await them.tell()
        eve.join("Lab")
        await them.tell()
        assert eve.last(told.Refused).code == "room-full"


# What does not make a room slower


@pytest.mark.parametrize("rules", [{"most": 20}, {"signals": False}])
async def test_rules_by_which_nobody_speaks_less_leave_a_room_as_plain_as_it_was(
    chat: Chat, rules: dict[str, Any]
) -> None:
    ada = await account(chat, "ada", "Lab")
    await do(ada, ask.SetRules, **rules)
    await do(ada, ask.SetTopic, topic="Tea")
    await do(ada, ask.Exempt, pattern="pal*")
    await do(ada, ask.GiveRole, user="ada", role=Role.OWNER)
    assert chat.hub.rooms["lab"].state.facts.made == NOON
    plain = [chat.hub.rooms["lab"].plain]
    for outside in (False, True):
        await do(ada, ask.SetRules, outside=outside)
        plain.append(chat.hub.rooms["lab"].plain)
    assert plain == [True, False, True]


async def test_signals_can_be_turned_off_and_all_are_told(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Den")
    await do(ada, ask.SetRules, signals=False)
    await do(ben, ask.Join)
    standing = ben.last(told.RoomJoined).standing
    assert standing is not None
    assert not standing.signals
