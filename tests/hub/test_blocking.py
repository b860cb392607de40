from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import ProfileSet
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.hub import profiles
from tests.hub.chat import Chat, Person
from tests.hub.members import id_of
from tests.hub.people import account, do, log_in, private, server_owner, settle

ALONE = "ben does not take messages from you alone."


async def direct(person: Person, *others: str) -> str:
    """The room of the conversation of ``person`` with ``others``."""
    await do(person, ask.Direct, users=others)
    return str(person.last(told.DirectRoom).room)


async def test_who_is_blocked_begins_no_conversation_of_two(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    await do(ben, ask.Block, user="ada")
    assert await do(ada, ask.Direct, users=("ben",)) == ["error not-allowed"]
    assert ada.last(told.Refused).message == ALONE
    assert [room.name for room in chat.hub.rooms if room.name.startswith("@")] == []
    assert await do(ben, ask.Direct, users=("ada",)) == ["error not-allowed"]
    assert "/unblock ada" in ben.last(told.Refused).message


async def test_neither_says_anything_in_a_conversation_of_two(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    room = await direct(ada, "ben")
    for person in (ada, ben):
        await do(person, ask.Join, room)
    await do(ada, ask.Say, room, text="hi")
    await do(ben, ask.Block, user="ada")
    for outside in (False, True):
        assert await do(ada, ask.Say, room, text="hi", outside=outside) == ["error not-allowed"]
    assert ada.last(told.Refused).message == ALONE
    assert await do(ada, ask.Typing, room) == [], "who writes is not told so at each key"
    assert ben.news() == []
    assert await do(ben, ask.Say, room, text="hi") == ["error not-allowed"]
    assert "/unblock ada" in ben.last(told.Refused).message
    assert await direct(ada, "ben") == room, "what was said is there as before"
    await do(ben, ask.Block, user="ada", on=False)
    assert "error" not in str(await do(ada, ask.Say, room, text="hi"))
    assert "error" not in str(await do(ben, ask.Say, room, text="hi"))


async def test_a_conversation_of_three_goes_on(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    eve = await account(chat, "eve")
    await do(ben, ask.Block, user="ada")
    room = await direct(ada, "ben", "eve")
    ben.news()
    assert "error" not in str(await do(ada, ask.Say, room, text="hi", outside=True))
    assert ben.news() == [], "what is new is not told of who is blocked"
    await do(eve, ask.Say, room, text="hi", outside=True)
    assert ben.news() == ["direct with ada, eve"]
    await do(ben, ask.Join, room)
    await do(ada, ask.Say, room, text="still here", outside=True)
    assert "still here" in str(ben.news())


async def test_who_is_blocked_invites_nobody(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada)
    await do(ben, ask.Block, user="ada")
    ben.news()
    assert await do(ada, ask.Invite, user="ben") == ["error not-allowed"]
    assert ada.last(told.Refused).message == "ben does not take invitations from you."
    assert ben.news() == []


async def test_a_block_holds_for_another_name_and_is_ended_by_either(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    for name in ("countess", "ada"):
        await do(ben, ask.Block, user="ada")
        await do(ada, ask.Rename, user="countess")
        assert await do(ada, ask.Direct, users=("ben",)) == ["error not-allowed"]
        await do(ben, ask.Block, user=name, on=False)
        assert ben.last(told.ProfileChanged).profile.blocked == {}
        await do(ada, ask.Rename, user="ada")


async def test_a_guest_is_blocked_and_blocks_nobody(chat: Chat) -> None:
    guest, ben = chat.enter("guest"), await account(chat, "ben")
    assert await do(guest, ask.Block, user="ben") == ["error need-account"]
    assert await do(ben, ask.Block, user="guest") == ["profile", "done"]
    assert await do(guest, ask.Direct, users=("ben",)) == ["error not-allowed"]
    guest.bye()
    await settle(chat)
    await do(ben, ask.Block, user="guest", on=False)
    assert ben.last(told.ProfileChanged).profile.blocked == {}


async def test_whom_nobody_blocks(chat: Chat) -> None:
    ben = await account(chat, "ben")
    assert await do(ben, ask.Block, user="nobody") == ["error no-such-user"]
    assert await do(ben, ask.Block, user="ben") == ["error bad-message"]
    assert await do(ben, ask.Block, user="nobody", on=False) == ["done"]


async def test_as_many_are_blocked_as_may_be(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "MAX_BLOCKED", 1)
    ben, ada, eve = await account(chat, "ben"), chat.enter("ada"), chat.enter("eve")
    other = await log_in(chat, "ben")
    ben.send(ask.Block(user=UserName.parse("ada")))
    other.send(ask.Block(user=UserName.parse("eve")))
    await settle(chat)
    assert "error too-many" in other.news()
    assert await do(ben, ask.Block, user="ada") == ["done"], "again"
    assert chat.hub.access.profile_of(UserId(id_of(ben))).blocked == {id_of(ada): "ada"}
    assert await do(eve, ask.Direct, users=("ben",)) == ["direct with ben"]


@pytest.mark.parametrize("in_memory", [True, False])
async def test_not_even_who_administers_reads_who_has_blocked_whom(
    chat: Chat, in_memory: bool
) -> None:
    ben, root = await account(chat, "ben"), await server_owner(chat)
    await do(ben, ask.SetProfile, about="I listen")
    await do(ben, ask.Block, user="root")
    if not in_memory:
        await chat.crash()
        await chat.start()
        root = await log_in(chat, "root")
    root.send(ask.History(room=DIRECTORY))
    await settle(chat)
    profiles = [one for one in root.last(told.Page).events if isinstance(one, ProfileSet)]
    assert [one.profile.about for one in profiles] == ["I listen", "I listen"]
    assert [one.profile.blocked for one in profiles] == [{}, {}]
    assert list(chat.hub.access.profile_of(profiles[0].by_id).blocked.values()) == ["root"]
