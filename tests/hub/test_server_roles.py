"""A role on the whole server is told to whom it is given, at once, wherever they are connected."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.rules import Role
from tests.hub.chat import Chat
from tests.hub.people import account, do, log_in, server_owner, settle


async def test_who_administers_the_server_is_told_so_and_what_they_are_in_their_rooms(
    chat: Chat,
) -> None:
    root, ben = await server_owner(chat, "root", "Lab"), await account(chat, "ben", "Lab")
    other, eve = await log_in(chat, "ben"), await account(chat, "eve", "Lab")
    for given, there in ((Role.MODERATOR, Role.OWNER), (Role.MEMBER, Role.MEMBER)):
        await do(root, ask.GiveRole, "/server", user="ben", role=given)
        await settle(chat)
        assert [one.last(told.ProfileChanged).role for one in (ben, other)] == [given, given]
        assert ben.last(told.RoomStanding).standing.role is there
    assert eve.all(told.ProfileChanged) == []
    await do(ben, ask.SetProfile, about="I count")
    assert ben.last(told.ProfileChanged).role is None, "only when that is what has changed"


async def test_whoever_gives_the_code_is_told_that_they_own_the_server(chat: Chat) -> None:
    root = await account(chat, "root")
    assert chat.hub.owner_code is not None
    root.send(ask.Own(code=chat.hub.owner_code))
    await settle(chat)
    assert root.last(told.ProfileChanged).role is Role.OWNER
