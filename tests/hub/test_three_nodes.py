"""Several servers on one log: who is where, whose a name is, and what becomes of a dead one."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain import replies
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import RoomName, UserName
from tests.hub.chat import UNHURRIED, Person
from tests.hub.members import id_of, log_in, private_room, register, settle
from tests.hub.several import Server, Several, several

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


# Names


async def test_a_name_is_claimed_once_though_two_servers_are_asked_at_once() -> None:
    async with several() as them:
        one, two, three = them
        people = [one.connect().hello("ada"), two.connect().hello("ada")]
        await them.tell()
        told = [person.news()[-1] for person in people]
        assert sorted(told) == ["error name-taken", "welcome ada"]
        loser = people[told.index("error name-taken")]
        refused = loser.last(replies.Refused)
        assert refused.suggestion == "ada2"
        assert '"ada2" is free now' in refused.message
        loser.hello("ada2")
        await them.tell()
        assert loser.news() == ["welcome ada2"]
        third = await guest_at(them, three, "ada")
        assert third.last(replies.Refused).suggestion == "ada3"


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
        eve = await guest_at(them, two, "eve")
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


async def test_members_from_before_there_were_several_servers_leave() -> None:
    async with several(1) as them:
        (one,) = them
        await guest_at(them, one, "ada", "General")
        them.kill(one)
        them.disk.nodes.clear()
        them.disk.attendances.clear()
        them.disk.claims.clear()
        new = await them.add()
        await them.pass_time(GRACE + 1)
        assert them.story() == ["ada joined", "ada left"]
        assert new.members() == []
        await new.crash()


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
