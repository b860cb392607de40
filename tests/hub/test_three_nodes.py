"""Several servers on one log: who is where, whose a name is, and what becomes of a dead one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import AnyEvent, Joined, Left, RoomRenamed
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.state import Member
from hubbub.hub import journal, node
from hubbub.hub.attempts import PASSWORDS
from hubbub.hub.ports import (
    ClaimName,
    Draft,
    Guest,
    KeepNode,
    MemberRecord,
    NameRoom,
    RoomRecord,
    Tried,
)
from hubbub.hub.retention import DAY_MS, MOST_AHEAD_MS
from hubbub.hub.settings import HubSettings
from tests.hub.chat import UNHURRIED, Person
from tests.hub.members import ELSEWHERE, PASSWORD, id_of, log_in, private_room, register, settle
from tests.hub.people import do
from tests.hub.several import Server, Several, several
from tests.memorylog.log import MemoryLog

LEASE = UNHURRIED.lease_seconds
GRACE = UNHURRIED.leave_grace_seconds


async def guest_at(
    them: Several,
    server: Server,
    name: str,
    *rooms: str,
    token: str | None = None,
    line: bool = False,
) -> Person:
    """A guest who has come to ``server``, and all know it."""
    person = server.connect(line=line).hello(name, token)
    await them.tell()
    for room in rooms:
        person.join(room)
        await them.tell()
    return person


async def fail_over(them: Several, standby: dict[str, object]) -> None:
    """The database is what it was when that was copied, and all have compared it with theirs."""
    vars(them.disk).update(standby)
    for server in them:
        server.log.origin = "promoted"
        assert server.hub.following is not None
        assert server.hub.whereabouts is not None
        await server.hub.following.look()
        await server.hub.whereabouts.check()
    await them.pass_time(2 * LEASE)


# Joining and leaving


async def test_who_is_at_two_servers_joins_once_and_leaves_once() -> None:
    async with several() as them:
        one, two, three = them
        ada = await guest_at(them, one, "ada", "General")
        eve = await guest_at(them, three, "eve", "General")
        tab = await guest_at(them, two, "ada", "General", token=ada.token)
        assert id_of(tab) == id_of(ada)
        assert "joined General after 0 with ada, eve" in tab.news()
        ada.bye()
        await them.tell()
        assert them.story() == ["ada joined", "eve joined"]
        assert two.members() == ["ada", "eve"]
        tab.say("here")
        await them.tell()
        tab.bye()
        await them.tell()
        assert them.story() == ["ada joined", "eve joined", "ada: here", "ada left"]
        assert eve.story()[-1] == "4 ada left"
        assert three.members() == ["eve"]


async def test_a_guest_who_comes_back_to_another_server_in_time_has_not_left() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        ada.lose_connection()
        await them.pass_time(1)
        again = await guest_at(them, two, "ada", "General", token=ada.token)
        assert id_of(again) == id_of(ada)
        await them.pass_time(3 * GRACE)
        assert them.story() == ["ada joined"]
        again.lose_connection()
        await them.pass_time(GRACE + 1)
        assert them.story() == ["ada joined", "ada left"]


async def test_a_goodbye_at_one_server_ends_the_grace_period_at_another() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        ada.lose_connection()
        await them.tell()
        again = await guest_at(them, two, "ada", "General", token=ada.token)
        again.bye()
        await them.tell()
        assert them.story() == ["ada joined", "ada left"]
        assert again.news()[-1] == "goodbye bye"
        await them.pass_time(2 * GRACE)
        assert them.story() == ["ada joined", "ada left"]


async def test_who_lost_both_connections_leaves_when_both_grace_periods_are_over() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        tab = await guest_at(them, two, "ada", "General", token=ada.token)
        ada.lose_connection()
        await them.pass_time(3)
        tab.lose_connection()
        await them.pass_time(GRACE - 1)
        assert them.story() == ["ada joined"]
        await them.pass_time(2)
        assert them.story() == ["ada joined", "ada left"]


async def test_who_comes_back_in_the_grace_period_is_not_put_out_by_a_goodbye_elsewhere() -> None:
    """It is saved between their coming and what their server tells the log of it."""
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        tab = await guest_at(them, two, "ada", "General", token=ada.token)
        ada.lose_connection()
        await them.tell()
        again = await guest_at(them, one, "ada", token=ada.token)
        tab.bye()
        again.join()
        two.commit()
        await them.tell()
        assert again.all(replies.RoomLeft) == []
        assert again.all(replies.RoomJoined) != []
        assert them.story() == ["ada joined", "ada left", "ada joined"]
        assert two.members() == ["ada"]


async def test_who_comes_back_in_the_grace_period_to_the_same_server_counts_again() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        ada.lose_connection()
        await them.tell()
        await guest_at(them, one, "ada", "General", token=ada.token)
        tab = await guest_at(them, two, "ada", "General", token=ada.token)
        tab.bye()
        await them.tell()
        assert them.story() == ["ada joined"]
        assert two.members() == ["ada"]


async def test_both_join_at_the_same_moment() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada")
        tab = await guest_at(them, two, "ada", token=ada.token)
        ada.join()
        tab.join()
        await them.tell()
        assert them.story() == ["ada joined"]
        ada.leave()
        tab.leave()
        await them.tell()
        assert them.story() == ["ada joined", "ada left"]
        ada.leave()
        tab.join()
        await them.tell()
        assert them.story() == ["ada joined", "ada left", "ada joined"]


async def test_a_kick_at_one_server_puts_out_at_the_others() -> None:
    async with several() as them:
        one, two, three = them
        ben = await register(one, "ben")
        ben.join("Lab")
        await them.tell()
        ada = await guest_at(them, two, "ada", "Lab")
        tab = await guest_at(them, three, "ada", "Lab", token=ada.token)
        gone = await guest_at(them, three, "eve", "Lab")
        gone.lose_connection()
        await them.tell()
        for name in ("ada", "eve"):
            ben.send(kick("Lab", name))
            await them.tell()
        for person in (ada, tab):
            assert person.news()[-1] == "put out of Lab"
        await them.pass_time(2 * GRACE)
        assert them.story("Lab")[-2:] == ["ben put ada out", "ben put eve out"]
        assert three.members("Lab") == ["ben"]
        tab.join("Lab")
        await them.tell()
        assert them.story("Lab")[-1] == "ada joined"


async def test_an_account_that_leaves_for_good_at_one_is_out_at_the_other() -> None:
    async with several() as them:
        one, two, _ = them
        ben, ada = await register(one, "ben"), await register(one, "ada")
        await private_room(one, ben, "Cellar", ada)
        await them.tell()
        phone = await log_in(two, "ada", "Cellar")
        await them.tell()
        phone.news()
        before = them.story("Cellar")
        ada.send(leave_for_good("Cellar"))
        await them.tell()
        assert them.story("Cellar") == [*before, "ada left"]
        assert phone.news()[-1] == "put out of Cellar"
        assert two.members("Cellar") == ["ben"]


async def test_an_account_at_two_servers_stays_a_member_of_a_private_room() -> None:
    async with several() as them:
        one, two, _ = them
        ben, ada = await register(one, "ben"), await register(one, "ada")
        await private_room(one, ben, "Cellar", ada)
        await them.tell()
        phone = await log_in(two, "ada", "Cellar", "General")
        await them.tell()
        before = them.story("Cellar")
        for person in (phone, ada):
            person.lose_connection()
        await them.pass_time(2 * GRACE)
        assert them.story("Cellar") == before
        assert them.story()[-1] == "ada left"


async def test_a_renaming_at_two_servers_is_told_once() -> None:
    async with several() as them:
        one, two, _ = them
        ada, ben = await register(one, "ada"), await register(one, "ben")
        await private_room(one, ben, "Cellar", ada)
        await them.tell()
        phone = await log_in(two, "ada", "Cellar", "General")
        ada.join()
        await them.tell()
        before, told = them.story("Cellar"), phone.news()
        ada.send(ask.Rename(user=UserName.parse("countess")))
        await them.tell()
        assert them.story() == ["ada joined", "countess joined", "ada left"]
        assert them.story("Cellar") == [*before, "countess joined", "ada left"]
        told = phone.news()
        assert not any(word.startswith("put out") for word in told), told
        keys = {place[1] for place in them.disk.attendances}
        assert keys == {"countess", "ben"}
        for person in (ada, phone):
            person.send(ask.Bye())
            await them.tell()
        assert them.story()[3:] == ["countess left"]
        assert {place[1] for place in them.disk.attendances} == {"ben"}


@pytest.mark.parametrize("told", [True, False])
async def test_who_has_gone_at_one_server_and_is_renamed_at_another_leaves_once(told: bool) -> None:
    """The first one knows that they have lost the connection, and tells so, or they say goodbye."""
    async with several(2) as them:
        one, two = them
        ada = await register(one, "ada", "General")
        await them.tell()
        phone = await log_in(two, "ada", "General")
        await them.tell()
        ada.send(ask.Rename(user=UserName.parse("countess")))
        if told:
            phone.lose_connection()
            await settle(two)
            await settle(one)
        else:
            phone.leave()  # behind the new name in the log
            await settle(one)
            await settle(two)
        await them.tell()
        assert one.members() == ["countess"]
        ada.lose_connection()
        await them.pass_time(3 * GRACE)
        assert them.story() == ["ada joined", "countess joined", "ada left", "countess left"]
        assert them.disk.attendances == {}


async def test_who_comes_in_by_a_name_that_was_changed_elsewhere_leaves_by_it_once() -> None:
    async with several(2) as them:
        one, two = them
        ada = await register(one, "ada", "General")
        await them.tell()
        phone = await log_in(two, "ada")
        await them.tell()
        ada.send(ask.Rename(user=UserName.parse("countess")))
        phone.join()  # behind the new name in the log
        await settle(one)
        two.log.commit()
        for _ in range(9):
            await two.quiet()
            two.log.commit()
        assert two.log.waiting == 0, "it asks for the same again and again"
        await them.tell()
        assert one.members() == ["countess"]


async def test_a_guest_with_another_name_is_the_same_at_another_server() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        ada.bye()
        ada = await guest_at(them, one, "ada", "General")
        former = id_of(ada)
        ada.lose_connection()
        await them.tell()
        again = await guest_at(them, two, "lovelace")
        again.send(ask.Formerly(user=UserName.parse("ada"), token=ada.token or "")).join()
        await them.tell()
        assert id_of(again) == former
        assert them.disk.guests["lovelace"].id == former
        again.say("hello")
        await them.pass_time(UNHURRIED.hold_seconds + 1, step=5)
        assert {name.id for name in them.disk.guests.values()} == {former}
        assert two.members() == ["lovelace"]


async def test_a_guest_with_another_name_at_another_server_is_told_as_one_renaming() -> None:
    async with several() as them:
        one, two, three = them
        eve = await guest_at(them, three, "eve", "General", "Kitchen")
        ada = await guest_at(them, one, "ada", "General")
        ada.lose_connection()
        await them.tell()
        again = await guest_at(them, two, "lovelace")
        again.send(ask.Formerly(user=UserName.parse("ada"), token=ada.token or ""))
        again.join().join("Kitchen")
        await them.tell()
        await them.pass_time(GRACE + 1)
        told = [(e.by, e.was) for e in eve.shown() if isinstance(e, Joined)]
        assert told == [("eve", None), ("ada", None), ("lovelace", "ada")]
        assert [(e.by, e.now) for e in eve.shown() if isinstance(e, Left)] == [("ada", "lovelace")]
        assert them.story("Kitchen") == ["eve joined", "lovelace joined"]
        told = [(e.by, e.was) for e in eve.shown("Kitchen") if isinstance(e, Joined)]
        assert told[-1] == ("lovelace", None), "ada was not there"
        again.bye()
        await them.tell()
        last = eve.shown()[-1]
        assert isinstance(last, Left)
        assert (last.by, last.now) == ("lovelace", None)


@pytest.mark.parametrize("gone", [True, False])
@pytest.mark.parametrize("told", [True, False])
async def test_a_guest_who_gets_two_names_at_two_servers_at_once_leaves_by_each(
    told: bool, gone: bool
) -> None:
    """``gone``: they have lost the connection by their first name; ``told``: before they come."""
    async with several() as them:
        one, two, three = them
        ada = await guest_at(them, three, "ada", "General")
        new = [server.connect().hello(name) for server, name in ((one, "lady"), (two, "countess"))]
        await them.tell()
        if gone:
            ada.lose_connection()
        if told:
            await them.tell()
        for person in new:
            person.send(ask.Formerly(user=UserName.parse("ada"), token=ada.token or "")).join()
            for server in them:
                await server.quiet()
        await them.tell()
        assert {id_of(person) for person in new} == {id_of(ada)}
        assert set(two.members()) >= {"countess", "lady"}
        await them.pass_time(GRACE + 1)
        assert two.members() == (["countess", "lady"] if gone else ["ada", "countess", "lady"])
        for person in (*new, *([] if gone else [ada])):
            person.bye()
            await them.tell()
        await them.pass_time(GRACE + LEASE)
        assert two.members() == []
        for name in ("ada", "countess", "lady"):
            assert them.story().count(f"{name} joined") == them.story().count(f"{name} left") == 1


async def test_who_takes_their_former_name_up_again_at_another_server_leaves_as_anybody() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        ada.lose_connection()
        await them.tell()
        again = await guest_at(them, two, "lovelace")
        again.send(ask.Formerly(user=UserName.parse("ada"), token=ada.token or "")).join()
        await them.tell()
        back = await guest_at(them, one, "ada", "General", token=ada.token)
        back.bye()
        await them.tell()
        left = [event for event in them.disk.events["general"] if isinstance(event, Left)]
        assert [(event.by, event.now) for event in left] == [("ada", None)]


# Names


async def test_no_former_name_of_a_guest_who_has_an_account_is_a_way_into_it() -> None:
    """A dead server has kept one, of which the one where they register does not know."""
    async with several() as them:
        one, two, three = them
        ada = await guest_at(them, one, "ada")
        them.kill(one)
        countess = two.connect().hello("countess")
        await them.tell()
        former = ask.Formerly(user=UserName.parse("ada"), token=ada.token or "")
        countess.send(former)
        await them.tell()
        assert id_of(countess) == id_of(ada)
        countess.send(ask.Register(password=PASSWORD))
        await them.tell()
        await them.pass_time(3 * LEASE)  # what the dead one has left is another one's
        anew = await guest_at(them, three, "ada", token=ada.token)
        assert id_of(anew) != id_of(countess)


async def test_a_new_name_that_is_in_use_elsewhere_stays_that_of_somebody_new() -> None:
    async with several() as them:
        one, two, three = them
        ada = await guest_at(them, one, "ada", "General")
        new = await guest_at(them, two, "countess")
        tab = await guest_at(them, three, "countess", token=new.token)
        assert ada.token is not None
        new.send(ask.Formerly(user=UserName.parse("ada"), token=ada.token))
        await them.tell()
        assert id_of(new) == id_of(tab) != id_of(ada)
        for person in (new, tab):
            person.join()
            await them.tell()
        assert len([line for line in them.story() if line == "countess joined"]) <= 1


async def test_a_name_is_claimed_once_though_two_servers_are_asked_at_once() -> None:
    async with several() as them:
        one, two, three = them
        people = [one.connect().hello("ada"), two.connect().hello("ada")]
        await them.tell()
        told = [person.news()[-1] for person in people]
        assert sorted(told) == ["error name-taken", "welcome ada"]
        assert all(server.hub.healthy for server in them)  # the log has answered
        loser = people[told.index("error name-taken")]
        refused = loser.last(replies.Refused)
        assert refused.suggestion == "ada2"
        assert '"ada2" is free now' in refused.message
        loser.hello("ada2")
        await them.tell()
        assert loser.news() == ["welcome ada2"]
        third = await guest_at(them, three, "ada")
        assert third.last(replies.Refused).suggestion == "ada3"


async def test_a_name_that_looks_like_one_that_was_registered_elsewhere_is_refused() -> None:
    async with several() as them:
        one, two, three = them
        await register(one, "ada")
        for server in (two, three):
            server.end.arrived.clear()  # and they have not heard of it
        ben, eve = two.connect().hello("аda"), three.connect()  # with a Cyrillic а
        eve.send(ask.Register(user=UserName.parse("аda"), password=PASSWORD))
        await settle(two)
        await settle(three)
        assert ben.news() == ["error name-taken"]
        assert eve.news()[-1] == "error name-taken"


async def renamed_unheard(one: Server, two: Server, *, logged_in: bool = False) -> None:
    """An account is ada no more, which ``two``, where it may be, has not heard."""
    ada = await register(one, "ada")
    two.end.hear()
    two.end.arrived.clear()
    await two.quiet()
    if logged_in:
        await log_in(two, "ada")
    ada.send(ask.Rename(user=UserName.parse("countess")))
    await settle(one)
    assert two.hub.access.account(UserName.parse("ada")) is not None


async def left_unheard(them: Several, server: Server, name: str, heir: Server) -> str:
    """The id of a guest at ``server``, which is dead then; ``heir`` hears of nothing else."""
    guest = server.connect().hello(name)
    await settle(server)
    assert guest.news() == [f"welcome {name}"]
    them.kill(server)
    for _ in range(3):
        them.disk.seconds += LEASE
        heir.pass_time(LEASE)
        await settle(heir)
    return id_of(guest)


async def test_nobody_gets_a_name_from_the_log_that_is_an_accounts_as_far_as_is_known() -> None:
    """It has another name by then: what one server keeps for it is not free at another one."""
    async with several(2) as them:
        one, two = them
        eve = two.connect().hello("ada")
        await two.quiet()
        await renamed_unheard(one, two)
        await settle(two)
        assert eve.news() == ["error name-taken"]
        phone = await log_in(two, "ada", "General")
        await them.tell()
        assert two.hub.users.get("countess") is phone.session.user
        assert "ada" not in two.hub.users.names
        phone.bye()
        await them.tell()
        assert them.story() == ["ada joined", "countess joined", "ada left", "countess left"]
        assert them.disk.claims == {}


async def test_nobody_logs_in_by_a_former_name_that_somebody_else_has_by_now() -> None:
    async with several() as them:
        one, two, three = them
        await renamed_unheard(one, two)
        eve = await left_unheard(them, three, "ada", two)
        held = two.hub.users.get("ada")
        assert held is not None
        assert held.id == eve
        assert (await log_in(two, "ada")).news() == ["error need-password"]
        assert two.hub.users.get("ada") is held
        await them.tell()
        assert (await log_in(two, "countess")).news() == ["welcome countess"]
        assert two.hub.users.get("ada") is held


async def test_a_name_that_a_dead_server_left_is_not_kept_where_an_account_is_here_by_it() -> None:
    async with several() as them:
        one, two, three = them
        await renamed_unheard(one, two, logged_in=True)
        await left_unheard(them, three, "ada", two)
        assert them.disk.claims == {}
        assert them.disk.guests == {}
        await them.tell()
        assert "ada" not in two.hub.users.names
        assert "countess" in two.hub.users.names


async def test_the_name_of_a_guest_without_a_token_is_in_use_while_they_are_connected() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General", line=True)
        eve = await guest_at(them, two, "ada")
        assert eve.news() == ["error name-taken"]
        ada.lose_connection()
        await them.tell()
        assert them.story()[-1] == "ada left"
        eve.hello("ada").join()
        await them.tell()
        assert eve.news()[0] == "welcome ada"
        assert them.story()[-1] == "ada joined"


async def test_a_name_is_held_at_all_servers_and_free_when_the_time_is_over() -> None:
    async with several() as them:
        one, two, three = them
        ada = await guest_at(them, one, "ada", "General")
        ada.lose_connection()
        await them.tell()
        eve = await guest_at(them, two, "ada")
        assert eve.news() == ["error name-taken"]
        again = await guest_at(them, three, "ada", token=ada.token)
        await them.pass_time(UNHURRIED.hold_seconds + 1, step=5)
        eve.hello("ada")
        await them.tell()
        assert eve.news() == ["error name-taken"], "they are at the third one"
        assert "ada" in them.disk.guests
        again.bye()
        await them.tell()
        assert "ada" not in them.disk.guests
        assert them.disk.claims == {}
        eve.hello("ada")
        await them.tell()
        assert eve.news() == ["welcome ada"]
        assert id_of(eve) != id_of(ada)


async def test_commands_are_about_guests_at_other_servers_too() -> None:
    async with several() as them:
        one, two, three = them
        ben = await register(one, "ben")
        ben.send(ask.Own(code=one.hub.owner_code or ""))
        ben.join("Lab")
        await them.tell()
        eve = await guest_at(them, two, "eve", "General")
        ben.news()
        ben.send(ask.Whois(user=UserName.parse("eve")))
        ben.send(ask.Invite(room=RoomName.parse("Lab"), user=UserName.parse("eve")))
        ben.send(ask.Whois(user=UserName.parse("nobody")))
        await them.tell()
        news = ben.news()
        assert "eve is here" in news
        assert "error no-such-user" in news
        assert "ben invites to Lab" in eve.news()
        ben.send(ask.Ban(room=DIRECTORY, user=UserName.parse("eve")))
        await them.tell()
        assert eve.news()[-1] == "goodbye banned"
        again = await guest_at(them, three, "eve", token=eve.token)
        assert again.news()[-1].startswith("error")


async def test_a_guest_whose_name_is_only_held_at_another_server_is_not_here() -> None:
    async with several() as them:
        one, two, _ = them
        ben = await guest_at(them, one, "ben")
        eve = await guest_at(them, two, "eve", "General")
        eve.lose_connection()
        await them.pass_time(GRACE + 1)
        ben.news()
        ben.send(ask.Whois(user=UserName.parse("eve")))
        await them.tell()
        assert not ben.last(replies.Person).here
        await guest_at(them, two, "eve", "General", token=eve.token)
        ben.send(ask.Whois(user=UserName.parse("eve")))
        await them.tell()
        assert ben.last(replies.Person).here


async def test_two_tabs_of_a_guest_come_to_another_server_at_once() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        ada.lose_connection()
        tabs = [two.connect().hello("ada", ada.token).join() for _ in range(3)]
        await them.tell()
        assert [tab.news()[0] for tab in tabs] == ["welcome ada"] * 3
        assert them.story() == ["ada joined"]


async def test_who_takes_a_name_that_was_freed_elsewhere_is_another_member() -> None:
    async with several() as them:
        one, two, three = them
        ada = await guest_at(them, one, "ada", "General", line=True)
        watcher = await guest_at(them, three, "eve", "General")
        one.end.arrived.clear()
        ada.bye()
        await settle(one)  # and two has not heard of it
        for server in (two, three):
            server.end.arrived.clear()
        other = two.connect().hello("ada").join()
        await them.tell()
        assert them.story() == ["ada joined", "eve joined", "ada left", "ada joined"]
        assert two.hub.rooms["general"].state.members["ada"].id == id_of(other)
        assert watcher.story()[-2:] == ["3 ada left", "4 ada joined"]


async def test_what_was_read_at_one_server_is_read_at_another() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        eve = await guest_at(them, two, "eve", "General")
        for number in range(3):
            eve.say(f"text {number}")
        await them.tell()
        ada.read(4)
        await them.pass_time(5)
        ada.lose_connection()
        again = await guest_at(them, two, "ada", "General", token=ada.token)
        await them.tell()
        assert again.last(replies.RoomJoined).unread == 1


# Dead servers


async def test_the_guests_of_a_dead_server_leave_once_within_two_leases() -> None:
    async with several() as them:
        one, two, three = them
        ada = await guest_at(them, one, "ada", "General")
        await guest_at(them, one, "lin", "General", line=True)
        eve = await guest_at(them, two, "eve", "General")
        both = await guest_at(them, one, "ben", "General")
        await guest_at(them, three, "ben", "General", token=both.token)
        them.kill(one)
        await them.pass_time(LEASE / 2)
        assert "left" not in " ".join(them.story())
        await them.pass_time(1.5 * LEASE)
        assert sorted(them.story()[4:]) == ["ada left", "lin left"]
        assert eve.story()[-1].endswith("left")
        await them.pass_time(5 * LEASE)
        assert len(them.story()) == 6
        assert len(them.disk.nodes) == 2
        assert two.members() == three.members() == ["ben", "eve"]
        late = await guest_at(them, three, "ada", token=ada.token)
        assert late.news() == ["welcome ada"]
        assert id_of(late) == id_of(ada)
        lin = await guest_at(them, two, "lin")
        assert lin.news() == ["welcome lin"], "who has no token cannot come back"


async def test_a_guest_of_a_dead_server_who_is_back_in_time_has_not_left() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        them.kill(one)
        again = await guest_at(them, two, "ada", "General", token=ada.token)
        await them.pass_time(3 * LEASE)
        assert them.story() == ["ada joined"]
        assert id_of(again) == id_of(ada)


async def test_a_guest_who_is_looked_up_while_their_dead_server_is_taken_over_gets_their_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, one, "ada", "General")
        await them.pass_time(LEASE)
        them.kill(one)
        slow, find = asyncio.Event(), two.log.guest

        async def guest(key: str) -> Guest | None:
            found: Guest | None = await find(key)
            await slow.wait()
            return found

        monkeypatch.setattr(two.log, "guest", guest)
        again = two.connect().hello("ada", ada.token)
        await them.pass_time(2 * LEASE)
        assert again.news() == []
        slow.set()
        await them.tell()
        assert again.news() == ["welcome ada"]
        assert id_of(again) == id_of(ada)


async def test_a_guest_whose_dead_server_is_taken_over_while_they_come_back_keeps_their_name() -> (
    None
):
    """Both are saved in one transaction: the lease that takes over, and the claim to the name."""
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, one, "ada", "General")
        await them.pass_time(LEASE)
        them.kill(one)
        them.disk.seconds += 2 * LEASE
        two.pass_time(2 * LEASE)
        again = two.connect().hello("ada", ada.token)
        await two.quiet()
        assert [type(entry) for entry in two.log.queued] == [KeepNode, ClaimName]
        await them.tell()
        again.join("General")
        await them.pass_time(UNHURRIED.hold_seconds + 1, step=10)
        assert again.open
        assert two.hub.users.get("ada") is again.session.user
        other = two.connect().hello("ada")
        await them.tell()
        assert "name-taken" in other.news()[0]
        assert them.story() == ["ada joined", "ada left", "ada joined"]


async def test_a_guest_whose_dead_server_is_taken_over_while_they_leave_the_other_one_has_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The leave is saved just before, and told behind it, as the room has to be read first."""
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, one, "ada", "General")
        tab = await guest_at(them, two, "ada", "General", token=ada.token)
        await them.pass_time(LEASE)
        ada.say("two does not hear of it")
        await settle(one)
        two.end.arrived.clear()
        them.kill(one)
        slow, read = asyncio.Event(), two.log.read

        async def read_slowly(room: int | str, after: int, upto: int) -> list[AnyEvent]:
            await slow.wait()
            found: list[AnyEvent] = await read(room, after, upto)
            return found

        monkeypatch.setattr(two.log, "read", read_slowly)
        tab.leave("General")
        await two.quiet()
        them.disk.seconds += 2 * LEASE
        two.pass_time(2 * LEASE)
        assert [type(entry) for entry in two.log.queued] == [Draft, KeepNode]
        await settle(two)
        slow.set()
        await them.pass_time(LEASE)
        assert them.story()[-1] == "ada left"
        assert them.disk.attendances == {}


