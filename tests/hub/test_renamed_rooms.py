from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName
from hubbub.domain.rules import RoomAccess
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import account, do, log_in, private, server_owner, settle

LAB, CELLAR, DEN = map(RoomName.parse, ("Lab", "Cellar", "Den"))


def rename(person: Person, room: RoomName = LAB, name: RoomName = CELLAR) -> None:
    person.send(ask.RenameRoom(room=room, name=name))


async def test_all_who_are_in_a_room_hear_its_new_name(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    assert await do(ada, ask.RenameRoom, name="Cellar") == [
        "Lab 3 ada has renamed the room from Lab to Cellar.",
        "Lab is Cellar",
        "ack Lab 3",
    ]
    assert [(one.room, one.name) for one in ben.all(told.RoomMoved)] == [("Lab", "Cellar")]
    assert "error" not in str(await do(ben, ask.Say, "Cellar", text="hello"))
    assert "error" not in str(await do(ben, ask.Say, "Lab", text="by the old name"))
    assert chat.story("Cellar")[-1] == "5 ben: by the old name"
    assert (await do(chat.enter("eve"), ask.Join, "Lab"))[0].startswith("joined Cellar")
    assert "lab" not in chat.log.disk.rooms


async def test_a_link_by_a_former_name_leads_there_after_a_restart(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    await do(ada, ask.RenameRoom, name="Cellar")
    await do(ada, ask.RenameRoom, "Cellar", name="Den")
    await chat.crash()
    async with chatting(disk=chat.log.disk) as again:
        for name in ("Lab", "Cellar", "Den"):
            eve = again.enter(f"eve-{name}")
            assert (await do(eve, ask.Join, name))[0].startswith("joined Den")
        assert "error" not in str(
            await do(await log_in(again, "ada"), ask.RenameRoom, "Lab", name="Lab")
        )
        assert [str(room.name) for room in again.hub.rooms] == ["General", "Lab"]


async def test_only_the_case_of_a_name_can_change(chat: Chat) -> None:
    ada = await account(chat, "ada", "lab")
    assert "error" not in str(await do(ada, ask.RenameRoom, name="LAB"))
    assert str(chat.hub.rooms["lab"].name) == "LAB"
    assert await do(ada, ask.RenameRoom, name="LAB") == ["error bad-message"]
    assert "error" not in str(await do(ada, ask.RenameRoom, name="Cellar"))
    assert "error" not in str(await do(ada, ask.RenameRoom, "Cellar", name="Lab"))


@pytest.mark.parametrize(
    "room, name, code",
    [
        ("Lab", "General", "name-taken"),
        ("Lab", "Lab", "bad-message"),
        ("Lab", "@ben", "invalid-name"),
        ("General", "Hall", "room-stays"),
        ("Missing", "Hall", "no-such-room"),
    ],
)
async def test_what_is_not_renamed(chat: Chat, room: str, name: str, code: str) -> None:
    root = await server_owner(chat, "root", "Lab")
    assert await do(root, ask.RenameRoom, room, name=name) == [f"error {code}"]


async def test_a_hidden_room_keeps_its_name_from_others(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Den"), await account(chat, "ben", "Lab")
    await private(chat, ada, room="Den")
    assert await do(ben, ask.RenameRoom, name="Den") == ["error name-taken"]


async def test_texts_sent_while_a_name_is_on_its_way_are_in_the_room_or_refused(
    chat: Chat,
) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    ben.say("before", "Lab", nonce="1")
    rename(ada)
    ben.say("meanwhile", "Lab", nonce="2").say("by the new one", "Cellar", nonce="3")
    assert ben.news() == ["error rate-limited 2", "error rate-limited 3"]
    await settle(chat)
    ben.say("meanwhile", "Lab", nonce="2").say("before", "Cellar", nonce="1")
    await settle(chat)
    said = [one for one in chat.story("Cellar") if "ben:" in one]
    assert said == ["3 ben: before", "5 ben: meanwhile"]
    assert ben.last(told.Ack).seq == 3  # the resend is known by its nonce
    assert "lab" not in chat.log.disk.rooms


async def test_who_asks_for_a_name_that_a_private_room_is_about_to_get_is_not_in_it(
    chat: Chat,
) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    await private(chat, ada)
    rename(ada)
    ben.join("Cellar").send(ask.Say(room=CELLAR, text="hello", outside=True))
    await settle(chat)
    assert ben.news() == ["error no-such-room", "error no-such-room"]
    assert chat.members("Cellar") == ["ada"]


async def test_who_comes_in_while_a_name_is_on_its_way_comes_in_by_the_new_one(chat: Chat) -> None:
    ada, ben, eve = await account(chat, "ada", "Lab"), chat.enter("ben"), chat.enter("eve")
    eve.join("Lab")
    rename(ada)
    ben.join("Lab")
    ben.say("hello", "Lab")
    await settle(chat)
    assert chat.members("Cellar") == ["ada", "ben", "eve"]
    assert ben.last(told.RoomJoined).room == "Cellar"
    assert "lab" not in chat.log.disk.rooms
    assert chat.story("Cellar")[-1].endswith("ben: hello")


async def test_two_rooms_do_not_get_one_name(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Den")
    rename(ada)
    rename(ben, DEN)
    await settle(chat)
    assert "error name-taken" in ben.news()
    assert sorted(str(room.name) for room in chat.hub.rooms) == ["Cellar", "Den", "General"]


@pytest.mark.parametrize("name", [CELLAR, RoomName.parse("LAB")])
async def test_a_name_that_the_log_refuses_leaves_all_as_it_was(chat: Chat, name: RoomName) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    rename(ada, name=name)
    await chat.quiet()
    chat.fail()
    await settle(chat)
    assert "error log-unavailable" in ada.news()
    assert not ben.all(told.RoomMoved)
    assert "error" not in str(await do(ben, ask.Say, text="still here"))
    eve = chat.enter("eve", "Cellar")
    assert eve.last(told.RoomJoined).new  # the name is free
    assert "error" not in str(await do(ada, ask.RenameRoom, name="Den"))


async def test_markers_and_slow_mode_go_with_the_room(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    ada.say("one", "Lab").say("two", "Lab")
    await settle(chat)
    await do(ben, ask.Read, seq=3)
    await do(ada, ask.SetRules, slow=30)
    await do(ben, ask.Say, text="slowly")
    await do(ada, ask.RenameRoom, name="Cellar")
    assert await do(ben, ask.Say, "Cellar", text="quickly") == ["error rate-limited"]
    await do(ben, ask.Rooms)
    (info,) = [one for one in ben.last(told.RoomList).rooms if one.name == "Cellar"]
    assert (info.read, info.unread) == (3, 1)
    chat.pass_time(4)
    await settle(chat)
    await chat.crash()
    async with chatting(disk=chat.log.disk) as again:
        ben = await log_in(again, "ben")
        await do(ben, ask.Rooms)
        (info,) = [one for one in ben.last(told.RoomList).rooms if one.name == "Cellar"]
        assert (info.read, info.unread) == (3, 1)


async def test_a_former_name_can_be_another_rooms(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Den")
    await do(ada, ask.RenameRoom, name="Cellar")
    assert "error" not in str(await do(ben, ask.RenameRoom, "Den", name="Lab"))
    eve = chat.enter("eve")
    assert (await do(eve, ask.Join, "Lab"))[0].startswith("joined Lab")
    assert (await do(eve, ask.Join, "Den"))[0].startswith("joined Lab")
    assert (await do(eve, ask.Join, "Cellar"))[0].startswith("joined Cellar")


async def test_a_former_name_leads_to_an_older_room_again_when_a_newer_one_is_deleted(
    chat: Chat,
) -> None:
    ada = await account(chat, "ada", "Lab", "Den")
    ada.say("one", "Lab", nonce="n")
    await settle(chat)
    await do(ada, ask.RenameRoom, name="Cellar")
    await do(ada, ask.RenameRoom, "Den", name="Lab")
    await do(ada, ask.RenameRoom, "Lab", name="Attic")
    await do(ada, ask.Delete, "Attic")
    eve = chat.enter("eve")
    assert (await do(eve, ask.Join, "Lab"))[0].startswith("joined Cellar")


async def test_a_room_that_is_renamed_while_its_past_is_given_goes_on(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    for number in range(700):
        ada.say(str(number), "Lab")
    await settle(chat)
    ben = chat.connect().hello("ben").join("Lab", after=0)
    chat.commit()
    rename(ada)
    await settle(chat)
    seqs = [event.seq for event in (*ben.shown("Lab"), *ben.shown("Cellar"))]
    assert seqs == list(range(1, len(chat.story("Cellar")) + 1))


async def test_a_page_is_there_though_the_log_knows_the_new_name_first(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    for number in range(600):
        ada.say(str(number), "Lab")
    await settle(chat)
    ben, eve = chat.enter("ben"), chat.enter("eve")
    rename(ada)
    await chat.quiet()
    told_hub, heard = chat.log.listen, chat.hub.journal._hear
    told_hub(lambda _: None)
    chat.log.commit()  # and nobody knows
    ben.send(ask.History(room=LAB, after=0))
    eve.send(ask.Timeline(room=LAB, after=0))
    await chat.quiet()
    assert [len(one.last(told.Page).events) for one in (ben, eve)] == [50, 50]
    told_hub(heard)


async def test_a_private_room_by_its_former_name_is_none(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    await private(chat, ada)
    await do(ada, ask.RenameRoom, name="Cellar")
    for name in ("Lab", "Cellar"):
        for kind in (ask.Join, ask.History, ask.Who):
            assert await do(ben, kind, name) == ["error no-such-room"]
    assert chat.hub.rooms["cellar"].access is RoomAccess.MEMBERS
    assert await do(ben, ask.Search, query="in:Lab x") == ["error no-such-room"]


async def test_who_may_not_read_a_room_is_not_told_how_it_is_called(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    await private(chat, ada)
    await do(ada, ask.RenameRoom, name="Cellar")
    for name in ("lab", "CELLAR", "Nowhere"):
        for kind in (ask.History, ask.Who, ask.Audit, ask.Delete):
            await do(ben, kind, name)
            assert ben.last(told.Refused).message.startswith(f'There is no room "{name}".')


async def test_who_is_kept_out_is_not_told_how_a_room_is_called(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    eve = chat.enter("eve")
    await do(ada, ask.Ban, user="ben", reason="noise")
    await do(ada, ask.SetRules, guests=False)
    await do(ada, ask.RenameRoom, name="Cellar")
    for person, code in ((ben, "banned"), (eve, "need-account")):
        for kind in (ask.Join, ask.History, ask.Who, ask.Audit, ask.Invite, ask.Kick):
            person_named = {"user": "ada"} if "user" in kind.__struct_fields__ else {}
            assert await do(person, kind, **person_named) == [f"error {code}"]
            message = person.last(told.Refused).message
            assert "Lab" in message
            assert "Cellar" not in message
        assert await do(person, ask.Say, text="hi", outside=True) == [f"error {code}"]
        assert "Cellar" not in person.last(told.Refused).message


async def test_a_locked_room_by_its_former_name_asks_by_that_name(chat: Chat) -> None:
    ada, eve = await account(chat, "ada", "Lab"), chat.enter("eve")
    await do(ada, ask.SetRules, access=RoomAccess.LOCKED, password="open sesame, please")
    await do(ada, ask.RenameRoom, name="Cellar")
    assert await do(eve, ask.Join) == ["error need-password"]
    assert eve.last(told.Refused).message == "Lab asks for a password: /join Lab PASSWORD"
