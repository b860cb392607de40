from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName
from hubbub.domain.rules import RoomAccess
from hubbub.hub.access import ANYBODY
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import account, do, log_in, private, server_owner, settle

BRIEF = HubSettings(rate_limit=0, leave_grace_seconds=5, hold_seconds=60)


def names(person: Person) -> list[str]:
    return [one.name for one in person.last(told.RoomList).rooms]


async def listed(person: Person) -> list[str]:
    await do(person, ask.Rooms)
    return sorted(names(person))


async def test_a_private_room_is_there_for_its_members_alone(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada)
    assert await listed(ada) == ["General", "Lab"]
    assert await listed(ben) == ["General"]
    for kind in (ask.Join, ask.History, ask.Timeline, ask.Who, ask.Audit, ask.Bans):
        assert await do(ben, kind) == ["error no-such-room"]
    assert await do(ben, ask.Say, text="hi", outside=True) == ["error no-such-room"]
    assert await do(ben, ask.Say, text="hi") == ["error not-in-room"]
    assert [room.name for room in chat.hub.room_list(ANYBODY).rooms] == ["General"]


async def test_a_password_finds_no_private_room(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada)
    heard = []
    for room in ("Lab", "Missing"):
        assert await do(ben, ask.Join, room, password="open sesame") == ["error no-such-room"]
        heard.append(ben.last(told.Refused).message.replace(room, "ROOM"))
    assert heard[0] == heard[1]
    assert "missing" not in chat.hub.rooms


async def test_who_is_invited_hears_it_sees_the_room_and_comes_in(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada)
    ada.say("secret", "Lab")
    await settle(chat)
    ben.news()
    await do(ada, ask.Invite, user="ben")
    assert ben.news() == ["ada invites to Lab"]
    await do(ben, ask.Rooms)
    (info,) = [one for one in ben.last(told.RoomList).rooms if one.name == "Lab"]
    assert (info.invited, info.users, info.head, info.topic) == (True, 0, 0, None)
    assert await do(ben, ask.History) == ["error no-such-room"]
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")
    assert "secret" in str(ben.story("Lab"))
    await do(ben, ask.Rooms)
    (info,) = [one for one in ben.last(told.RoomList).rooms if one.name == "Lab"]
    assert not info.invited


async def test_a_guest_is_invited_and_cannot_invite(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    chat.enter("eve")
    await private(chat, ada)
    await do(ada, ask.Invite, user="ben")
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")
    assert await do(ben, ask.Invite, user="eve") == ["error need-account"]


@pytest.mark.parametrize(
    "user, code", [("ada", "bad-message"), ("nobody", "no-such-user"), ("eve", "not-allowed")]
)
async def test_whom_nobody_can_invite(chat: Chat, user: str, code: str) -> None:
    ada = await account(chat, "ada", "Lab")
    chat.enter("eve")
    await do(ada, ask.SetRules, access=RoomAccess.MEMBERS, guests=False)
    assert await do(ada, ask.Invite, user=user) == [f"error {code}"]


@pytest.mark.parametrize("how", ["lost", "bye", "crash"])
async def test_an_account_stays_a_member_while_it_is_away(how: str) -> None:
    async with chatting(BRIEF) as chat:
        ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
        await private(chat, ada, ben)
        if how == "lost":
            ben.lose_connection()
        elif how == "bye":
            ben.bye()
            await settle(chat)
            assert ben.news()[-1] == "goodbye bye"
            ben.lose_connection()
        if how == "crash":
            await chat.crash()
            disk = chat.log.disk
            async with chatting(BRIEF, disk=disk) as again:
                await _is_still_a_member(again, await log_in(again, "ada", "Lab"))
        else:
            await _is_still_a_member(chat, ada)


async def _is_still_a_member(chat: Chat, ada: Person) -> None:
    chat.pass_time(3600)
    await settle(chat)
    assert chat.members("Lab") == ["ada", "ben"]
    await do(ada, ask.Who)
    assert ada.last(told.Members).away == ["ben"]
    before = chat.story("Lab")
    ben = await log_in(chat, "ben", "Lab")
    assert chat.story("Lab") == before  # coming back is no news
    await do(ada, ask.Who)
    assert ada.last(told.Members).away == ()
    assert "Lab" in await listed(ben)


async def test_who_leaves_a_private_room_is_out_of_it_for_good_with_all_sessions(
    chat: Chat,
) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada, ben)
    phone = await log_in(chat, "ben", "Lab")
    assert await do(ben, ask.Leave) == ["left Lab"]
    assert phone.news() == ["put out of Lab"]
    assert chat.members("Lab") == ["ada"]
    assert await do(phone, ask.Join) == ["error no-such-room"]
    assert await listed(ben) == ["General"]


async def test_an_owner_who_has_left_can_come_back(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada, ben)
    await do(ada, ask.Leave)
    assert "Lab" in await listed(ada)
    assert await do(ada, ask.History) == ["error no-such-room"]
    assert (await do(ada, ask.Join))[0].startswith("joined Lab")
    assert await do(ben, ask.SetRules, slow=5) == ["error not-allowed"]


async def test_an_owner_of_the_server_is_in_no_private_room_by_that(chat: Chat) -> None:
    ada, root = await account(chat, "ada", "Lab"), await server_owner(chat)
    await private(chat, ada)
    for kind in (ask.Join, ask.History, ask.Who, ask.Audit, ask.Delete):
        assert await do(root, kind) == ["error no-such-room"]
    assert "Lab" not in await listed(root)