async def test_a_guest_who_is_cut_off_while_they_come_back_can_come_back_yet() -> None:
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, one, "ada", "General")
        ada.lose_connection()
        await them.pass_time(UNHURRIED.hold_seconds - 20, step=10)
        once = two.connect().hello("ada", ada.token)
        await two.quiet()
        once.lose_connection()
        await them.pass_time(40, step=10)
        again = await guest_at(them, two, "ada", token=ada.token)
        assert again.news() == ["welcome ada"]
        assert id_of(again) == id_of(ada)


async def test_accounts_of_a_dead_server_stay_members_of_private_rooms() -> None:
    async with several() as them:
        one, two, _ = them
        ben, ada = await register(two, "ben"), await register(two, "ada")
        await private_room(two, ben, "Cellar", ada)
        ada.lose_connection()
        await them.tell()
        phone = await log_in(one, "ada", "Cellar", "General")
        await them.tell()
        assert phone.open
        before = them.story("Cellar")
        them.kill(one)
        await them.pass_time(3 * LEASE)
        assert them.story("Cellar") == before
        assert them.story()[-1] == "ada left"
        assert {place[2] for place in them.disk.attendances} == {two.id}


async def test_a_server_that_stood_still_for_longer_than_its_lease_says_nothing_any_more() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        eve = await guest_at(them, two, "eve", "General")
        ada.news()
        ada.say("before")  # on its way to the log when the process stops
        one.stopped = True
        await them.pass_time(3 * LEASE)
        assert them.story()[-1] == "ada left"
        before = {key: list(events) for key, events in them.disk.events.items()}
        one.stopped = False
        one.pass_time(them.disk.seconds - one.seconds)
        ada.say("after")
        ada.bye()
        await settle(one)
        one.pass_time(5)
        await settle(one)
        assert them.disk.events == before
        assert "goodbye restarting" in ada.news()
        assert ada.last(replies.Goodbye).reconnect
        assert one.hub.lost.is_set()
        assert not one.hub.sessions
        one.stopped = True
        again = await guest_at(them, two, "ada", "General", token=ada.token)
        await them.tell()
        assert id_of(again) == id_of(ada)
        assert eve.story()[-1] == "4 ada joined"


