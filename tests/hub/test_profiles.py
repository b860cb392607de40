from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.rules import Profile, Role, Status
from hubbub.hub import appearing
from hubbub.hub.hub import TICK_SECONDS
from hubbub.hub.settings import HubSettings
from tests.hub.chat import NOON, Chat, Person, chatting
from tests.hub.members import id_of
from tests.hub.people import account, do, log_in, private, server_owner, settle


async def whois(person: Person, name: str) -> told.Person:
    """What ``person`` is told of somebody."""
    await do(person, ask.Whois, user=name)
    return person.last(told.Person)


def tick(chat: Chat) -> None:
    chat.pass_time(TICK_SECONDS)


async def test_what_one_says_of_oneself_is_told_and_outlives_the_server(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), chat.enter("ben")
    assert await do(ada, ask.SetProfile, about="  I count\nthings ") == ["profile", "done"]
    await do(ada, ask.SetProfile, status=Status.AWAY, note="lunch")
    for again in (False, True):
        person = await whois(ben, "Ada")
        assert (person.user, person.user_id) == ("ada", id_of(ada))
        assert (person.about, person.status, person.note) == (
            "I count things",
            Status.AWAY,
            "lunch",
        )
        assert (person.account, person.registered) == (True, NOON)
        if not again:
            await chat.crash()
            await chat.start()
            ada, ben = await log_in(chat, "ada"), chat.enter("eve")
    assert ada.last(told.Welcome).profile == Profile(NOON, "I count things", Status.AWAY, "lunch")
    assert ben.last(told.Welcome).profile is None


async def test_a_profile_is_changed_field_by_field_and_told_to_ones_other_sessions(
    chat: Chat,
) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    other = await log_in(chat, "ada")
    await do(ada, ask.SetProfile, about="I count")
    await do(ada, ask.SetProfile, status=Status.BUSY, note="exam")
    await do(other, ask.SetProfile, about="")
    expected = Profile(NOON, "", Status.BUSY, "exam")
    assert ada.last(told.ProfileChanged).profile == expected
    assert other.last(told.ProfileChanged).profile == expected
    assert ben.all(told.ProfileChanged) == []
    head = chat.hub.access.directory.head
    assert await do(ada, ask.SetProfile, status=Status.BUSY) == ["done"]
    assert chat.hub.access.directory.head == head, "nothing has changed"


async def test_changes_at_the_same_time_are_all_kept(chat: Chat) -> None:
    ada = await account(chat, "ada")
    other = await log_in(chat, "ada")
    ada.send(ask.SetProfile(about="I count"))
    other.send(ask.SetProfile(status=Status.AWAY))
    await settle(chat)
    assert ada.last(told.ProfileChanged).profile == Profile(NOON, "I count", Status.AWAY)


async def test_a_profile_goes_with_a_new_name(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), chat.enter("ben")
    await do(ada, ask.SetProfile, about="I count")
    await do(ada, ask.Rename, user="countess")
    assert (await whois(ben, "countess")).about == "I count"
    await do(ada, ask.SetProfile, note="reading")
    assert ada.last(told.ProfileChanged).profile == Profile(NOON, "I count", note="reading")


@pytest.mark.parametrize(
    "fields", [{"about": "x" * 201}, {"note": "x" * 101}, {"about": "\ud800"}, {"note": "\0"}]
)
async def test_what_is_no_profile(chat: Chat, fields: dict[str, str]) -> None:
    ada = await account(chat, "ada")
    heard = await do(ada, ask.SetProfile, **fields)
    assert heard in (["error bad-message"], ["error text-too-long"])
    assert chat.hub.access.profile_of(UserId(id_of(ada))) == Profile(NOON)


async def test_a_guest_has_no_profile(chat: Chat) -> None:
    guest = chat.enter("guest")
    assert await do(guest, ask.SetProfile, about="I count") == ["error need-account"]
    person = await whois(await account(chat, "ada"), "guest")
    assert person == told.Person(user="guest", user_id=UserId(id_of(guest)), here=True)


async def test_nobody_is_known_who_is_not_there(chat: Chat) -> None:
    ada, eve = await account(chat, "ada"), chat.enter("eve")
    assert await do(eve, ask.Whois, user="nobody") == ["error no-such-user"]
    await do(ada, ask.CloseAccount, password="correct horse battery")
    assert await do(eve, ask.Whois, user="ada") == ["error no-such-user"]
    assert await do(chat.connect(), ask.Whois, user="eve") == ["error need-name"]


