"""Accounts that take messages of accounts only, and the guests whom they let write nevertheless."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import ProfileSet
from hubbub.domain.names import RoomName
from hubbub.hub import accepting
from hubbub.hub.limits import EVENT_BYTES
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.hub.members import id_of
from tests.hub.people import account, do, log_in, server_owner, settle
from tests.hub.test_blocking import direct


async def closed(chat: Chat) -> Person:
    """ben, who takes messages of accounts only."""
    ben = await account(chat, "ben")
    await do(ben, ask.SetProfile, accounts_only=True)
    ben.news()
    return ben


def accepted(person: Person) -> dict[str, str]:
    return {str(id): name for id, name in person.last(told.ProfileChanged).profile.accepted.items()}


async def test_a_guest_begins_no_conversation_with_who_takes_those_of_accounts_only(
    chat: Chat,
) -> None:
    ben, guest, ada = await closed(chat), chat.enter("guest"), await account(chat, "ada")
    await account(chat, "eve")
    assert await do(guest, ask.Direct, users=("ben",)) == ["error need-account"]
    assert await do(guest, ask.Direct, users=("eve", "ben")) == ["error need-account"]
    why = guest.last(told.Refused).message
    assert why.startswith("ben takes messages from people with an account alone, until they ")
    assert [room.name for room in chat.hub.rooms if room.name.startswith("@")] == []
    room = await direct(ada, "ben")
    await do(ada, ask.Say, room, text="hi", outside=True)
    assert ben.news() == ["direct with ada"]
    await do(ben, ask.SetProfile, accounts_only=False)
    assert await do(guest, ask.Direct, users=("ben",)) == ["direct with ben"]


async def test_nor_does_a_guest_invite_them(chat: Chat) -> None:
    """A room may be called anything."""
    ben, guest = await closed(chat), chat.enter("guest")
    guest.send(ask.Join(room=RoomName.parse("Bargains"), owns=True))
    await settle(chat)
    assert await do(guest, ask.Invite, "Bargains", user="ben") == ["error need-account"]
    assert ben.news() == []
    await do(ben, ask.Accept, user="guest")
    assert "error" not in str(await do(guest, ask.Invite, "Bargains", user="ben"))


async def test_to_whom_one_begins_to_write_may_answer(chat: Chat) -> None:
    ben, guest = await closed(chat), chat.enter("guest")
    room = await direct(ben, "guest")
    assert accepted(ben) == {id_of(guest): "guest"}
    assert "error" not in str(await do(guest, ask.Say, room, text="hi", outside=True))


async def test_with_whom_one_goes_on_may_answer_again(chat: Chat) -> None:
    ben, guest = await account(chat, "ben"), chat.enter("guest")
    room = await direct(guest, "ben")
    await do(guest, ask.Say, room, text="hi", outside=True)
    await do(ben, ask.SetProfile, accounts_only=True)
    await do(guest, ask.Join, room)
    assert await do(guest, ask.Typing, room) == [], "who writes is not told so at each key"
    hello = {"text": "still there?", "outside": True}
    assert await do(guest, ask.Say, room, **hello) == ["error need-account"]
    assert await direct(ben, "guest") == room
    assert accepted(ben) == {id_of(guest): "guest"}
    assert "error" not in str(await do(guest, ask.Say, room, **hello))


async def test_a_text_in_a_conversation_that_is_open_lets_its_guest_answer(chat: Chat) -> None:
    ben, guest = await account(chat, "ben"), chat.enter("guest")
    room = await direct(guest, "ben")
    await do(ben, ask.SetProfile, accounts_only=True)
    assert await do(guest, ask.Say, room, text="hi", outside=True) == ["error need-account"]
    await do(ben, ask.Say, room, text="hello", outside=True)
    await settle(chat)
    assert accepted(ben) == {id_of(guest): "guest"}
    assert "error" not in str(await do(guest, ask.Say, room, text="hi", outside=True))


async def test_a_guest_is_accepted_by_name_and_no_more(chat: Chat) -> None:
    ben, guest = await closed(chat), chat.enter("guest")
    assert await do(ben, ask.Accept, user="guest") == ["profile", "done"]
    assert await do(ben, ask.Accept, user="guest") == ["done"], "again"
    room = await direct(guest, "ben")
    await do(ben, ask.Accept, user="guest", on=False)
    assert accepted(ben) == {}
    assert await do(guest, ask.Say, room, text="hi", outside=True) == ["error need-account"]
    assert await do(ben, ask.Accept, user="nobody") == ["error no-such-user"]
    assert await do(ben, ask.Accept, user="ben") == ["done"], "who has an account writes anyway"
    assert await do(guest, ask.Accept, user="ben") == ["error need-account"]
    assert await do(guest, ask.SetProfile, accounts_only=True) == ["error need-account"]


async def test_who_is_blocked_is_accepted_no_more(chat: Chat) -> None:
    ben, guest = await closed(chat), chat.enter("guest")
    await do(ben, ask.Accept, user="guest")
    await do(ben, ask.Block, user="guest")
    await do(ben, ask.Block, user="guest", on=False)
    assert await do(guest, ask.Direct, users=("ben",)) == ["error need-account"]


async def test_who_is_blocked_is_not_accepted_by_the_way(chat: Chat) -> None:
    ben, guest = await account(chat, "ben"), chat.enter("guest")
    chat.enter("zoe")
    room = await direct(ben, "guest", "zoe")
    await do(ben, ask.Block, user="guest")
    await do(ben, ask.SetProfile, accounts_only=True)
    await do(ben, ask.Say, room, text="hello", outside=True)
    await settle(chat)
    assert list(accepted(ben).values()) == ["zoe"]
    assert await do(ben, ask.Accept, user="guest") == ["error bad-message"]
    await do(ben, ask.Block, user="guest", on=False)
    assert await do(guest, ask.Direct, users=("ben",)) == ["error need-account"]


async def test_another_guest_of_the_same_name_is_somebody_else(chat: Chat) -> None:
    ben, guest = await closed(chat), chat.enter("guest")
    await do(ben, ask.Accept, user="guest")
    guest.bye()
    await settle(chat)
    assert await do(chat.enter("guest"), ask.Direct, users=("ben",)) == ["error need-account"]
    await do(ben, ask.Accept, user="guest")
    await do(ben, ask.Accept, user="guest", on=False)
    assert accepted(ben) == {}, "whoever was called so"


async def test_the_oldest_ones_who_are_accepted_are_forgotten(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "MAX_ACCEPTED", 2)
    ben = await closed(chat)
    for name in ("ada", "eve", "zoe"):
        chat.enter(name)
        await do(ben, ask.Accept, user=name)
    assert list(accepted(ben).values()) == ["eve", "zoe"]


async def test_it_is_known_after_a_restart_and_told_to_nobody_else(chat: Chat) -> None:
    ben, root = await closed(chat), await server_owner(chat)
    chat.enter("guest")
    await do(ben, ask.Accept, user="guest")
    await chat.crash()
    await chat.start()
    root, guest = await log_in(chat, "root"), chat.enter("another")
    assert await do(guest, ask.Direct, users=("ben",)) == ["error need-account"]
    root.send(ask.History(room=DIRECTORY))
    await settle(chat)
    profiles = [one for one in root.last(told.Page).events if isinstance(one, ProfileSet)]
    assert [one.profile.accepted for one in profiles] == [{}, {}]
    kept = chat.hub.access.profile_of(profiles[0].by_id)
    assert (kept.accounts_only, list(kept.accepted.values())) == (True, ["guest"])


async def test_what_is_saved_of_those_who_may_answer_is_on_the_disk_of_who_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else texts to ever other guests would write the whole list each time, for nothing."""
    monkeypatch.setattr(accepting, "MAX_ACCEPTED", 2)
    async with chatting(HubSettings(rate_limit=0, client_bytes_per_day=4_000)) as chat:
        ben = await closed(chat)
        rooms = []
        for name in ("ada", "eve", "zoe"):
            chat.enter(name)
            rooms.append(await direct(ben, name))
        before, texts = chat.hub.access.directory.head, 0
        while "error" not in str(await do(ben, ask.Say, rooms[texts % 3], text="x", outside=True)):
            texts += 1
            await settle(chat)
        assert texts < 4_000 / 2 / EVENT_BYTES
        assert chat.hub.access.directory.head == before + texts
