"""Who owns a room deletes it with all that was said in it."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName
from hubbub.domain.rules import Role
from hubbub.hub.access import ANYBODY
from tests.hub.chat import Chat, chatting
from tests.hub.people import account, do, log_in, private, server_owner, settle
from tests.hub.test_deleting import SlowToRead

LAB = RoomName.parse("Lab")


async def test_all_who_are_in_it_are_told_and_the_name_is_free(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await do(ben, ask.Say, text="a needle")
    assert await do(ada, ask.Delete) == ["deleted Lab"]
    assert ben.news() == ["deleted Lab"]
    assert [room.name for room in chat.hub.room_list(ANYBODY).rooms] == ["General"]
    assert await do(ben, ask.Say, text="hm") == ["error not-in-room"]
    for kind in (ask.History, ask.Timeline, ask.Who):
        assert await do(ben, kind) == ["error no-such-room"]
    assert await do(ben, ask.Search, query="needle") == ["found"]
    await do(ben, ask.Join)
    assert ben.last(told.RoomJoined).new
    assert ben.story("Lab")[-1] == "1 ben joined"
    assert await do(ben, ask.Search, query="needle") == ["found"]


async def test_the_log_stays_under_no_name_also_after_a_restart(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    await do(ada, ask.Say, text="a needle")
    await do(ada, ask.Delete)
    assert "a needle" in str(chat.log.disk.events)
    await chat.crash()
    async with chatting(disk=chat.log.disk) as again:
        ben = again.enter("ben")
        assert await do(ben, ask.History) == ["error no-such-room"]
        assert await do(ben, ask.Search, query="needle") == ["found"]
        assert [str(room.name) for room in again.hub.rooms] == ["General"]


async def test_the_directory_tells_who_did_it(chat: Chat) -> None:
    root, ada = await server_owner(chat), await account(chat, "ada", "Lab")
    await do(ada, ask.Delete)
    (page,) = await do(root, ask.Audit, "/server")
    assert page.endswith("ada has deleted the room Lab.")


async def test_members_who_are_elsewhere_hear_it_too(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada, ben)
    phone, eve = await log_in(chat, "ben"), chat.enter("eve")
    await do(ada, ask.Delete)
    assert ben.news() == phone.news() == ["deleted Lab"]
    assert eve.news() == []
    assert "Lab" not in str(await do(phone, ask.Rooms))


async def test_moderators_and_others_do_not_delete_it(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR)
    eve = chat.enter("eve", "Lab")
    for person in (ben, eve):
        assert await do(person, ask.Delete) == ["error not-allowed"]


async def test_administrators_delete_what_nobody_owns_and_others_do_not(chat: Chat) -> None:
    root, ben = await server_owner(chat), chat.enter("ben", "Lab")
    await do(ben, ask.Say, text="hello")
    assert await do(ben, ask.Delete) == ["error room-has-texts"]
    assert await do(root, ask.Delete) == ["deleted Lab"]
    assert await do(root, ask.Delete, "General") == ["error room-stays"]


async def test_who_is_coming_in_meanwhile_is_answered(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    ben.join("Lab").ping()
    ada.send(ask.Delete(room=LAB))
    await settle(chat)
    assert ben.news() == ["error no-such-room", "pong"]
    assert "Lab" not in str(chat.hub.room_list(ANYBODY))


async def test_texts_on_their_way_are_saved_before_it_and_acknowledged(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    ben.say("one", "Lab", nonce="1")
    ada.send(ask.Delete(room=LAB))
    ben.say("two", "Lab", nonce="2")
    await settle(chat)
    assert ben.news() == ["error not-in-room 2", "ack Lab 3 1", "deleted Lab"]
    ben.join("Lab").say("one", "Lab", nonce="1")
    await settle(chat)
    assert chat.story("Lab") == ["1 ben joined", "2 ben: one"]  # in a room of its own


async def test_a_room_of_that_name_made_meanwhile_is_another_one(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    await do(ada, ask.Say, text="before")
    ada.send(ask.Delete(room=LAB))
    ben.join("Lab").say("after", "Lab")
    await settle(chat)
    assert chat.story("Lab") == ["1 ben joined", "2 ben: after"]
    assert await do(ada, ask.Say, text="hm") == ["error not-in-room"]


async def test_who_is_given_its_past_hears_that_it_was_deleted() -> None:
    log = SlowToRead()
    async with chatting(log=lambda _: log) as chat:
        ada = await account(chat, "ada", "Lab")
        for number in range(600):
            ada.say(str(number), "Lab")
        await settle(chat)
        ben = chat.connect().hello("ben").join("Lab", after=0)
        chat.commit()
        await log.asked.wait()
        ada.send(ask.Delete(room=LAB))
        chat.commit()
        log.answers.set()
        await settle(chat)
        assert ben.news()[-1] == "deleted Lab"
        assert "error" not in str(await do(ben, ask.Join))


@pytest.mark.parametrize("where", ["private", "open"])
async def test_what_the_log_does_not_delete_is_there_again(chat: Chat, where: str) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    if where == "private":
        await private(chat, ada, ben)
    ada.send(ask.Delete(room=LAB))
    chat.fail()
    await settle(chat)
    assert ada.news()[-2:] == ["left Lab", "error log-unavailable"]
    assert ben.news()[-1] == "left Lab"
    assert "Lab" in str(await do(ben, ask.Rooms))
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")
    assert await do(ada, ask.Delete) == ["deleted Lab"]


async def test_a_room_is_not_deleted_while_it_gets_another_name(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    phone = await log_in(chat, "ada", "Lab")
    ada.send(ask.RenameRoom(room=LAB, name=RoomName.parse("Cellar")))
    phone.send(ask.Delete(room=LAB))
    await settle(chat)
    assert "error rate-limited" in phone.news()
    assert await do(phone, ask.Delete, "Cellar") == ["deleted Cellar"]