async def test_a_server_whose_log_went_back_says_goodbye_to_all_and_begins_anew() -> None:
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, one, "ada", "General")
        eve = await guest_at(them, two, "eve", "General")
        one.log.went_back = True
        assert one.hub.following is not None
        await one.hub.following.look()
        await settle(one)
        assert ada.last(replies.Goodbye).reconnect
        assert one.hub.lost.is_set()
        assert not one.hub.sessions
        assert eve.open
        assert not two.hub.lost.is_set()
        one.stopped = True


async def test_a_text_under_a_number_that_was_shown_makes_a_server_doubt_its_log() -> None:
    async with several(2) as them:
        one, _ = them
        ada = await guest_at(them, one, "ada", "General")
        ada.say("seen")
        await them.tell()
        assert one.log.doubts == 0
        one.seconds += 1
        del them.disk.events["general"][-1]
        ada.say("another one")
        await settle(one)
        assert one.log.doubts == 1


async def test_who_was_at_a_server_that_was_taken_for_dead_is_sent_elsewhere_and_not_put_out() -> (
    None
):
    """The server hears by the bus that its guest has left, before the log tells it why."""
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        await guest_at(them, two, "eve", "General")
        ada.news()
        one.stopped = True
        await them.pass_time(3 * LEASE)
        assert them.story()[-1] == "ada left"
        one.stopped = False
        one.pass_time(them.disk.seconds - one.seconds)
        one.end.hear()
        await one.quiet()
        assert ada.last(replies.Goodbye).reconnect
        assert ada.all(replies.RoomLeft) == []
        one.stopped = True


