from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.rules import Role
from hubbub.hub import invitations
from tests.hub.chat import Chat
from tests.hub.people import account, do, log_in, private, settle


async def test_an_invitation_can_be_taken_back(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada)
    await do(ada, ask.Invite, user="ben")
    await do(ben, ask.Rename, user="Benny")
    await do(ada, ask.Bans)
    assert ada.last(told.BanList).invited == ["Benny"]
    assert "ack" in str(await do(ada, ask.EndInvitation, user="benny"))
    await do(ada, ask.Bans)
    assert ada.last(told.BanList).invited == ()
    assert await do(ben, ask.Join) == ["error no-such-room"]
    assert "Lab" not in str(await do(ben, ask.Rooms))
    assert await do(ada, ask.EndInvitation, user="Benny") == ["error no-such-user"]


async def test_members_take_back_their_own_and_moderators_all(chat: Chat) -> None:
    ada, ben, mod = [await account(chat, name, "Lab") for name in ("ada", "ben", "mod")]
    for name in ("eve", "fred"):
        await account(chat, name)
    await do(ada, ask.GiveRole, user="mod", role=Role.MODERATOR)
    await do(ada, ask.Invite, user="eve")
    await do(ben, ask.Invite, user="fred")
    assert await do(ben, ask.EndInvitation, user="eve") == ["error not-allowed"]
    assert "ack" in str(await do(ben, ask.EndInvitation, user="fred"))
    assert "ack" in str(await do(mod, ask.EndInvitation, user="eve"))
    assert await do(ben, ask.EndInvitation, user="eve") == ["error no-such-user"]


async def test_who_has_come_in_is_invited_no_more(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada)
    await do(ada, ask.Invite, user="ben")
    await do(ben, ask.Join)
    assert await do(ada, ask.EndInvitation, user="ben") == ["error no-such-user"]
    assert chat.members("Lab") == ["ada", "ben"]


async def test_guests_who_are_gone_do_not_keep_their_places(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MAX_INVITED", 2)
    ada, ben, eve = [await account(chat, name) for name in ("ada", "ben", "eve")]
    await do(ada, ask.Join)
    await private(chat, ada)
    guest = chat.enter("guest")
    await do(ada, ask.Invite, user="guest")
    await do(ada, ask.Invite, user="ben")
    ben.lose_connection()  # an account is never gone
    chat.pass_time(10_000)
    await settle(chat)
    guest.news()
    assert await do(ada, ask.Invite, user="eve") == ["error too-many"]
    guest.bye()
    await settle(chat)
    assert "ack" in str(await do(ada, ask.Invite, user="eve"))
    await do(ada, ask.Bans)
    assert ada.last(told.BanList).invited == ["ben", "eve"]
    assert (await do(eve, ask.Join))[0].startswith("joined Lab")
    ben = await log_in(chat, "ben")
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")