@pytest.mark.parametrize("line", [False, True])
async def test_a_guest_leaves_a_private_room_when_the_name_is_free(line: bool) -> None:
    async with chatting(BRIEF) as chat:
        ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", line=line)
        await private(chat, ada, ben)
        ben.lose_connection()
        await settle(chat)
        assert chat.members("Lab") == (["ada"] if line else ["ada", "ben"])
        chat.pass_time(30)
        await settle(chat)
        assert chat.members("Lab") == (["ada"] if line else ["ada", "ben"])
        chat.pass_time(31)
        await settle(chat)
        assert chat.members("Lab") == ["ada"]
        ben = chat.enter("ben")
        assert await do(ben, ask.Join) == ["error no-such-room"]


async def test_a_guest_whose_name_was_freed_while_the_server_was_down_is_no_member() -> None:
    async with chatting(BRIEF) as chat:
        ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", line=True)
        await private(chat, ada, ben)
        await chat.crash()
        async with chatting(BRIEF, disk=chat.log.disk) as again:
            await settle(again)
            assert again.members("Lab") == ["ada"]
            assert again.story("Lab")[-1] == "4 ben left"


async def test_a_guest_comes_back_to_a_private_room_with_the_token() -> None:
    async with chatting(BRIEF) as chat:
        ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
        await private(chat, ada, ben)
        token = ben.token
        await chat.crash()
        async with chatting(BRIEF, disk=chat.log.disk) as again:
            again.pass_time(30)
            await settle(again)
            ben = again.connect().hello("ben", token).join("Lab")
            await settle(again)
            assert ben.last(told.RoomJoined).users == ["ada", "ben"]


async def test_those_who_are_away_leave_when_a_room_is_opened_again(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada, ben)
    ben.lose_connection()
    chat.pass_time(3600)
    await do(ada, ask.SetRules, access=RoomAccess.OPEN)
    await settle(chat)
    assert chat.members("Lab") == ["ada"]
    assert chat.story("Lab")[-1] == "5 ben left"
    assert (await do(chat.enter("eve"), ask.Join))[0].startswith("joined Lab")


async def test_all_who_are_in_a_room_are_members_when_it_becomes_private(chat: Chat) -> None:
    ada, ben, eve = await account(chat, "ada", "Lab"), chat.enter("ben"), chat.enter("eve", "Lab")
    await do(ada, ask.SetRules, access=RoomAccess.MEMBERS)
    assert eve.news()[-1] == "standing in Lab"
    eve.say("I am here", "Lab")
    await settle(chat)
    assert ada.story("Lab")[-1].endswith("eve: I am here")
    assert await do(ben, ask.Join) == ["error no-such-room"]


async def test_who_is_coming_in_while_a_room_becomes_private_stays_out(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    ada.send(ask.SetRules(room=RoomName.parse("Lab"), access=RoomAccess.MEMBERS))
    ben.join("Lab")
    await settle(chat)
    assert chat.members("Lab") == ["ada"]
    assert ben.news() == ["error no-such-room"]
    assert await do(ben, ask.Join) == ["error no-such-room"]


async def test_who_was_invited_comes_in_though_the_room_becomes_private_meanwhile(
    chat: Chat,
) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    await do(ada, ask.Invite, user="ben")
    ada.send(ask.SetRules(room=RoomName.parse("Lab"), access=RoomAccess.MEMBERS))
    ben.join("Lab")
    await settle(chat)
    assert chat.members("Lab") == ["ada", "ben"]
    assert ben.last(told.RoomJoined).room == "Lab"


async def test_a_room_that_closes_to_guests_puts_them_out(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    eve = chat.enter("eve")
    ada.send(ask.SetRules(room=RoomName.parse("Lab"), guests=False))
    eve.join("Lab")
    await settle(chat)
    assert ben.news()[-1] == "put out of Lab"
    assert eve.news()[-1] == "error need-account"
    assert chat.members("Lab") == ["ada"]
    heard = len(ben.shown("Lab"))
    ada.say("among us", "Lab")
    await settle(chat)
    assert len(ben.shown("Lab")) == heard
    assert await do(ben, ask.History) == ["error need-account"]
    assert (await do(await account(chat, "cleo"), ask.Join))[0].startswith("joined Lab")


async def test_what_is_unlisted_is_found_by_name_and_by_who_has_been_there(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    await do(ada, ask.SetRules, access=RoomAccess.UNLISTED)
    ada.say("a needle", "Lab")
    await settle(chat)
    assert await listed(ben) == ["General"]
    assert await do(ben, ask.Search, query="needle") == ["found"]
    assert await do(ben, ask.Search, query="in:Lab needle") == ["found; Lab 3 a |needle|"]
    await do(ben, ask.Join)
    assert await listed(ben) == ["General", "Lab"]
    assert await do(ben, ask.Search, query="needle") == ["found; Lab 3 a |needle|"]


async def test_who_cannot_come_back_is_shown_the_unlisted_room_in_which_they_are(
    chat: Chat,
) -> None:
    ada = await account(chat, "ada", "Lab")
    await do(ada, ask.SetRules, access=RoomAccess.UNLISTED)
    ben = chat.connect(line=True).hello("ben").join("Lab")
    await settle(chat)
    assert await listed(ben) == ["General", "Lab"]
    ben.leave("Lab")
    await settle(chat)
    assert await listed(ben) == ["General"]


async def test_what_was_found_in_a_room_that_became_private_is_not_told(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    ada.say("a needle", "Lab")
    await settle(chat)
    ben.news()
    ben.send(ask.Search(query="needle"))
    chat.hub.rooms["lab"].access = RoomAccess.MEMBERS  # before it was his turn
    await settle(chat)
    assert ben.news() == ["found"]