async def test_a_server_whose_lease_ran_out_goes_on_if_nobody_has_taken_over() -> None:
    async with several(1) as them:
        (one,) = them
        ada = await guest_at(them, one, "ada", "General")
        one.stopped = True
        await them.pass_time(3 * LEASE)
        one.stopped = False
        ada.say("hello")
        await them.pass_time(1)
        assert them.story() == ["ada joined", "ada: hello"]
        assert not one.hub.lost.is_set()


async def test_a_server_whose_log_does_not_answer_is_not_well_once_its_lease_may_be_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A network that loses everything refuses nothing: the balancer is to know all the same."""
    async with several(1) as them:
        (one,) = them
        with monkeypatch.context() as patch:
            patch.setattr(one, "commit", lambda: None)
            await them.pass_time(LEASE / 2)
            assert one.hub.healthy
            await them.pass_time(LEASE)
            assert not one.hub.healthy
        await them.pass_time(2)  # what was saved so late counts from when it was asked for
        assert one.hub.healthy


async def test_a_server_that_cannot_save_while_others_can_sends_its_people_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though it is not shown that they have left, as it lacks what was said before that."""
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        eve = await guest_at(them, two, "eve", "General")
        monkeypatch.setattr(one, "commit", lambda: None)
        one.log.readable = False
        with monkeypatch.context() as patch:
            patch.setattr(one.end, "hear", lambda *_: None)
            await them.pass_time(1.5 * LEASE)
        assert ada.all(replies.Goodbye) == []
        eve.say("here")
        await them.pass_time(1.5 * LEASE)
        (goodbye,) = ada.all(replies.Goodbye)
        assert goodbye.reconnect is not None
        assert one.hub.lost.is_set()
        one.stopped = True


