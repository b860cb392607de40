"""Mistakes with accounts and moderation that other chat programs were known for, tried here."""

from __future__ import annotations

import dataclasses

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import Said
from hubbub.domain.names import UserName
from hubbub.domain.rules import Newcomers, Role, Status
from tests.hub.chat import UNHURRIED, Chat, Person, chatting
from tests.hub.people import SECRET, account, do, log_in, private, role, server_owner, settle
from tests.hub.test_profiles import tick

SERVER = str(DIRECTORY)


def rooms_of(person: Person) -> dict[str, told.RoomInfo]:
    return {str(info.name): info for info in person.last(told.RoomList).rooms}


async def seen_rooms(person: Person) -> dict[str, told.RoomInfo]:
    await do(person, ask.Rooms)
    return rooms_of(person)


# Bans and mutes


async def test_who_is_banned_and_invited_again_learns_nothing(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada, ben)
    await do(ada, ask.Ban, user="ben")
    await do(ada, ask.Say, text="behind his back")
    assert await do(ada, ask.Invite, user="ben") == ["error not-allowed"]
    await do(ada, ask.MakeTicket)
    code = ada.last(told.TicketGiven).code
    assert await do(ben, ask.Join, invite=code) == ["error banned"]
    assert "Lab" not in await seen_rooms(ben)
    await do(ben, ask.Search, query="back")
    assert ben.last(told.Found).results == []
    for command in (ask.History, ask.Timeline, ask.Who):
        assert await do(ben, command) == ["error no-such-room"], command
    assert await do(ben, ask.Read, seq=1) == ["error no-such-room"]
    await do(ben, ask.Knock, text="let me in")
    assert ada.last(told.RoomStanding).standing.waiting == 0


async def test_a_knock_from_before_a_ban_lets_nobody_in(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada)
    await do(ben, ask.Knock)
    await do(ada, ask.Ban, user="ben")
    heard = await do(ada, ask.Settle, item=1, approve=True)
    assert heard[0].startswith("error"), heard
    assert await do(ben, ask.Join) == ["error no-such-room"]


@pytest.mark.parametrize("deed", ["ban", "mute"])
async def test_every_session_of_who_is_banned_or_muted_says_nothing(chat: Chat, deed: str) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    phone = await log_in(chat, "ben", "Lab")
    tab = await log_in(chat, "ben")
    await do(ada, ask.Ban if deed == "ban" else ask.Mute, user="ben", seconds=60)
    head = chat.hub.rooms["lab"].head
    for one in (ben, phone, tab):
        for outside in (False, True):
            heard = await do(one, ask.Say, text="still here", outside=outside)
            assert heard[0].startswith("error"), heard
        assert (await do(one, ask.SetTopic, topic="mine"))[0].startswith("error")
    assert chat.hub.rooms["lab"].head == head
    chat.pass_time(61)
    await settle(chat)
    for one in (ben, phone):
        one.join("Lab")
        await settle(chat)
        assert "error" not in str(await do(one, ask.Say, text="back again"))


async def test_who_is_banned_from_the_server_says_nothing_in_a_direct_conversation(
    chat: Chat,
) -> None:
    root = await server_owner(chat)
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    await do(ben, ask.Direct, users=("ada",))
    talk = str(ben.last(told.DirectRoom).room)
    await do(ben, ask.Join, talk)
    phone = await log_in(chat, "ben", talk)
    await do(root, ask.Ban, SERVER, user="ben")
    ada.news()
    for one in (ben, phone):
        await do(one, ask.Say, talk, text="still here")
        await do(one, ask.Say, talk, text="still here", outside=True)
    assert ada.news() == []
    assert chat.hub.rooms[talk].state.silent


async def test_a_topic_is_no_way_around_what_holds_for_texts(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.SetRules, slow=30)
    assert "error" not in str(await do(ben, ask.Say, text="a word"))
    assert await do(ben, ask.SetTopic, topic="a word more") == ["error rate-limited"]
    assert "error" not in str(await do(ada, ask.SetTopic, topic="tea"))
    await do(ada, ask.SetRules, slow=0, newcomers=Newcomers.CAREFUL)
    chat.pass_time(60)
    assert await do(ben, ask.SetTopic, topic="https://example.org/buy") == ["error not-allowed"]
    assert "error" not in str(await do(ben, ask.SetTopic, topic="cakes"))
    await do(ada, ask.SetRules, newcomers=Newcomers.HELD)
    chat.pass_time(60)
    assert await do(ben, ask.SetTopic, topic="buy") == ["error not-allowed"]
    assert chat.hub.rooms["lab"].state.facts.topic == "cakes"


