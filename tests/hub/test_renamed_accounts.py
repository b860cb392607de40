"""An account gets another name: rooms are told, whether its people are there or away."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import AnyEvent, Joined, Left
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.sentences import sentence
from hubbub.hub.users import MOST_FORMER
from tests.hub.chat import UNHURRIED, Chat, chatting
from tests.hub.members import ELSEWHERE, ask_for, id_of, log_in, private_room, register, settle


def rename(name: str) -> ask.Rename:
    return ask.Rename(user=UserName.parse(name))


def told_in(chat: Chat, room: str) -> list[str]:
    """What people read of who came, went and is called otherwise."""
    events: list[AnyEvent] = chat.log.disk.events.get(RoomName.parse(room).key, [])
    return [str(sentence(e)) for e in events if isinstance(e, Joined | Left) and sentence(e)]


async def test_who_is_present_is_there_under_the_new_name_at_once() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General", "Kitchen")
        phone = await log_in(chat, "ada", "General", address=ELSEWHERE)
        ben = chat.enter("ben", "General")
        id = id_of(ada)
        assert (await ask_for(chat, ada, rename("Countess")))[-1] == "done"
        for room in ("General", "Kitchen"):
            assert "ada is now Countess." in told_in(chat, room)
            assert "Countess" in chat.members(room)
            assert "ada" not in chat.members(room)
        ada.say("it is me")
        phone.say("and here")
        chat.commit()
        assert [(e.by, e.by_id) for e in ben.shown()][-2:] == [("Countess", id)] * 2
        assert chat.story(DIRECTORY)[-1] == "2 ada is now Countess."
        assert (await log_in(chat, "Countess")).last(told.Welcome).user_id == id


async def test_members_who_are_away_are_renamed_too() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await private_room(chat, ada, "Cellar", ben)
        ada.send(ask.Direct(users=(UserName.parse("ben"),)))
        await settle(chat)
        direct = ada.last(told.DirectRoom).room
        ben.lose_connection()
        chat.pass_time(2 * UNHURRIED.leave_grace_seconds)
        await settle(chat)
        back = await log_in(chat, "ben")
        assert await ask_for(chat, back, rename("benjamin")) == ["done"]
        assert chat.members("Cellar") == ["ada", "benjamin"]
        assert told_in(chat, "Cellar") == [
            "ada has joined the chat!",
            "ben has joined the chat!",
            "ben is now benjamin.",
        ]
        assert chat.hub.rooms[direct].names() == ("ada", "benjamin")
        back.join("Cellar")
        await settle(chat)
        assert back.last(told.RoomJoined).users == ["ada", "benjamin"]


async def test_only_the_case_of_a_name_can_change() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        assert (await ask_for(chat, ada, rename("ADA")))[-1] == "done"
        ada.say("hello")
        chat.commit()
        assert chat.log.disk.events["general"][-1].by == "ADA"
        assert chat.hub.access.account(UserName.parse("ada")) is not None
        assert (await log_in(chat, "ada")).news() == ["welcome ADA"]
        assert await ask_for(chat, ada, rename("ADA")) == ["error bad-message"]


@pytest.mark.parametrize("guest_is", ["here", "held"])
async def test_the_name_of_somebody_else_is_refused(guest_is: str) -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        await register(chat, "ben")
        eve = chat.enter("eve", "General")
        if guest_is == "held":
            eve.lose_connection()
        for name in ("ben", "BEN", "eve"):
            assert await ask_for(chat, ada, rename(name)) == ["error name-taken"]
        assert chat.members() == ["ada", "eve"]


async def test_one_name_is_given_to_one_account_only() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        ada.send(rename("zoe"))
        await chat.quiet()
        ben.send(rename("zoe"))
        eve = chat.connect(ELSEWHERE).hello("zoe")
        await settle(chat)
        assert ada.news() == ["done"]
        assert ben.news() == ["error name-taken"]
        assert eve.news() == ["error name-taken"]


async def test_the_log_gives_a_name_once_whatever_the_hub_knows() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        ada.send(rename("zoe"))
        await chat.quiet()
        chat.hub.users._reserved.clear()
        ben.send(rename("zoe"))
        await settle(chat)
        assert (ada.news(), ben.news()) == (["done"], ["error name-taken"])


async def test_two_renamings_in_a_row() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada", "General"), await register(chat, "ben")
        await private_room(chat, ben, "Cellar", ada)
        ada.leave("General").join("General")
        await settle(chat)
        ada.send(rename("countess"), rename("lovelace"))
        phone = await log_in(chat, "ada")
        phone.send(rename("byron"))
        await settle(chat, 9)
        (name,) = [
            m.name for m in chat.hub.access.directory.state.members.values() if m.name != "ben"
        ]
        assert chat.members("General") == [name]
        assert chat.members("Cellar") == sorted([name, "ben"])


async def test_two_sessions_rename_at_once() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await private_room(chat, ben, "Cellar", ada)
        ada.lose_connection()
        first, second = await log_in(chat, "ada"), await log_in(chat, "ada")
        first.send(rename("countess"))
        second.send(rename("lovelace"))
        await settle(chat, 9)
        assert chat.members("Cellar") == ["ben", "lovelace"]
        assert told_in(chat, "Cellar")[-2:] == ["ada is now countess.", "countess is now lovelace."]


async def test_a_renaming_while_a_join_is_on_its_way() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        phone = await log_in(chat, "ada")
        ada.send(rename("countess"))
        await chat.quiet()
        phone.join("General")
        await chat.quiet()
        await settle(chat, 9)
        assert chat.members() == ["countess"]
        assert phone.last(told.RoomJoined).room == "General"
        phone.say("here")
        await settle(chat)
        assert chat.story()[-1].endswith("countess: here")


async def test_who_is_renamed_while_away_from_an_open_room_is_not_in_it_twice() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        phone = await log_in(chat, "ada")
        ada.lose_connection()
        await ask_for(chat, phone, rename("countess"))
        phone.join("General")
        await settle(chat)
        chat.pass_time(2 * UNHURRIED.leave_grace_seconds)
        await settle(chat)
        assert chat.members() == ["countess"]


async def test_the_former_name_is_kept_for_a_while_and_leads_to_the_account() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        await ask_for(chat, ada, rename("countess"))
        eve = chat.connect(ELSEWHERE).hello("ada")
        await settle(chat)
        assert eve.news() == ["error need-password"]
        registering = ask.Register(user=UserName.parse("ada"), password="quite long enough")
        assert await ask_for(chat, eve, registering) == ["error name-taken"]
        back = await log_in(chat, "ada", token=ada.token, password=None)
        assert back.news() == ["welcome countess"]
        assert await ask_for(chat, back, rename("ada")) == ["done"]
        await ask_for(chat, back, rename("countess"))
        chat.pass_time(2 * UNHURRIED.hold_seconds)
        eve.send(ask.Hello(user=UserName.parse("ada")))
        await settle(chat)
        assert eve.news() == ["welcome ada"]


async def test_nobody_takes_many_names_by_renaming() -> None:
    async with chatting() as chat:
        ada = await register(chat, "name0")
        for number in range(1, 2 * MOST_FORMER):
            await ask_for(chat, ada, rename(f"name{number}"))
        kept = [chat.hub.users.has(f"name{number}") for number in range(2 * MOST_FORMER)]
        assert kept == [False] * (MOST_FORMER - 1) + [True] * (MOST_FORMER + 1)
        assert await ask_for(chat, ada, rename(f"name{MOST_FORMER}")) == ["done"]
        chat.pass_time(2 * UNHURRIED.hold_seconds)
        await settle(chat)
        kept = [chat.hub.users.has(f"name{number}") for number in range(2 * MOST_FORMER)]
        assert kept.index(True) == MOST_FORMER
        assert kept.count(True) == 1


async def test_a_renaming_that_the_log_refuses_changes_nothing() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        ada.send(rename("countess"))
        await chat.quiet()
        chat.fail()
        await chat.quiet()
        assert ada.news() == ["error log-unavailable"]
        assert chat.members() == ["ada"]
        assert chat.connect(ELSEWHERE).hello("countess").session.user is not None


@pytest.mark.parametrize("saved", [1, 2, 3, 4])
@pytest.mark.parametrize("present", [True, False])
async def test_after_a_crash_in_between_everything_is_consistent(
    saved: int, *, present: bool
) -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await private_room(chat, ada, "Cellar", ben)
        if not present:
            ben.lose_connection()
            ben = await log_in(chat, "ben")
        ben.send(rename("benjamin"))
        await chat.quiet()
        for _ in range(saved):
            chat.commit(1)
            await chat.quiet()
        await chat.crash()
        again = Chat(disk=chat.log.disk)
        await again.start()
        await settle(again)
        assert again.members("Cellar") == ["ada", "benjamin"]
        assert told_in(again, "Cellar").count("ben is now benjamin.") == 1
        back = await log_in(again, "benjamin", "Cellar")
        assert back.last(told.RoomJoined).users == ["ada", "benjamin"]
        await again.crash()