async def test_nobody_is_dead_because_the_log_was_away() -> None:
    async with several() as them:
        one, two, three = them
        await guest_at(them, one, "ada", "General")
        await guest_at(them, two, "eve", "General")
        for server in them:
            server.log.fail_next(10_000)
        await them.pass_time(3 * LEASE)
        for server in (three, two, one):  # the first that can write is not to bury the others
            server.log.fail_next(0)
            await them.pass_time(2)
        await them.pass_time(3 * LEASE)
        assert them.story() == ["ada joined", "eve joined"]
        assert not any(server.hub.lost.is_set() for server in them)


async def test_a_server_that_could_not_renew_once_takes_over_from_dead_ones_later() -> None:
    async with several(2) as them:
        one, two = them
        await guest_at(them, one, "ada", "General")
        await them.pass_time(LEASE)
        for _ in range(int(LEASE / 3) + 1):
            two.log.fail_next(1)
            await them.pass_time(1)
        two.log.fail_next(0)
        them.kill(one)
        await them.pass_time(4 * LEASE)
        assert them.story() == ["ada joined", "ada left"]


async def test_what_a_dead_server_left_is_not_lost_if_who_took_it_over_dies_too() -> None:
    async with several() as them:
        one, two, three = them
        await guest_at(them, one, "ada", "General")
        eve = await guest_at(them, three, "eve", "General")
        them.kill(one)
        them.disk.seconds += LEASE / 2
        for server in (two, three):
            server.pass_time(LEASE / 2)
            server.commit()
        them.disk.seconds += LEASE / 2
        two.pass_time(LEASE / 2)
        two.log.commit(1)  # it has taken over, and dies before it has written the leave
        assert len(them.disk.nodes) == 2
        them.kill(two)
        await them.pass_time(3 * LEASE)
        assert them.story() == ["ada joined", "eve joined", "ada left"]
        assert eve.story()[-1] == "3 ada left"


# Starting and stopping


