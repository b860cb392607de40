from __future__ import annotations

import itertools

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role, RoomAccess
from hubbub.hub.access import ANYBODY
from hubbub.hub.directs import room_of
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.hub.members import id_of
from tests.hub.people import account, do, log_in, server_owner, settle

BEN = UserName.parse("ben")
BRIEF = HubSettings(rate_limit=0, leave_grace_seconds=5, hold_seconds=60)


async def direct(person: Person, *others: str) -> told.DirectRoom:
    """The conversation of ``person`` with ``others``."""
    heard = await do(person, ask.Direct, users=others, id=9)
    assert "error" not in str(heard)
    return next(one for one in reversed(person.all(told.DirectRoom)) if one.re == 9)


async def test_a_conversation_is_found_again_by_the_same_people_in_any_order(chat: Chat) -> None:
    people = {name: await account(chat, name) for name in ("ada", "ben")}
    people["eve"] = chat.enter("eve")
    found = set()
    for first, *others in itertools.permutations(people):
        one = await direct(people[first], *others)
        found.add(one.room)
        assert one.users == sorted(others)
    assert len(found) == 1
    assert (await direct(people["ada"], "ben", "ben", "ada", "eve")).room in found
    assert (await direct(people["ada"], "ben")).room not in found


async def test_its_people_alone_know_of_it(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    root, eve = await server_owner(chat), chat.enter("eve")
    room = (await direct(ada, "ben")).room
    await do(ada, ask.Join, room)
    await do(ada, ask.Say, room, text="a needle")
    for stranger in (root, eve):
        for kind in (ask.Join, ask.History, ask.Timeline, ask.Who, ask.Audit, ask.Delete):
            assert await do(stranger, kind, room) == ["error no-such-room"]
        assert await do(stranger, ask.Search, query="needle") == ["found"]
        assert room not in str(await do(stranger, ask.Rooms))
        assert await do(stranger, ask.Say, room, text="hm", outside=True) == ["error no-such-room"]
    assert [one.name for one in chat.hub.room_list(ANYBODY).rooms] == ["General"]
    assert (await do(ben, ask.Search, query="needle"))[0].startswith("found; @")


async def test_nobody_makes_a_room_in_place_of_somebody_elses_conversation(chat: Chat) -> None:
    ada, ben, eve = [await account(chat, name) for name in ("ada", "ben", "eve")]
    name = room_of([UserId(id_of(ada)), UserId(id_of(ben))])  # which is no secret: ids are told
    for taken in (str(name), f"＠{name[1:]}"):
        assert await do(eve, ask.Join, taken) == ["error no-such-room"]
        assert await do(eve, ask.Say, taken, text="hm", outside=True) == ["error no-such-room"]
    await do(eve, ask.Join, "Lab")
    assert await do(eve, ask.RenameRoom, "Lab", name=f"＠{name[1:]}") == ["error invalid-name"]
    assert (await direct(ada, "ben")).users == ["ben"]


async def test_nobody_learns_who_talks_with_whom(chat: Chat) -> None:
    """The name can be told from the ids, so that it must not matter whether it is there."""
    ada, ben, cleo, eve = [await account(chat, name) for name in ("ada", "ben", "cleo", "eve")]
    there = room_of([UserId(id_of(ada)), UserId(id_of(ben))])
    missing = room_of([UserId(id_of(ada)), UserId(id_of(cleo))])
    assert (await direct(ada, "ben")).room == there
    told_of = []
    for name in (there, missing):
        for kind, fields in (
            (ask.Join, {}),
            (ask.Join, {"password": "correct horse"}),
            (ask.Say, {"text": "hm", "outside": True}),
            (ask.Say, {"text": "hm", "outside": True, "reply_to": 1}),
            (ask.History, {}),
            (ask.RenameRoom, {"name": "Lab"}),
            (ask.Search, {"query": f"in:{name} hm"}),
        ):
            assert (await do(eve, kind, str(name), **fields))[0].startswith("error")
            refused = eve.last(told.Refused)
            told_of.append((refused.code, refused.message.replace(name, "@")))
    half = len(told_of) // 2
    assert told_of[:half] == told_of[half:]


async def test_a_conversation_that_is_being_begun_is_nobody_elses(chat: Chat) -> None:
    ada, ben, eve = await account(chat, "ada"), await account(chat, "ben"), chat.enter("eve")
    room = (await direct(ada, "eve")).room
    await chat.crash()
    async with chatting(disk=chat.log.disk) as again:
        ada, eve = await log_in(again, "ada"), again.enter("mallory")
        ada.send(ask.Direct(users=(BEN,)))
        begun = next(one.name for one in again.hub.rooms if one.head == 0 and one.name[0] == "@")
        eve.join(begun).send(ask.Say(room=begun, text="hm", outside=True))
        await settle(again)
        assert eve.news() == ["error no-such-room", "error no-such-room"]
        assert ada.last(told.DirectRoom).room == begun != room
        assert again.members(begun) == ["ada", "ben"]
    ben.lose_connection()


async def test_both_begin_at_the_same_time(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    ada.send(ask.Direct(users=(BEN,)))
    ben.send(ask.Direct(users=(UserName.parse("ada"),)))
    await settle(chat)
    (one, other) = ada.last(told.DirectRoom), ben.last(told.DirectRoom)
    assert one.room == other.room
    for person in (ada, ben):
        assert (await do(person, ask.Join, one.room))[0].startswith("joined")


@pytest.mark.parametrize("failing", [1, 2])
async def test_a_beginning_that_the_log_refuses(chat: Chat, failing: int) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    ada.send(ask.Direct(users=(BEN,)))
    ben.send(ask.Direct(users=(UserName.parse("ada"),)))
    chat.fail(failing)
    await settle(chat)
    assert "error log-unavailable" in ada.news()
    room = (await direct(ben, "ada")).room
    assert (await do(ada, ask.Join, room))[0].startswith("joined")
    assert len(chat.hub.rooms) == 2


@pytest.mark.parametrize(
    "users, code",
    [(("ada",), "bad-message"), (("nobody",), "no-such-user"), (("ben", "nobody"), "no-such-user")],
)
async def test_with_whom_nobody_talks(chat: Chat, users: tuple[str, ...], code: str) -> None:
    ada = await account(chat, "ada")
    await account(chat, "ben")
    assert await do(ada, ask.Direct, users=users) == [f"error {code}"]
    assert len(chat.hub.rooms) == 1


async def test_nine_people_talk(chat: Chat) -> None:
    ada = await account(chat, "ada")
    others = [f"p{number}" for number in range(8)]
    for name in others:
        chat.enter(name)
    room = await direct(ada, *others)
    assert room.users == others
    assert len(chat.members(room.room)) == 9


async def test_there_are_as_many_rooms_as_there_may_be() -> None:
    async with chatting(HubSettings(rate_limit=0, rooms=2)) as chat:
        ada = await account(chat, "ada", "Lab")
        await account(chat, "ben")
        assert await do(ada, ask.Direct, users=("ben",)) == ["error too-many-rooms"]


async def test_who_is_not_in_it_hears_that_something_was_said(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    room = (await direct(ada, "ben")).room
    await do(ada, ask.Join, room)
    ben.news()
    await do(ada, ask.Say, room, text="psst")
    (notice,) = ben.all(told.DirectRoom)
    assert (notice.room, notice.users, notice.head, notice.re) == (room, ["ada"], 1, None)
    ben.join(room, after=notice.head)
    await settle(chat)
    assert ben.story(room) == ["2 ada: psst"]
    await do(ada, ask.Say, room, text="again")
    assert len(ben.all(told.DirectRoom)) == 1


async def test_what_was_begun_while_somebody_was_away_is_unread(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    ben.lose_connection()
    chat.pass_time(3600)
    room = (await direct(ada, "ben")).room
    await do(ada, ask.Join, room)
    for text in ("hello", "ben, are you there?"):
        await do(ada, ask.Say, room, text=text)
    ben = await log_in(chat, "ben")
    await do(ben, ask.Rooms)
    (info,) = [one for one in ben.last(told.RoomList).rooms if one.name == room]
    assert (info.unread, info.mentions, info.people, info.access) == (
        2,
        1,
        ["ada"],
        RoomAccess.DIRECT,
    )
    await do(ben, ask.Join, room)
    assert (ben.last(told.RoomJoined).read, ben.last(told.RoomJoined).unread) == (0, 2)
    await do(ben, ask.Read, room, seq=3)
    await do(ben, ask.Rooms)
    (info,) = [one for one in ben.last(told.RoomList).rooms if one.name == room]
    assert (info.unread, info.read) == (0, 3)


async def test_nothing_in_it_can_be_changed(chat: Chat) -> None:
    ada = await account(chat, "ada")
    await account(chat, "ben")
    chat.enter("eve")
    room = (await direct(ada, "ben")).room
    await do(ada, ask.Join, room)
    for kind, fields in (
        (ask.SetTopic, {"topic": "x"}),
        (ask.Invite, {"user": "eve"}),
        (ask.Kick, {"user": "ben"}),
        (ask.Mute, {"user": "ben"}),
        (ask.Ban, {"user": "ben"}),
        (ask.GiveRole, {"user": "ben", "role": Role.OWNER}),
        (ask.SetRules, {"access": RoomAccess.OPEN}),
        (ask.RenameRoom, {"name": "Lab"}),
        (ask.Delete, {}),
        (ask.Audit, {}),
    ):
        assert await do(ada, kind, room, **fields) == ["error not-allowed"]


async def test_nobody_leaves_a_conversation_for_good(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    room = (await direct(ada, "ben")).room
    phone = await log_in(chat, "ben", room)
    await do(ben, ask.Join, room)
    assert await do(ben, ask.Leave, room) == [f"left {room}"]
    assert not phone.all(told.RoomLeft)
    assert chat.members(room) == ["ada", "ben"]
    assert (await do(ben, ask.Join, room))[0].startswith("joined")


async def test_a_guest_whose_name_is_free_is_out_of_it_and_a_new_one_is_somebody_else() -> None:
    async with chatting(BRIEF) as chat:
        ada, ben = await account(chat, "ada"), chat.enter("ben")
        room = (await direct(ada, "ben")).room
        ben.lose_connection()
        chat.pass_time(61)
        await settle(chat)
        assert chat.members(room) == ["ada"]
        again = chat.enter("ben")
        assert await do(again, ask.Join, room) == ["error no-such-room"]
        other = await direct(ada, "ben")
        assert other.room != room
        assert (await do(ada, ask.Join, room))[0].startswith("joined")  # what was said stays hers


async def test_a_guest_who_registers_stays_in_it(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), chat.enter("ben")
    room = (await direct(ada, "ben")).room
    await do(ben, ask.Register, password="correct horse battery")
    ben.bye()
    await settle(chat)
    ben.lose_connection()
    chat.pass_time(7200)
    await settle(chat)
    assert chat.members(room) == ["ada", "ben"]
    assert (await do(await log_in(chat, "ben"), ask.Join, room))[0].startswith("joined")


@pytest.mark.parametrize("away", [False, True])
async def test_who_is_renamed_is_in_it_by_the_new_name(chat: Chat, away: bool) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    room = (await direct(ada, "ben")).room
    await do(ada, ask.Join, room)
    if not away:
        await do(ben, ask.Join, room)
    await do(ben, ask.Rename, user="Benny")
    chat.pass_time(10)
    await settle(chat)
    assert chat.members(room) == ["ada", "Benny"]
    assert (await direct(ada, "Benny")).room == room
    assert (await direct(ben, "ada")).room == room
    await do(ada, ask.Say, room, text="hello, Benny")
    assert "hello, Benny" in str(ben.received) or ben.last(told.DirectRoom).room == room


async def test_who_is_banned_from_the_server_is_still_known_to_the_others(chat: Chat) -> None:
    root, ada, ben = (
        await server_owner(chat),
        await account(chat, "ada"),
        await account(chat, "ben"),
    )
    room = (await direct(ada, "ben")).room
    await do(root, ask.Ban, "/server", user="ben")
    assert ben.hung_up
    assert (await direct(ada, "ben")).room == room
    await do(ada, ask.Join, room)
    assert "error" not in str(await do(ada, ask.Say, room, text="where are you?"))


async def test_it_is_there_after_a_restart(chat: Chat) -> None:
    ada = await account(chat, "ada")
    await account(chat, "ben")
    room = (await direct(ada, "ben")).room
    await chat.crash()
    async with chatting(disk=chat.log.disk) as again:
        ben = await log_in(again, "ben")
        assert (await direct(ben, "ada")).room == room
        assert (await do(ben, ask.Join, room))[0].startswith("joined")
        assert room not in str(again.hub.room_list(ANYBODY))


async def test_nobody_makes_a_room_of_such_a_name(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    assert await do(ada, ask.Join, "@ben") == ["error invalid-name"]
    assert await do(ada, ask.Say, "@ben", text="x", outside=True) == ["error invalid-name"]
    assert len(chat.hub.rooms) == 2
    assert RoomName.parse("@ben").key not in chat.hub.rooms
