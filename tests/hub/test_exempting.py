"""For whom bans do not hold, and who comes into a private room without an invitation."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import UserName
from hubbub.domain.rules import MAX_EXEMPTIONS, CurrentExemption, Exemption, Role, RoomAccess
from hubbub.hub import exempting
from tests.hub.chat import Chat
from tests.hub.people import account, do, log_in, private, server_owner, settle

BEN = UserName.parse("ben")
INVITATIONS = Exemption.INVITATIONS


async def test_a_pattern_does_not_hold_for_a_guest_who_is_exempt(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    chat.enter("friend-1", "Lab")
    await do(ada, ask.Exempt, pattern="friend*")
    await do(ada, ask.Ban, pattern="fr*")
    assert chat.members("Lab") == ["ada", "friend-1"]
    assert (await do(chat.enter("friend-2"), ask.Join))[0].startswith("joined Lab")
    assert await do(chat.enter("frank"), ask.Join) == ["error banned"]


async def test_a_pattern_of_an_exemption_is_for_guests_alone(chat: Chat) -> None:
    """As that of a ban is: who has an account is told apart by that."""
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await do(ada, ask.Exempt, pattern="ben*")
    await do(ada, ask.Ban, user="ben")
    assert await do(ben, ask.Join) == ["error banned"]


@pytest.mark.parametrize("renamed", [False, True])
async def test_a_ban_does_not_hold_for_an_account_that_is_exempt(chat: Chat, renamed: bool) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await do(ada, ask.Exempt, user="ben")
    await do(ada, ask.Ban, user="ben")
    if renamed:
        await do(ben, ask.Rename, user="Benny")
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")
    assert "error" not in str(await do(ben, ask.Say, text="hello"))


@pytest.mark.parametrize("by", ["name", "other case", "new name", "pattern"])
async def test_who_is_exempt_no_more_is_put_out_if_a_ban_holds(chat: Chat, by: str) -> None:
    ada = await account(chat, "ada", "Lab")
    ben = chat.enter("ben") if by == "pattern" else await account(chat, "ben")
    whom = {"pattern": "ben*"} if by == "pattern" else {"user": "ben"}
    await do(ada, ask.Exempt, **whom)
    await do(ada, ask.Ban, **whom)
    await do(ben, ask.Join)
    assert "ben" in chat.members("Lab")
    if by == "new name":
        await do(ben, ask.Rename, user="Benny")
    name = {"other case": "BEN", "new name": "Benny"}.get(by, "ben")
    whom = {"pattern": "Ben*"} if by == "pattern" else {"user": name}
    assert "error" not in str(await do(ada, ask.Exempt, on=False, **whom))
    assert chat.members("Lab") == ["ada"]
    assert ben.last(told.RoomLeft).put_out
    assert await do(ben, ask.Join) == ["error banned"]


async def test_who_is_let_in_without_an_invitation_becomes_a_member(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada)
    guest, other = chat.enter("pal-1"), chat.enter("other")
    assert await do(ben, ask.Join) == ["error no-such-room"]
    await do(ada, ask.Exempt, user="ben", of=INVITATIONS)
    await do(ada, ask.Exempt, pattern="pal*", of=INVITATIONS)
    assert "Lab" in str(await do(ben, ask.Rooms))
    for kind in (ask.History, ask.Who):
        assert await do(ben, kind) == ["error no-such-room"], "they are no member before they come"
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")
    assert (await do(guest, ask.Join))[0].startswith("joined Lab")
    assert await do(other, ask.Join) == ["error no-such-room"]
    assert chat.members("Lab") == ["ada", "ben", "pal-1"]
    await do(ada, ask.Exempt, user="ben", of=INVITATIONS, on=False)
    assert chat.members("Lab") == ["ada", "ben", "pal-1"], "who is a member stays one"
    await do(ben, ask.Leave)
    assert await do(ben, ask.Join) == ["error no-such-room"]
    assert "Lab" not in str(await do(ben, ask.Rooms))


async def test_no_exemption_replaces_a_password_nor_an_account(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    guest = chat.enter("pal-1")
    await do(ada, ask.Exempt, user="ben", of=INVITATIONS)
    await do(ada, ask.Exempt, pattern="pal*", of=INVITATIONS)
    await do(ada, ask.SetRules, access=RoomAccess.LOCKED, password="open says me")
    assert await do(ben, ask.Join) == ["error need-password"]
    await do(ada, ask.SetRules, access=RoomAccess.MEMBERS, guests=False)
    assert await do(guest, ask.Join) == ["error need-account"]


async def test_an_invitation_and_a_ban_are_two_things(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada)
    await do(ada, ask.Exempt, user="ben", of=INVITATIONS)
    await do(ada, ask.Ban, user="ben")
    assert await do(ben, ask.Join) == ["error banned"]
    await do(ada, ask.Exempt, user="ben")
    await do(ada, ask.Exempt, user="ben", of=INVITATIONS, on=False)
    assert await do(ben, ask.Join) == ["error no-such-room"]


async def test_who_moderates_is_told_who_is_exempt(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR)
    await do(ben, ask.Exempt, user="ada")
    await do(ben, ask.Exempt, pattern="Pal*", of=INVITATIONS)
    await do(ben, ask.Bans)
    named, patterned = ben.last(told.BanList).exemptions
    assert (named.user, named.by, named.of, named.pattern) == ("ada", "ben", Exemption.BANS, False)
    assert named.user_id is not None
    assert (patterned.user, patterned.of, patterned.pattern) == ("pal*", INVITATIONS, True)
    assert patterned.at - chat.hub.clock() in range(1000)
    assert "has let guests with names like pal* come in without an invitation." in str(
        ben.story("Lab")
    )


@pytest.mark.parametrize(
    "fields, code",
    [
        ({}, "bad-message"),
        ({"user": "ben", "pattern": "ben*"}, "bad-message"),
        ({"pattern": "*"}, "bad-message"),
        ({"user": "nobody"}, "no-such-user"),
        ({"user": "ben", "on": False}, "bad-message"),
        ({"pattern": "ben*", "on": False}, "bad-message"),
        ({"user": "ben", "of": INVITATIONS, "on": False}, "bad-message"),
    ],
)
async def test_what_exemption_there_is_none_of(
    chat: Chat, fields: dict[str, Any], code: str
) -> None:
    ada = await account(chat, "ada", "Lab")
    await account(chat, "ben")
    assert await do(ada, ask.Exempt, **fields) == [f"error {code}"]


async def test_nobody_in_particular_exempts_nobody(chat: Chat) -> None:
    await account(chat, "ada", "Lab")
    ben, guest = await account(chat, "ben", "Lab"), chat.enter("eve", "Lab")
    for one in (ben, guest):
        assert await do(one, ask.Exempt, user="ben") == ["error not-allowed"]


async def test_the_bans_of_the_server_hold_for_everybody(chat: Chat) -> None:
    root = await server_owner(chat)
    await account(chat, "ben")
    assert await do(root, ask.Exempt, "/server", user="ben") == ["error not-allowed"]


async def test_there_are_so_many_exemptions_in_a_room(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exempting, "MAX_EXEMPTIONS", 2)
    ada = await account(chat, "ada", "Lab")
    for pattern in ("one*", "two*", "one*"):
        assert "error" not in str(await do(ada, ask.Exempt, pattern=pattern))
    assert await do(ada, ask.Exempt, pattern="three*") == ["error too-many"]
    await do(ada, ask.Exempt, pattern="two*", on=False)
    assert "error" not in str(await do(ada, ask.Exempt, pattern="three*"))
    assert MAX_EXEMPTIONS > 100


async def test_an_account_that_is_closed_is_exempt_of_nothing(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.OWNER)
    await do(ben, ask.Exempt, user="ada")
    await do(ada, ask.Exempt, user="ben")
    await do(ben, ask.CloseAccount, password="correct horse battery", empty=True)
    await settle(chat)
    (left,) = chat.hub.rooms["lab"].state.facts.exemptions
    assert (left.user, left.by) == ("ada", "former member")
    assert isinstance(left, CurrentExemption)


async def test_who_may_come_in_without_an_invitation_need_not_knock(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada)
    await do(ada, ask.Exempt, user="ben", of=INVITATIONS)
    await do(ben, ask.Knock)
    await do(ada, ask.Queue)
    assert ada.last(told.QueueList).items == []
    again = await log_in(chat, "ben")
    assert (await do(again, ask.Join))[0].startswith("joined Lab")