async def test_a_server_that_starts_takes_nobody_for_lost_who_is_at_another() -> None:
    async with several(2) as them:
        one, _ = them
        ada = await guest_at(them, one, "ada", "General")
        late = await them.add()
        await them.pass_time(3 * LEASE)
        assert late.members() == ["ada"]
        assert them.story() == ["ada joined"]
        await late.crash()
        assert ada.open


async def test_the_only_server_that_starts_again_gives_its_guests_time_to_come_back() -> None:
    async with several(1) as them:
        (one,) = them
        ada = await guest_at(them, one, "ada", "General")
        ben = await guest_at(them, one, "ben", "General")
        await guest_at(them, one, "lin", "General", line=True)
        them.kill(one)
        them.disk.seconds += 10 * LEASE
        new = await them.add()
        await them.tell()
        assert them.story()[3:] == ["lin left"]
        back = await guest_at(them, new, "ada", "General", token=ada.token)
        await them.pass_time(GRACE + 1)
        assert them.story()[3:] == ["lin left", "ben left"]
        assert id_of(back) == id_of(ada)
        assert (await guest_at(them, new, "ben")).news() == ["error name-taken"]
        assert (await guest_at(them, new, "ben", token=ben.token)).news() == ["welcome ben"]
        await new.crash()


@pytest.mark.parametrize("turns", range(8))
@pytest.mark.parametrize("moved", [False, True])
async def test_who_comes_back_while_a_server_starts_has_not_left(turns: int, moved: bool) -> None:
    """At whichever moment it hears of whom the dead one has left, or of who was here before."""
    async with several(1) as them:
        (one,) = them
        ada = await guest_at(them, one, "ada", "General")
        them.kill(one)
        them.disk.seconds += 10 * LEASE
        if moved:
            them.forget_nodes()
        new = await them.add(tell=False)
        for _ in range(turns):
            await asyncio.sleep(0)
        back = new.connect().hello("ada", ada.token)
        await settle(new, 1)
        back.join("General")
        await them.tell()
        assert "welcome ada" in back.news()
        assert id_of(back) == id_of(ada)
        await them.pass_time(2 * GRACE)
        assert new.members() == ["ada"]
        assert them.story() == ["ada joined"]
        back.bye()
        await them.tell()
        assert them.story() == ["ada joined", "ada left"]
        await new.crash()


async def test_members_from_before_there_were_several_servers_leave() -> None:
    async with several(1) as them:
        (one,) = them
        await guest_at(them, one, "ada", "General")
        them.kill(one)
        them.forget_nodes()
        new = await them.add()
        await them.pass_time(GRACE + 1)
        assert them.story() == ["ada joined", "ada left"]
        assert new.members() == []
        await new.crash()


async def test_what_a_node_has_taken_over_is_known_though_the_answer_was_lost() -> None:
    async with several(2) as them:
        one, two = them
        await guest_at(them, one, "ada", "General")
        await guest_at(them, two, "eve", "General")
        them.kill(one)
        them.disk.seconds += 2 * LEASE
        two.pass_time(LEASE)
        two.log.lose_answers(two.log.waiting)
        two.commit()
        await them.pass_time(2 * LEASE)
        assert them.story() == ["ada joined", "eve joined", "ada left"]
        assert "ada" not in str(them.disk.attendances)


async def test_a_name_that_is_given_up_is_not_taken_up_again_by_an_older_answer() -> None:
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, two, "ada")
        ada.lose_connection()
        assert two.hub.node is not None
        two.hub.node.lease.doubt()  # so that it is told all that it has
        two.pass_time(two.hub.settings.hold_seconds)
        await settle(two)
        eve = await guest_at(them, one, "ada")
        again = await guest_at(them, two, "ada", token=ada.token)
        assert id_of(eve) != id_of(ada)
        assert again.last(replies.Refused).code == "name-taken"


async def test_what_a_dead_server_left_in_a_room_that_is_not_known_yet_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(node, "RETRY_SECONDS", 0.0)
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, one, "ada")
        ada.join("Attic")
        await settle(one)
        two.end.arrived.clear()
        them.kill(one)
        two.log.readable = False
        await them.pass_time(3 * LEASE)
        assert them.story("Attic") == ["ada joined"]
        two.log.readable = True
        await them.pass_time(1)
        assert them.story("Attic") == ["ada joined", "ada left"]


async def test_what_a_dead_server_left_is_not_dropped_by_what_was_before_it() -> None:
    """The other one takes it over, and hears only then of a kick, and that they came again."""
    async with several(2) as them:
        one, two = them
        ben = await register(one, "ben")
        ben.join("Lab")
        await them.tell()
        ada = await guest_at(them, one, "ada", "Lab")
        tab = await guest_at(them, two, "ada", "Lab", token=ada.token)
        ben.send(kick("Lab", "ada"))
        await settle(one)
        ada.join("Lab")
        await settle(one)
        them.kill(one)
        two.end.arrived.clear()
        them.disk.seconds += 2 * LEASE
        two.pass_time(LEASE)
        await settle(two)
        tab.lose_connection()
        await them.pass_time(GRACE + LEASE)
        assert two.members("Lab") == []
        assert them.story("Lab").count("ada left") == 1


async def test_what_a_dead_server_left_in_a_room_that_cannot_be_deleted_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(node, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(journal, "RETRY_SECONDS", 0.0)
    async with several(2) as them:
        one, two = them
        ada, eve = await guest_at(them, one, "ada"), await guest_at(them, two, "eve", "Lab")
        eve.leave("Lab")
        await them.tell()
        ada.join("Lab")
        await settle(one)
        two.end.arrived.clear()
        them.kill(one)
        gate, read = asyncio.Event(), two.log.read

        async def late(room: int | str, after: int, upto: int) -> list[AnyEvent]:
            await gate.wait()
            events: list[AnyEvent] = await read(room, after, upto)
            return events

        monkeypatch.setattr(two.log, "read", late)
        them.disk.seconds += 2 * LEASE
        two.pass_time(LEASE)
        await settle(two)
        eve.send(ask.Delete(room=RoomName.parse("Lab")))  # of which nobody is a member here yet
        await two.quiet()
        gate.set()
        await two.quiet()
        await them.pass_time(2)
        assert them.story("Lab") == ["eve joined", "eve left", "ada joined", "ada left"]


async def test_who_comes_into_a_room_that_turns_out_to_be_another_one_is_not_left_in_it() -> None:
    cellar, lab = RoomName.parse("Cellar"), RoomName.parse("Lab")
    async with several(2) as them:
        one, two = them
        ada = await register(one, "ada")
        ada.join("Cellar")
        await them.tell()
        ben = await guest_at(them, two, "ben")
        ben.news()
        ben.join("Lab")
        await two.quiet()
        ada.send(ask.RenameRoom(room=cellar, name=lab))
        await settle(one)
        await settle(two)
        assert ben.news() == ["error log-unavailable"]
        await them.pass_time(2)
        assert them.story("Lab")[-2:] == ["ben joined", "ben left"]
        ben.join("Lab")
        await them.tell()
        assert them.story("Lab")[-1] == "ben joined"


async def test_who_deletes_a_room_that_the_log_keeps_leaves_it() -> None:
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, one, "ada", "Lab")
        ada.send(ask.Delete(room=RoomName.parse("Lab")))
        await one.quiet()
        one.log.fail_next(1)
        await them.tell()
        await them.pass_time(2)
        assert two.members("Lab") == []
        assert them.story("Lab") == ["ada joined", "ada left"]


