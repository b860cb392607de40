"""Who is connected, asked once or watched; what guests say of themselves while they are."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.commands import MAX_WATCHED
from hubbub.domain.names import UserName
from hubbub.domain.replies import PersonHere
from hubbub.domain.rules import Status
from tests.hub.chat import Chat, Person
from tests.hub.members import log_in, register
from tests.hub.people import do, settle
from tests.hub.several import Server, Several, several


def names(*users: str) -> tuple[UserName, ...]:
    return tuple(map(UserName.parse, users))


def watch(person: Person, *users: str, on: bool = True) -> list[str]:
    person.news()
    return person.send(ask.Watch(users=names(*users), on=on)).news()


def here(person: Person, *users: str) -> list[str]:
    person.news()
    return person.send(ask.Here(users=names(*users))).news()


async def test_it_is_told_who_is_connected_in_the_order_of_the_question(chat: Chat) -> None:
    ada = chat.enter("ada")
    chat.enter("ben", line=True)
    assert here(ada, "Eve", "BEN", "ada") == ["Eve gone", "ben here", "ada here"]
    assert ada.last(told.PeopleHere).people[0] == PersonHere("Eve", here=False)
    assert here(ada) == []


async def test_who_watches_somebody_hears_when_they_come_and_go(chat: Chat) -> None:
    ada = chat.enter("ada", line=True)
    assert watch(ada, "ben", "eve") == ["ben gone", "eve gone"]
    ben = chat.enter("ben", "General", line=True)
    assert ada.news() == ["ben here"]
    ben.lose_connection()
    assert ada.news() == ["ben gone"]
    assert watch(ada, "ben", on=False) == ["ben gone"]
    chat.enter("ben", line=True)
    eve = chat.enter("eve")
    assert ada.news() == ["eve here"]
    assert watch(ada, on=False) == []
    eve.bye()
    assert ada.news() == []


async def test_a_second_connection_is_no_news(chat: Chat) -> None:
    ada, ben = chat.enter("ada", line=True), chat.enter("ben")
    watch(ada, "ben")
    tab = chat.connect().hello("ben", ben.token)
    chat.commit()
    ben.lose_connection()
    assert ada.news() == []
    tab.lose_connection()
    assert ada.news() == ["ben gone"]


async def test_another_name_is_told_to_who_watches_either(chat: Chat) -> None:
    ada, ben = chat.enter("ada", line=True), chat.enter("ben", line=True)
    watch(ada, "ben", "bob")
    ben.send(ask.Hello(user=UserName.parse("bob"), again=True))
    assert sorted(ada.news()) == ["ben gone", "bob here"]
    watched = watch(chat.enter("eve", line=True), "bob")
    assert watched == ["bob here"]


async def test_an_account_that_is_renamed_is_told_to_who_watches_either(chat: Chat) -> None:
    ada, ben = chat.enter("ada", line=True), await register(chat, "ben")
    watch(ada, "ben", "bob")
    await do(ben, ask.Rename, user="bob")
    assert sorted(ada.news()) == ["ben gone", "bob here"]


async def test_so_many_are_watched_by_one_and_no_more(chat: Chat) -> None:
    ada = chat.enter("ada", line=True)
    many = [f"user{number}" for number in range(MAX_WATCHED)]
    watch(ada, *many)
    assert watch(ada, "ben") == ["error too-many"]
    assert watch(ada, *many[:5]) == [f"{name} gone" for name in many[:5]], "they are watched"
    watch(ada, many[0], on=False)
    assert watch(ada, "ben") == ["ben gone"]


async def test_nothing_is_kept_of_who_has_gone(chat: Chat) -> None:
    ada = chat.enter("ada", line=True)
    watch(ada, "ben")
    ada.bye()
    chat.enter("ben")
    assert not chat.hub.watchers.count(ada.session)
    assert not vars(chat.hub.watchers)["_watchers"]


async def test_who_does_not_want_to_be_seen_is_not_but_where_they_are(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General", line=True), await register(chat, "ben")
    await do(ben, ask.SetProfile, hides_seen=True)
    assert here(ada, "ben") == watch(ada, "ben") == ["ben gone"]
    assert ada.last(told.PeopleHere).people[0] == PersonHere("ben", here=False, account=True)
    ben.bye()
    await settle(chat)
    ben = await log_in(chat, "ben")
    assert ada.news() == [], "there was nothing to be seen"
    ben.join()
    await settle(chat)
    assert here(ada, "ben") == ["ben here"]
    await do(ben, ask.SetProfile, hides_seen=False)
    assert ada.news() == ["ben here"]


async def test_who_is_behind_is_told_when_they_read_on(chat: Chat) -> None:
    ada = chat.enter("ada", line=True)
    watch(ada, "ben", "eve")
    ada.stop_reading()
    chat.enter("ben", line=True).bye()
    chat.enter("eve")
    assert ada.news() == []
    ada.read_on()
    assert ada.news() == ["eve here"], "and nothing of who came and went"


# What guests say


async def test_a_guest_is_away_for_as_long_as_they_are_connected(chat: Chat) -> None:
    eve, ada = chat.enter("eve", "General"), chat.enter("ada", "General", line=True)
    watch(eve, "ada")
    ada.send(ask.SetProfile(status=Status.AWAY, note=" lunch "))
    assert ada.news() == ["done"]
    assert sorted(eve.news()) == ["ada here", "ada is away in General"]
    assert eve.last(told.Presence).note == "lunch"
    [person] = eve.last(told.PeopleHere).people
    assert (person.status, person.note) == (Status.AWAY, "lunch")
    eve.send(ask.Who(room=chat.hub.rooms["general"].name))
    assert eve.last(told.Members).status == {"ada": Status.AWAY}
    await do(eve, ask.Whois, user="ada")
    assert eve.last(told.Person).status is Status.AWAY
    ada.bye()
    chat.commit()
    eve.news()
    chat.enter("ada", "General", line=True)
    eve.send(ask.Who(room=chat.hub.rooms["general"].name))
    assert eve.last(told.Members).status == {}


async def test_a_new_name_is_away_as_before(chat: Chat) -> None:
    eve, ada = chat.enter("eve", "General"), chat.enter("ada", "General", line=True)
    ada.send(ask.SetProfile(status=Status.AWAY))
    ada.send(ask.Hello(user=UserName.parse("countess"), again=True)).join()
    chat.commit()
    here(eve, "countess")
    assert eve.last(told.PeopleHere).people[0].status is Status.AWAY


async def test_what_changes_often_is_told_once_a_tick(chat: Chat) -> None:
    eve, ada = chat.enter("eve", "General"), chat.enter("ada", "General", line=True)
    eve.news()
    for status in (Status.AWAY, Status.BUSY, Status.HERE, Status.BUSY):
        ada.send(ask.SetProfile(status=status))
    assert eve.news() == ["ada is away in General"]
    chat.pass_time(1)
    assert eve.news() == ["ada is busy in General"]


async def test_more_than_that_only_accounts_say(chat: Chat) -> None:
    ada = chat.enter("ada")
    assert await do(ada, ask.SetProfile, about="I count") == ["error need-account"]
    assert await do(ada, ask.SetProfile, status=Status.AWAY, hides_seen=True) == [
        "error need-account"
    ]
    assert here(ada, "ada") == ["ada here"]
    assert ada.last(told.PeopleHere).people[0].status is Status.HERE


# Several servers


@pytest.fixture
async def both() -> AsyncIterator[tuple[Several, Server, Server]]:
    async with several(2) as servers:
        one, other = servers
        yield servers, one, other


async def test_guests_are_watched_at_other_servers(both: tuple[Several, Server, Server]) -> None:
    servers, one, other = both
    ada = one.connect(line=True).hello("ada")
    await servers.tell()
    ada.news()
    ada.send(ask.Watch(users=names("ben")))
    await servers.tell()
    assert ada.news() == ["ben gone"]
    ben = other.connect(line=True).hello("ben")
    await servers.tell()
    await servers.pass_time(1)
    assert ada.news() == ["ben here"]
    eve = one.connect(line=True).hello("eve")
    await servers.tell()
    eve.send(ask.Here(users=names("Ben", "zoe")))
    await servers.tell()
    assert eve.news() == ["welcome eve", "ben here", "zoe gone"]
    assert eve.last(told.PeopleHere).people[0].user_id == ben.last(told.Welcome).user_id
    await servers.pass_time(90)
    assert ada.news() == [], "and it stays so"
    ben.send(ask.SetProfile(status=Status.AWAY, note="tea"))
    await servers.pass_time(1)
    assert ada.news() == ["ben here"]
    assert ada.last(told.PeopleHere).people[0].note == "tea"
    ben.bye()
    await servers.tell()
    await servers.pass_time(1)
    assert ada.news() == ["ben gone"]


async def test_what_was_lost_of_it_is_made_up_for(both: tuple[Several, Server, Server]) -> None:
    servers, one, other = both
    ada = one.connect(line=True).hello("ada")
    await servers.tell()
    ada.send(ask.Watch(users=names("ben")))
    ben = other.connect(line=True).hello("ben")
    await servers.tell()
    ada.news()
    other.pass_time(1)
    one.end.arrived.clear()
    await servers.pass_time(12)
    assert ada.news() == ["ben here"]
    ben.bye()
    await servers.tell()
    other.pass_time(1)
    one.end.arrived.clear()
    await servers.pass_time(40)
    assert ada.news() == ["ben gone"]


async def test_rooms_are_told_at_other_servers_who_is_away(
    both: tuple[Several, Server, Server],
) -> None:
    servers, one, other = both
    ada, ben = one.connect(line=True).hello("ada"), other.connect().hello("ben")
    await servers.tell()
    ada.join()
    ben.join()
    await servers.tell()
    ben.news()
    ada.send(ask.SetProfile(status=Status.AWAY, note="tea"))
    await servers.pass_time(1)
    assert ben.news() == ["ada is away in General"]
    await servers.pass_time(40)
    assert ben.news() == []
    ada.send(ask.SetProfile(status=Status.HERE, note=""))
    await servers.pass_time(1)
    assert ben.news() == ["ada is here in General"]
    servers.kill(one)
    await servers.pass_time(60)
    assert other.members() == ["ben"]