async def test_who_is_muted_says_nothing_by_a_status_either(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.Mute, user="ben")
    await do(ben, ask.SetProfile, status=Status.AWAY, note="ada is a fool")
    tick(chat)
    seen = ada.last(told.Presence)
    assert (seen.status, seen.note) == (Status.AWAY, "")
    await do(ada, ask.Unmute, user="ben")
    await do(ben, ask.SetProfile, status=Status.AWAY, note="lunch")
    tick(chat)
    assert ada.last(told.Presence).note == "lunch"


# Who owns a room


async def test_a_room_goes_on_when_its_last_owner_has_closed_the_account(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    root = await server_owner(chat)
    await private(chat, ada, ben)
    await do(ada, ask.CloseAccount, password=SECRET)
    assert "error" not in str(await do(ben, ask.Say, text="hello?"))
    await do(ben, ask.Invite, user="root")
    await do(root, ask.Join)
    heard = await do(root, ask.GiveRole, user="ben", role=role("owner"))
    assert "error" not in str(heard), heard
    assert "error" not in str(await do(ben, ask.SetRules, slow=5))


# Links


async def test_a_use_of_a_link_is_not_given_back(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    await private(chat, ada)
    await do(ada, ask.MakeTicket, uses=1)
    code = ada.last(told.TicketGiven).code
    ben, eve = await account(chat, "ben"), await account(chat, "eve")
    await do(ben, ask.Join, invite=code)
    assert await do(ada, ask.Tickets) == ["0 tickets"], "what is used up is no link any more"
    await do(ben, ask.Rename, user="benjamin")
    await do(ben, ask.CloseAccount, password=SECRET)
    assert await do(eve, ask.Join, invite=code) == ["error no-such-room"]


async def test_an_invitation_to_the_server_is_used_up_whatever_becomes_of_the_account() -> None:
    async with chatting(dataclasses.replace(UNHURRIED, registration="invite")) as chat:
        code = chat.hub.owner_code
        assert code is not None
        root = chat.connect()
        root.send(ask.Register(user=UserName.parse("root"), password=SECRET, invite=code))
        await settle(chat)
        await do(root, ask.Own, code=code)
        await do(root, ask.MakeTicket, SERVER, uses=1)
        code = root.last(told.TicketGiven).code
        ben = chat.connect()
        ben.send(ask.Register(user=UserName.parse("ben"), password=SECRET, invite=code))
        await settle(chat)
        assert ben.last(told.Welcome).account
        await do(ben, ask.CloseAccount, password=SECRET)
        again = chat.connect()
        again.send(ask.Register(user=UserName.parse("ben"), password=SECRET, invite=code))
        await settle(chat)
        assert again.news()[-1].startswith("error")
        assert await do(root, ask.Tickets, SERVER) == ["0 tickets"]


@pytest.mark.parametrize("by", ["password", "closing"])
async def test_a_link_for_a_password_is_over_with_the_password(chat: Chat, by: str) -> None:
    root, ben = await server_owner(chat), await account(chat, "ben")
    await do(root, ask.MakeTicket, SERVER, user="ben")
    code = root.last(told.TicketGiven).code
    if by == "password":
        await do(ben, ask.ChangePassword, old=SECRET, new="a quite different one")
    else:
        await do(ben, ask.CloseAccount, password=SECRET)
    assert await do(root, ask.Tickets, SERVER) == ["0 tickets"]
    stranger = chat.connect()
    await do(stranger, ask.ResetPassword, user="ben", code=code, password="yet another one, mine")
    assert stranger.last(told.Refused).code == "bad-ticket"


# Names


async def test_nobody_takes_a_name_that_looks_like_that_of_an_account(chat: Chat) -> None:
    await account(chat, "ada")
    for name in ("\u0430da", "\u0410d\u0430", "\u03b1da"):  # Cyrillic, Greek
        guest = chat.connect()
        await do(guest, ask.Hello, user=name)
        assert guest.last(told.Refused).code == "name-taken"
        assert "looks like" in guest.last(told.Refused).message
    ben = await account(chat, "ben")
    assert await do(ben, ask.Rename, user="\u0430da") == ["error name-taken"]
    for name in ("\u0430\u0434\u0430", "\u00e1da", "\u0441\u043e\u0440"):  # names of their own
        guest = chat.connect()
        assert await do(guest, ask.Hello, user=name) == [f"welcome {name}"]


async def test_who_takes_the_name_of_a_closed_account_is_somebody_else(chat: Chat) -> None:
    root, ben = await server_owner(chat), await account(chat, "ben", "Lab")
    ada = await account(chat, "ada")
    await do(ben, ask.Direct, users=("ada",))
    talk = str(ben.last(told.DirectRoom).room)
    await private(chat, ben, ada)
    await do(root, ask.GiveRole, SERVER, user="ben", role=role("moderator"))
    await do(ben, ask.CloseAccount, password=SECRET)
    again = await account(chat, "ben")
    assert not {talk, "Lab"} & (await seen_rooms(again)).keys()
    assert await do(again, ask.Join) == ["error no-such-room"]
    assert (await do(again, ask.Bans, SERVER))[0].startswith("error")
    await do(ada, ask.Direct, users=("ben",))
    assert ada.last(told.DirectRoom).room != talk


# Closed accounts


async def test_a_direct_conversation_with_a_closed_account_can_be_read(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    await do(ben, ask.Direct, users=("ada",))
    talk = str(ben.last(told.DirectRoom).room)
    await do(ben, ask.Say, talk, text="farewell", outside=True)
    await do(ben, ask.CloseAccount, password=SECRET)
    info = (await seen_rooms(ada))[talk]
    assert (info.unread, info.people) == (1, ()), info
    await do(ada, ask.Join, talk)
    heard = await do(ada, ask.Read, talk, seq=info.head)
    assert (await seen_rooms(ada))[talk].unread == 0, heard
    assert await do(ada, ask.Direct, users=("ben",)) == ["error no-such-user"]


async def test_a_second_tab_takes_neither_role_nor_place(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    tab = await log_in(chat, "ada", "Lab")
    tab.bye()
    await settle(chat)
    assert chat.members("Lab") == ["ada"]
    assert "error" not in str(await do(ada, ask.SetRules, slow=5))
    phone = await log_in(chat, "ada", "Lab")
    standing = phone.last(told.RoomJoined).standing
    assert standing is not None
    assert standing.role is Role.OWNER
    await do(phone, ask.Leave)
    assert "error" not in str(await do(ada, ask.Say, text="still here"))


# How long messages stay


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_room_of_which_nothing_is_left_is_unread_to_nobody(restarted: bool) -> None:
    async with chatting(UNHURRIED) as chat:
        ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
        await do(ada, ask.SetRules, keep_days=30)
        await do(ben, ask.Read, seq=chat.hub.rooms["lab"].head)
        ben.leave("Lab")
        await do(ada, ask.Say, text="one")
        await do(ada, ask.Say, text="@ben two")
        before = (await seen_rooms(await log_in(chat, "ben")))["Lab"]
        assert (before.unread, before.mentions) == (2, 1)
        chat.pass_time(31 * 86_400)
        await settle(chat)
        chat.hub.spawn(_trim(chat))
        for _ in range(8):
            await settle(chat)
        # Nobody had to say anything for that, and the last text goes as all others.
        gone = chat.log.disk.gone["lab"]
        assert not any(isinstance(one, Said) for one in chat.log.disk.events["lab"][gone:])
        disk = chat.log.disk
        if not restarted:
            await _has_nothing_to_read(chat)
    if restarted:
        async with chatting(UNHURRIED, disk=disk) as chat:
            chat.pass_time(32 * 86_400)
            await _has_nothing_to_read(chat)


async def _trim(chat: Chat) -> None:
    await chat.hub.retention.look()


async def _has_nothing_to_read(chat: Chat) -> None:
    ben = await log_in(chat, "ben")
    seen = (await seen_rooms(ben))["Lab"]
    assert (seen.unread, seen.mentions) == (0, 0)
    ada = await log_in(chat, "ada", "Lab")
    await do(ada, ask.Say, text="three")
    seen = (await seen_rooms(ben))["Lab"]
    assert (seen.unread, seen.mentions) == (1, 0)
    await do(ben, ask.Read, seq=1)  # from a device that has not heard of it
    seen = (await seen_rooms(ben))["Lab"]
    assert (seen.unread, seen.mentions) == (1, 0)