async def test_who_deletes_a_room_while_it_turns_out_that_they_have_joined_it_leaves_it() -> None:
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, one, "ada")
        ada.join("Lab")
        await one.quiet()
        one.log.lose_answers(1)
        one.commit()
        ada.send(ask.Delete(room=RoomName.parse("Lab")))
        await one.quiet()
        assert one.hub.following is not None
        await one.hub.following.look()  # and so it is known again before it could be deleted
        await them.tell()
        await them.pass_time(2)
        assert two.members("Lab") == []
        assert them.story("Lab") == ["ada joined", "ada left"]


@pytest.mark.parametrize("heard", ["nothing", "all", "the last"])
async def test_a_room_that_is_deleted_made_anew_and_renamed_between_two_looks(heard: str) -> None:
    lab, attic = RoomName.parse("Lab"), RoomName.parse("Attic")
    async with several(2) as them:
        one, two = them
        ada = (await register(one, "ada")).join("Lab")  # who owns it
        await them.tell()
        eve = await guest_at(them, two, "eve", "Lab")
        eve.say("old", "Lab")
        await them.tell()
        eve.news()
        for command in (
            ask.Delete(room=lab),
            ask.Join(room=lab),
            ask.Say(room=lab, text="new"),
            ask.RenameRoom(room=lab, name=attic),
            ask.Say(room=attic, text="renamed"),
        ):
            ada.send(command)
            await settle(one)
        if heard != "all":
            del two.end.arrived[: None if heard == "nothing" else -1]
        eve.say("late", "Lab")
        await them.tell()
        assert two.hub.following is not None
        assert two.hub.whereabouts is not None
        await two.hub.following.look()
        await two.hub.whereabouts.check()
        await them.tell()
        assert eve.last(replies.RoomDeleted).room == lab
        assert [room.name for room in eve.session.rooms] == []
        assert not any("new" in one or "renamed" in one for one in eve.news())
        assert two.members("Attic") == ["ada"]
        assert lab.key not in {room.name.key for room in two.hub.rooms}
        eve.join("Attic")
        await them.tell()
        assert them.story("Attic")[-1] == "eve joined"
        assert "eve: late" not in them.story("Attic")
        assert eve.story("Attic")[-1].endswith("eve joined")


async def test_who_makes_a_room_does_not_wait_for_what_another_of_its_name_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journal, "RETRY_SECONDS", 0.0)
    async with several(2) as them:
        one, two = them
        ada, eve = await guest_at(them, one, "ada"), await guest_at(them, two, "eve")
        eve.join("Lab")
        await two.quiet()
        two.log.fail_next(1)
        two.commit()  # eve may be in it all the same, so that the log is owed a leave
        ada.join("Lab")
        await settle(one)
        two.end.arrived.clear()
        two.log.readable = False
        two.pass_time(2)
        await settle(two)  # which has an event by now
        ada.send(ask.Delete(room=RoomName.parse("Lab")))
        await settle(one)
        two.end.arrived.clear()
        two.log.readable = True
        eve.join("Lab")
        await them.tell()
        assert them.story("Lab") == ["eve joined"]
        assert eve.story("Lab") == ["1 eve joined"]


async def test_a_room_whose_deletion_was_lost_by_a_failover_is_there_again() -> None:
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, one, "ada", "Lab")
        standby = them.disk.copy()
        ada.send(ask.Delete(room=RoomName.parse("Lab")))
        await them.tell()
        assert ada.news()[-1] == "deleted Lab"
        await fail_over(them, standby)
        assert them.story("Lab") == ["ada joined", "ada left"]
        assert (one.members("Lab"), two.members("Lab")) == ([], [])


async def test_who_is_present_at_a_server_stays_though_a_failover_has_lost_that() -> None:
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, one, "ada", "General")
        standby = them.disk.copy()
        tab = await guest_at(them, two, "ada", "General", token=ada.token)
        await fail_over(them, standby)
        ada.bye()
        await them.tell()
        assert them.story() == ["ada joined"]
        tab.bye()
        await them.tell()
        assert them.story() == ["ada joined", "ada left"]


async def test_a_name_whose_claim_a_failover_has_lost_is_in_use_all_the_same() -> None:
    async with several(2) as them:
        one, two = them
        standby = them.disk.copy()
        ada = await guest_at(them, one, "ada", line=True)
        await fail_over(them, standby)
        eve = await guest_at(them, two, "ada")
        assert eve.last(replies.Refused).code == "name-taken"
        assert not ada.hung_up


async def test_who_gets_a_name_whose_claim_a_failover_has_lost_has_it_alone() -> None:
    async with several(2) as them:
        one, two = them
        standby = them.disk.copy()
        ada = await guest_at(them, one, "ada")
        vars(them.disk).update(standby)
        eve = await guest_at(them, two, "ada", "General")
        await fail_over(them, them.disk.copy())
        assert ada.news()[-1].startswith("goodbye name-taken")
        assert (ada.hung_up, eve.hung_up) == (True, False)
        assert them.story() == ["ada joined"]
        assert them.disk.guests["ada"].id == id_of(eve)


async def test_who_waits_for_what_a_failover_has_lost_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journal, "RETRY_SECONDS", 0.0)
    async with several(2) as them:
        one, two = them
        ada = await guest_at(them, one, "ada", "General")
        eve = await guest_at(them, two, "eve")
        standby = them.disk.copy()
        ada.say("lost")
        one.commit()
        ada.lose_connection()
        them.kill(one)
        two.end.arrived.clear()
        eve.join()
        await two.quiet()
        two.log.readable = False  # so that the text before the join cannot be shown yet
        await settle(two)
        two.log.readable = True
        vars(them.disk).update(standby)
        two.log.origin = "promoted"
        assert two.hub.following is not None
        await two.hub.following.look()
        await them.tell()
        assert eve.last(replies.Refused).code == "log-unavailable"
        eve.join()
        await them.tell()
        assert them.story() == ["ada joined", "eve joined"]


async def test_a_server_starts_while_another_one_makes_rooms_and_renames_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with several(1) as them:
        (one,) = them
        await guest_at(them, one, "ada", "Cellar")
        read, late = MemoryLog.members, ["Attic", "Lab"]

        async def members(log: MemoryLog, room: str | None = None) -> list[MemberRecord]:
            if late:  # behind the reading of the rooms
                cellar, lab = RoomName.parse("Cellar"), RoomName.parse(late.pop())
                if late:
                    event = RoomRenamed(0, 0, "ada", str(lab), str(cellar))
                    one.log.append(Draft(cellar, event, also=(NameRoom(cellar, lab),)))
                else:
                    one.enter("eve", "Attic")
                one.commit()
            return await read(log, room)

        monkeypatch.setattr(MemoryLog, "members", members)
        two = await them.add()
        await them.tell()
        assert (two.members("Lab"), two.members("Attic")) == (["ada"], ["eve"])