async def test_when_somebody_was_here_last_is_told(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), chat.enter("ben")
    chat.pass_time(60)
    assert (await whois(ben, "ada")).seen == NOON + 60_000
    ada.bye()
    await settle(chat)
    chat.pass_time(60)
    person = await whois(ben, "ada")
    assert (person.here, person.seen) == (False, NOON + 60_000)


async def test_who_hides_it_is_not_seen_coming_and_going(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    await do(ada, ask.SetProfile, hides_seen=True)
    person = await whois(ben, "ada")
    assert (person.here, person.seen) == (False, None)
    ben.join("Lab")
    await settle(chat)
    person = await whois(ben, "ada")
    assert (person.here, person.seen) == (True, None), "where one sees them in any case"
    assert (await whois(ada, "ada")).here


async def test_the_servers_role_of_somebody_is_told(chat: Chat) -> None:
    await server_owner(chat)
    assert (await whois(chat.enter("eve"), "root")).role is Role.OWNER


# In rooms


async def test_a_status_is_told_where_one_is(chat: Chat) -> None:
    ada, ben, eve = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab"), chat.enter("eve")
    await settle(chat)
    await do(ada, ask.SetProfile, status=Status.AWAY, note="lunch")
    ben.news()
    tick(chat)
    assert ben.last(told.Presence) == told.Presence(
        room="Lab", user="ada", status=Status.AWAY, note="lunch"
    )
    assert eve.all(told.Presence) == []
    await do(ben, ask.Who)
    assert ben.last(told.Members).status == {"ada": Status.AWAY}
    await do(ada, ask.SetProfile, status=Status.HERE, note="")
    tick(chat)
    assert ben.news() == ["ada is here in Lab"]
    await do(ben, ask.Who)
    assert ben.last(told.Members).status == {}


async def test_what_is_no_status_is_told_to_nobody(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await settle(chat)
    ben.news()
    await do(ada, ask.SetProfile, about="I count", hides_seen=True)
    await do(ada, ask.Block, user="ben")
    tick(chat)
    assert ben.news() == []


async def test_who_comes_and_goes_between_two_ticks_is_told_of_once(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada, ben)
    tick(chat)
    ada.news()
    for _ in range(3):
        await do(ben, ask.Leave, for_good=False)
        await do(ben, ask.Join)
    ben.bye()
    await settle(chat)
    tick(chat)
    assert ada.news() == ["ben is gone in Lab"]
    await log_in(chat, "ben", "Lab")
    tick(chat)
    assert ada.news() == ["ben is here in Lab"]


async def test_a_lost_connection_is_told_when_the_grace_period_is_over() -> None:
    brief = HubSettings(rate_limit=0, leave_grace_seconds=5)
    async with chatting(brief) as chat:
        ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
        await private(chat, ada, ben)
        tick(chat)
        ada.news()
        ben.lose_connection()
        chat.pass_time(4)
        assert ada.news() == []
        chat.pass_time(1)
        tick(chat)
        assert ada.news() == ["ben is gone in Lab"]


async def test_nobody_who_is_no_member_any_more_is_told_of(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada, ben)
    tick(chat)
    await do(ben, ask.SetProfile, status=Status.AWAY)
    await do(ada, ask.Kick, user="ben")
    for person in (ada, ben):
        person.news()
    tick(chat)
    assert ada.news() == ben.news() == []


async def test_a_status_is_lost_to_who_is_behind(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await settle(chat)
    ben.news()
    ben.stop_reading()
    ada.say("hm", "Lab")
    await settle(chat)
    ada.say("hm", "Lab")
    await settle(chat)
    await do(ada, ask.SetProfile, status=Status.AWAY)
    tick(chat)
    ben.read_on()
    await settle(chat)
    assert ben.all(told.Presence) == []


async def test_a_crowd_that_comes_back_is_told_of_a_few_at_a_time(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else everybody would be told of everybody at once, a million times for a thousand people."""
    monkeypatch.setattr(appearing, "WRITES_A_TICK", 6)
    ada = await account(chat, "ada", "Lab")
    crowd = [await account(chat, f"guest{number}") for number in range(5)]
    await private(chat, ada, *crowd)
    for person in crowd:
        person.bye()
    await settle(chat)
    told_of = []
    for _ in range(4):
        ada.news()
        tick(chat)
        told_of.append(len(ada.news()))
    assert told_of == [3, 2, 0, 0]
    assert len(chat.hub.appearances) == 0


async def test_whom_one_has_named_stays_in_ones_own_profile(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    await do(ada, ask.Block, user="ben")
    assert ada.last(told.ProfileChanged).profile.blocked == {id_of(ben): "ben"}
    assert "blocked" not in (await whois(ben, "ada")).__struct_fields__
    assert UserName.parse("ben").key not in str(ben.last(told.Person))
