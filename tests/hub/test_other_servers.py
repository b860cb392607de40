"""What two servers do at the same time, or one does that the other has not heard of."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import Invited
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role, RoomAccess
from hubbub.hub import silence, whereabouts
from hubbub.hub.access import ANYBODY
from hubbub.hub.hub import Hub
from hubbub.hub.settings import HubSettings
from hubbub.hub.signoncodes import Purpose
from hubbub.hub.whereabouts import Whereabouts
from tests.hub.chat import Chat, Person
from tests.hub.members import OTHER, PASSWORD, ask_for, log_in, private_room, register, settle
from tests.hub.test_two_hubs import Pair, pair, quiet, tell

LAB = RoomName.parse("Lab")


async def commit(both: Pair) -> None:
    """What was asked for at either is on disk; neither has heard of the other."""
    for _ in range(4):
        await quiet(both)
        both.one.commit()
        both.other.commit()
    await quiet(both)


async def check(chat: Chat) -> None:
    """The server looks what has become of the rooms."""
    whereabouts = chat.hub.whereabouts
    assert isinstance(whereabouts, Whereabouts)
    await whereabouts.check()
    await settle(chat)


async def in_lab(both: Pair) -> tuple[Person, Person]:
    """ada at one, who owns the room Lab, and ben at the other, who are in it."""
    ada = await register(both.one, "ada")
    await ask_for(both.one, ada, ask.Join(room=LAB))
    await tell(both)
    ben = both.other.enter("ben").join("Lab")
    await tell(both)
    ben.news()
    return ada, ben


async def test_who_is_in_a_deleted_room_is_shown_nothing_of_one_that_has_its_name() -> None:
    async with pair() as both:
        ada, ben = await in_lab(both)
        await ask_for(both.one, ada, ask.Delete(room=LAB))
        await ask_for(both.one, ada, ask.Join(room=LAB))
        rules = ask.SetRules(room=LAB, access=RoomAccess.MEMBERS)
        await ask_for(both.one, ada, rules)
        for number in range(4):
            ada.say(f"secret {number}", "Lab")
            await settle(both.one)
        wakes = len(both.ends[1].arrived)
        both.ends[1].hear(wakes - 1)  # and not of the deletion
        await settle(both.other)
        assert ben.news() == ["deleted Lab"]
        assert await ask_for(both.other, ben, ask.Join(room=LAB)) == ["error no-such-room"]


async def test_a_text_for_a_deleted_room_is_not_said_in_another_one() -> None:
    async with pair() as both:
        ada, ben = await in_lab(both)
        await ask_for(both.one, ada, ask.Delete(room=LAB))
        await ask_for(both.one, ada, ask.Join(room=LAB))
        ben.say("hello", "Lab", nonce="n")
        await settle(both.other)
        assert ben.news() == ["error log-unavailable n", "deleted Lab"]
        assert both.one.story("Lab") == ["1 ada joined"]


async def test_a_text_for_a_renamed_room_makes_none_of_the_former_name() -> None:
    async with pair() as both:
        ada, ben = await in_lab(both)
        await ask_for(both.one, ada, ask.RenameRoom(room=LAB, name=RoomName.parse("Cellar")))
        ben.say("hello", "Lab", nonce="n")
        await settle(both.other)
        assert ben.news()[0] == "error log-unavailable n"
        assert "lab" not in both.one.log.disk.rooms
        ben.say("hello", "Lab", nonce="n")
        await settle(both.other)
        assert both.one.story("Cellar")[-1].endswith("ben: hello")


async def test_a_room_that_is_gone_is_noticed_though_nobody_tells() -> None:
    async with pair() as both:
        ada = both.one.enter("ada").join("Lab")
        await tell(both)
        await ask_for(both.one, ada, ask.Delete(room=LAB))
        both.ends[1].arrived.clear()
        assert "lab" in both.other.hub.rooms
        await check(both.other)
        assert "lab" not in both.other.hub.rooms


async def test_a_silent_room_stays_into_which_somebody_comes_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(silence, "LOOK_SECONDS", 1.0)
    async with pair() as both:
        ada = both.one.enter("ada").join("Lab")
        await tell(both)
        ada.leave("Lab")
        await tell(both)
        ben = both.other.enter("ben").join("Lab")
        await commit(both)
        both.one.pass_time(HubSettings().silent_room_seconds + 10)
        await settle(both.one)
        ben.say("hello", "Lab")
        await tell(both)
        assert both.one.story("Lab")[-1].endswith("ben: hello")
        assert both.one.members("Lab") == both.other.members("Lab") == ["ben"]


async def test_a_cursor_that_another_server_has_given_is_one_here() -> None:
    async with pair() as both:
        ada, _ = await in_lab(both)
        for number in range(3):
            ada.say(f"text {number}", "Lab")
            await settle(both.one)
        head = ada.shown("Lab")[-1]
        eve = both.other.enter("eve")
        eve.join("Lab", after=head.seq, at=head.at)
        await settle(both.other)
        assert eve.last(told.RoomJoined).after == head.seq
        assert [word for word in eve.news() if word.startswith("error")] == []


async def test_pages_of_what_another_server_has_just_made() -> None:
    async with pair() as both:
        ada = both.one.enter("ada").join("Lab")
        await settle(both.one)
        ada.say("hello", "Lab")
        await settle(both.one)
        assert "lab" not in both.other.hub.rooms
        page = await both.other.hub.timeline(ANYBODY, LAB)
        assert [getattr(event, "text", None) for event in page.events][-1] == "hello"
        ada.say("more", "Lab")
        await settle(both.one)
        page = await both.other.hub.page(ANYBODY, LAB, after=3)
        assert page.head == 3


async def test_a_room_made_at_another_server_is_not_made_again() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        await register(both.other, "eve")
        eve = await log_in(both.other, "eve")
        await ask_for(both.one, ada, ask.Join(room=LAB))
        await ask_for(both.one, ada, ask.SetRules(room=LAB, access=RoomAccess.MEMBERS))
        eve.news()
        assert await ask_for(both.other, eve, ask.Join(room=LAB)) == ["error no-such-room"]
        assert len(both.one.story("Lab")) == 2


async def test_of_two_who_make_a_room_at_once_one_owns_it() -> None:
    async with pair() as both:
        ada, eve = await register(both.one, "ada"), await register(both.other, "eve")
        await tell(both)
        ada.send(ask.Join(room=LAB))
        eve.send(ask.Join(room=LAB))
        await commit(both)
        await tell(both)
        for chat in (both.one, both.other):
            assert len(chat.hub.rooms["lab"].state.facts.roles) == 1
            assert chat.members("Lab") == ["ada", "eve"]


async def test_a_conversation_is_begun_once_though_both_begin_it() -> None:
    async with pair() as both:
        ada, eve = await register(both.one, "ada"), await register(both.other, "eve")
        await tell(both)
        ada.send(ask.Direct(users=(UserName.parse("eve"),)))
        eve.send(ask.Direct(users=(UserName.parse("ada"),)))
        await commit(both)
        await tell(both)
        assert ada.last(told.DirectRoom).room == eve.last(told.DirectRoom).room
        room = ada.last(told.DirectRoom).room
        assert len([one for one in both.one.story(str(room)) if "began" in one]) == 1


async def test_the_owner_s_code_is_the_same_everywhere_and_good_once() -> None:
    async with pair() as both:
        ada, eve = await register(both.one, "ada"), await register(both.other, "eve")
        await tell(both)
        code = both.one.hub.owner_code
        assert code == both.other.hub.owner_code
        assert code is not None
        ada.send(ask.Own(code=code))
        eve.send(ask.Own(code=code))
        await commit(both)
        await tell(both)
        assert "error bad-message" in [*ada.news(), *eve.news()]
        roles = both.one.hub.access.directory.state.facts.roles
        assert [*roles.values()] == [Role.OWNER]
        assert both.one.hub.owner_code is both.other.hub.owner_code is None


async def test_a_code_of_a_sign_on_is_good_at_any_server_and_once() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        await tell(both)
        assert ada.session.user is not None
        assert ada.session.user.id is not None
        codes = both.one.hub.codes_of_sign_ons
        giving = asyncio.ensure_future(codes.give(Purpose.TYPED, ada.session.user.id))
        await settle(both.one)
        code = await giving
        first, second = both.one.connect(), both.other.connect()
        for person in (first, second):
            person.send(ask.Hello(user=UserName.parse("ada"), password=code))
        await commit(both)
        assert sorted([*first.news(), *second.news()]) == ["error wrong-password", "welcome ada"]


async def test_of_two_who_change_one_password_at_once_one_does() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        await tell(both)
        phone = await log_in(both.other, "ada")
        phone.news()
        ada.send(ask.ChangePassword(old=PASSWORD, new=OTHER))
        phone.send(ask.ChangePassword(old=PASSWORD, new="yet another one"))
        await commit(both)
        told_both = [*ada.news(), *phone.news()]
        assert sorted(told_both) == ["done", "error log-unavailable"]


async def test_a_device_of_the_former_password_is_none() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        await tell(both)
        thief = both.other.connect()
        thief.send(ask.Hello(user=UserName.parse("ada"), password=PASSWORD))
        await both.other.quiet()  # proved, and not saved yet
        await ask_for(both.one, ada, ask.ChangePassword(old=PASSWORD, new=OTHER))
        await settle(both.other)
        assert thief.news() == ["error need-password"]
        assert len(both.one.log.disk.devices) == 1


async def test_of_two_names_that_an_account_gets_at_once_it_has_one() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        await tell(both)
        phone = await log_in(both.other, "ada")
        phone.news()
        ada.send(ask.Rename(user=UserName.parse("countess")))
        phone.send(ask.Rename(user=UserName.parse("lovelace")))
        await commit(both)
        assert sorted([*ada.news(), *phone.news()])[:2] == ["done", "error log-unavailable"]
        await tell(both)
        for chat in (both.one, both.other):
            assert len(chat.hub.access.directory.state.members) == 1


async def test_an_account_is_closed_under_whatever_name_it_has() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        await tell(both)
        phone = await log_in(both.other, "ada")
        await ask_for(both.one, ada, ask.Rename(user=UserName.parse("countess")))
        phone.news()
        refused = await ask_for(both.other, phone, ask.CloseAccount(password=PASSWORD))
        assert refused[0] == "error log-unavailable"
        await tell(both)
        assert [*both.other.hub.access.directory.state.members] == ["countess"]


async def test_a_ticket_for_one_lets_one_in_though_two_servers_are_asked() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        await private_room(both.one, ada, "Lab")
        await ask_for(both.one, ada, ask.MakeTicket(room=LAB))
        code = ada.last(told.TicketGiven).code
        await tell(both)
        first, second = both.one.enter("ben"), both.other.enter("eve")
        for person in (first, second):
            person.send(ask.Join(room=LAB, invite=code))
        await commit(both)
        await tell(both)
        events = both.one.log.disk.events["lab"]
        assert len([one for one in events if isinstance(one, Invited)]) == 1
        assert len(both.one.members("Lab")) == 2


async def test_a_banned_network_is_known_at_every_server() -> None:
    async with pair() as both:
        keys = {_network(chat.hub) for chat in (both.one, both.other)}
        assert len(keys) == 1
        assert keys != {None}


def _network(hub: Hub) -> str | None:
    return hub.networks.of("198.51.100.9")


async def test_who_is_behind_when_events_are_deleted_takes_what_they_add_up_to() -> None:
    async with pair() as both:
        ada, ben = await in_lab(both)
        for number in range(5):
            ada.say(f"text {number}", "Lab")
            await settle(both.one)
        both.ends[1].arrived.clear()
        await ask_for(both.one, ada, ask.SetRules(room=LAB, keep_days=1))
        both.one.seconds += 3 * 86_400
        both.one.hub.retention._since = both.one.hub.clock() - both.one.hub.monotonic() * 1000
        looking = asyncio.ensure_future(both.one.hub.retention.look())
        while not looking.done():
            await settle(both.one)
        assert both.one.log.disk.gone["lab"] == 8
        following = both.other.hub.following
        assert following is not None
        await following.look()
        await settle(both.other)
        one, other = both.one.hub.rooms["lab"].state, both.other.hub.rooms["lab"].state
        assert (one.head, one.facts, one.members) == (other.head, other.facts, other.members)
        assert ben.story("Lab")[-1].endswith("nothing up to 8")


async def test_the_directory_is_read_whole() -> None:
    async with pair() as both:
        await register(both.one, "ada")
        both.ends[1].arrived.clear()
        following = both.other.hub.following
        assert following is not None
        await following.look()
        await settle(both.other)
        assert both.other.story(DIRECTORY) == ["1 ada has made an account."]
        assert both.other.hub.access.account(UserName.parse("ada")) is not None


async def test_what_is_reported_in_a_room_that_is_just_renamed_waits_there() -> None:
    """Its queue begins with that: under the room's new name, and in no other room's."""
    async with pair() as both:
        ada, ben = await in_lab(both)
        ada.say("you fool", "Lab")
        await tell(both)
        await ask_for(both.one, ada, ask.RenameRoom(room=LAB, name=RoomName.parse("Cellar")))
        both.ends[1].arrived.clear()
        ben.send(ask.Report(room=LAB, user=UserName.parse("ada"), reason="rude"))
        await settle(both.other, 6)
        assert "done" in ben.news()
        await tell(both)
        ada.send(ask.Queue(room=RoomName.parse("Cellar")))
        await settle(both.one)
        assert [item.text for item in ada.last(told.QueueList).items] == ["you fool"]
        assert "/queue/lab" not in both.one.log.disk.rooms


async def test_what_is_reported_in_a_room_is_not_told_to_those_of_another_one() -> None:
    async with pair() as both:
        ada, ben = await in_lab(both)
        ada.say("you fool", "Lab")
        await tell(both)
        await ask_for(both.one, ada, ask.RenameRoom(room=LAB, name=RoomName.parse("Cellar")))
        eve, den = await register(both.one, "eve"), RoomName.parse("Den")
        await ask_for(both.one, eve, ask.Join(room=den))
        await ask_for(both.one, eve, ask.RenameRoom(room=den, name=LAB))
        both.ends[1].arrived.clear()
        ben.send(ask.Report(room=LAB, user=UserName.parse("ada"), reason="rude"))
        await settle(both.other, 6)
        await tell(both)
        eve.send(ask.Queue(room=LAB))
        await settle(both.one)
        assert not eve.last(told.QueueList).items


async def test_a_look_at_many_rooms_lets_others_have_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(whereabouts, "AT_ONCE", 2)
    async with pair() as both:
        ada = both.one.enter("ada")
        for number in range(20):
            await ask_for(both.one, ada, ask.Join(room=RoomName.parse(f"Room{number}")))
        await tell(both)
        assert len(both.other.hub.rooms) == 21
        await ask_for(both.one, ada, ask.Delete(room=RoomName.parse("Room7")))
        both.ends[1].arrived.clear()
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        counting = asyncio.ensure_future(count())
        looks = both.other.hub.whereabouts
        assert isinstance(looks, Whereabouts)
        await looks.check()
        counting.cancel()
        assert turns >= 15
        assert "room7" not in both.other.hub.rooms
        assert len(both.other.hub.rooms) == 20