async def test_the_guests_of_a_server_that_stops_may_come_back_to_another() -> None:
    async with several() as them:
        one, two, _ = them
        ada = await guest_at(them, one, "ada", "General")
        ben = await guest_at(them, one, "ben", "General")
        lin = await guest_at(them, one, "lin", "General", line=True)
        await one.hub.close(lambda count: [0.5] * count)
        await settle(one)
        one.stopped = True
        assert ada.news()[-1] == ben.news()[-1] == "goodbye restarting"
        assert lin.news()[-1] == "goodbye restarting"
        await them.tell()
        assert them.story()[3:] == ["lin left"]
        back = await guest_at(them, two, "ada", "General", token=ada.token)
        await them.pass_time(GRACE + LEASE)
        assert them.story()[3:] == ["lin left", "ben left"]
        assert len(them.disk.nodes) == 2
        assert id_of(back) == id_of(ada)


def kick(room: str, user: str) -> ask.Kick:
    return ask.Kick(room=RoomName.parse(room), user=UserName.parse(user))


def leave_for_good(room: str) -> ask.Leave:
    return ask.Leave(room=RoomName.parse(room), for_good=True)


async def test_a_guest_who_registers_at_two_servers_at_the_same_moment_has_one_password() -> None:
    async with several() as them:
        one, two, three = them
        ada = await guest_at(them, one, "ada")
        tab = await guest_at(them, two, "ada", token=ada.token)
        ada.send(ask.Register(password="the first password"))
        tab.send(ask.Register(password="the other password"))
        await one.quiet()
        await two.quiet()  # both are hashed, and on their way
        await them.tell()
        told = [ada.received[-1], tab.received[-1]]
        assert sorted(type(one).__name__ for one in told) == ["Refused", "Welcome"]
        good = (
            "the first password" if isinstance(told[0], replies.Welcome) else "the other password"
        )
        bad = "the other password" if good.startswith("the first") else "the first password"
        assert (await log_in(three, "ada", password=good)).last(replies.Welcome).account
        assert (await log_in(three, "ada", password=bad)).last(
            replies.Refused
        ).code == "wrong-password"


# What the log is asked for


def lookups(server: Server, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What ``server`` asks the log for from now on: rooms, and whose names are."""
    asked: list[object] = []
    room, claimed = server.log.room, server.log.claimed

    async def look_for_room(which: int | str) -> RoomRecord | None:
        asked.append(which)
        return await room(which)

    async def look_for_names(keys: Collection[str]) -> dict[str, Member]:
        asked.append(keys)
        return await claimed(keys)

    monkeypatch.setattr(server.log, "room", look_for_room)
    monkeypatch.setattr(server.log, "claimed", look_for_names)
    return asked


async def test_a_hidden_room_is_looked_for_like_one_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or how long an answer takes would tell which rooms there are."""
    async with several() as them:
        one, two, _ = them
        ada = await register(one, "ada")
        await register(one, "ben")
        await private_room(one, ada, "Lab")
        ada.send(ask.Direct(users=(UserName.parse("ben"),)))
        await them.tell()
        (direct,) = (str(one.name) for one in two.hub.rooms if one.state.facts.direct)
        eve = await guest_at(them, two, "eve")
        asked = lookups(two, monkeypatch)
        for kind in (ask.History, ask.Timeline, ask.Who, ask.Queue, ask.Audit):
            told = []
            for name in ("Lab", direct, "nowhere", "@xyz,abc"):
                asked.clear()
                eve.send(kind(room=RoomName.recall(name)))
                await two.quiet()
                told.append((len(asked), eve.last(replies.Refused).code))
            assert len(set(told)) == 1, told
            assert told[0][0] == 1


async def test_who_is_too_fast_has_nothing_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = HubSettings(rate_limit=1.0, rate_burst=3)
    async with several(2, settings) as them:
        _, two = them
        nobody = two.connect()
        eve = await guest_at(them, two, "eve")
        asked = lookups(two, monkeypatch)
        for number in range(20):
            eve.send(ask.Whois(user=UserName.parse(f"user{number}")))
            nobody.send(ask.Whois(user=UserName.parse(f"user{number}")))
            await two.quiet()
        assert 0 < len(asked) <= 3
        assert len(eve.received) > 20


async def test_who_goes_from_server_to_server_guesses_no_more_often() -> None:
    async with several() as them:
        one, two, three = them
        await register(one, "ada")
        await them.tell()
        tries = 0
        for _ in range(4):
            for server in (one, two, three):
                eve = await log_in(server, "ada", password="a guess", address=ELSEWHERE)
                tries += eve.last(replies.Refused).code == "wrong-password"
                await them.tell()
        assert tries == PASSWORDS.free, "the first ones are free, and no more in the same moment"
        told = [one for one in them.line.told if isinstance(one, Tried)]
        assert {one.account for one in told} == {"ada"}
        await log_in(one, "hunter2", password="a guess", address="203.0.113.9")
        await them.tell()
        assert told == [one for one in them.line.told if isinstance(one, Tried)]
        owner = await log_in(three, "ada")
        assert owner.last(replies.Welcome).account


async def test_a_server_whose_clock_is_wrong_deletes_nothing_that_is_old(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It would delete for all of them what is old by its clock alone."""
    async with several(2) as them:
        one, two = them
        ada = await register(one, "ada")
        ada.join("Lab")
        await them.tell()
        ada.say("hello", room="Lab")
        await them.tell()
        ada.send(ask.SetRules(room=RoomName.recall("Lab"), keep_days=1))
        await them.tell()
        wrong = two.hub.clock() + 3 * DAY_MS
        two.hub.clock = lambda: wrong
        two.hub.retention._since = wrong - two.hub.monotonic() * 1000  # since its start
        assert two.hub.node is not None
        for ahead in (3 * DAY_MS, -MOST_AHEAD_MS - 1):
            two.hub.node.ahead = ahead
            assert await two.hub.retention.look()
            assert "differs from the database's" in caplog.text
            assert two.hub.rooms["lab"].floor == 0
        two.hub.node.ahead = MOST_AHEAD_MS
        looking = asyncio.create_task(two.hub.retention.look())
        await them.tell(6)
        assert two.hub.rooms["lab"].floor > 0, "it is only the clock that has kept it"
        looking.cancel()


# What is counted


async def test_in_slow_mode_a_text_at_another_server_counts() -> None:
    async with several() as them:
        one, two, _ = them
        owner = await register(one, "owner")
        owner.join("Slow")
        await them.tell()
        await do(owner, ask.SetRules, room="Slow", slow=30)
        ada = await guest_at(them, one, "ada", "Slow")
        tab = await guest_at(them, two, "ada", "Slow", token=ada.token)
        ada.say("one", room="Slow")
        await them.tell()
        tab.say("two", room="Slow")
        await them.tell()
        assert tab.news()[-1] == "error rate-limited"
        await them.pass_time(31)
        tab.say("three", room="Slow")
        await them.tell()
        assert [line for line in them.story("Slow") if ":" in line] == ["ada: one", "ada: three"]
