from __future__ import annotations

from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName
from hubbub.domain.rules import Role, RoomAccess
from hubbub.hub.ports import SecretKind
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import account, do, log_in, settle

OPEN_SESAME = "open sesame please"


async def locked(chat: Chat, password: str = OPEN_SESAME) -> Person:
    """A room with a password; returns its owner."""
    ada = await account(chat, "ada", "Lab")
    heard = await do(ada, ask.SetRules, access=RoomAccess.LOCKED, password=password)
    assert not [one for one in heard if "error" in one]
    return ada


async def test_a_locked_room_is_listed_and_not_read(chat: Chat) -> None:
    ada = await locked(chat)
    await do(ada, ask.SetTopic, topic="plans")
    ben = chat.enter("ben")
    await do(ben, ask.Rooms)
    (info,) = [one for one in ben.last(told.RoomList).rooms if one.name == "Lab"]
    assert (info.access, info.users, info.head, info.at) == (RoomAccess.LOCKED, 0, 0, None)
    for kind in (ask.Join, ask.History, ask.Timeline, ask.Who):
        assert await do(ben, kind) == ["error need-password"]


async def test_who_knows_the_password_becomes_a_member(chat: Chat) -> None:
    ada = await locked(chat)
    ben = await account(chat, "ben")
    assert await do(ben, ask.Join, password="wrong") == ["error wrong-password"]
    assert (await do(ben, ask.Join, password=OPEN_SESAME))[0].startswith("joined Lab")
    ben.lose_connection()
    ben = await log_in(chat, "ben", "Lab")  # who is a member is not asked again
    assert chat.members("Lab") == ["ada", "ben"]
    assert await do(ada, ask.Who) == ["in Lab: ada, ben"]


async def test_what_comes_behind_the_password_waits_for_the_join(chat: Chat) -> None:
    await locked(chat)
    ben = chat.enter("ben")
    ben.send(ask.Join(room=RoomName.parse("Lab"), password=OPEN_SESAME)).say("hello", "Lab").ping()
    await settle(chat)
    assert "error" not in str(ben.news())
    assert ben.story("Lab")[-1].endswith("ben: hello")


async def test_an_invited_person_needs_no_password(chat: Chat) -> None:
    ada, ben = await locked(chat), chat.enter("ben")
    await do(ada, ask.Invite, user="ben")
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")


async def test_wrong_passwords_are_counted(chat: Chat) -> None:
    await locked(chat)
    ben = chat.enter("ben")
    for _ in range(30):
        heard = await do(ben, ask.Join, password="wrong")
        if heard == ["error rate-limited"]:
            break
    assert ben.last(told.Refused).code == "rate-limited"
    assert ben.last(told.Refused).retry_after


async def test_another_password_is_for_those_who_come_from_now_on(chat: Chat) -> None:
    ada, ben, eve = await locked(chat), await account(chat, "ben"), chat.enter("eve")
    await do(ben, ask.Join, password=OPEN_SESAME)
    assert "error" not in str(await do(ada, ask.SetRules, password="another long one"))
    assert await do(eve, ask.Join, password=OPEN_SESAME) == ["error wrong-password"]
    assert (await do(eve, ask.Join, password="another long one"))[0].startswith("joined")
    assert chat.members("Lab") == ["ada", "ben", "eve"]


async def test_the_password_is_that_of_the_room_by_whatever_name(chat: Chat) -> None:
    ada, ben, eve = await locked(chat), chat.enter("ben"), chat.enter("eve")
    await do(ada, ask.RenameRoom, name="Cellar")
    assert (await do(ben, ask.Join, "Cellar", password=OPEN_SESAME))[0].startswith("joined")
    assert (await do(eve, ask.Join, "Lab", password=OPEN_SESAME))[0].startswith("joined Cellar")


async def test_the_password_outlives_the_server() -> None:
    async with chatting() as chat:
        await locked(chat)
        await chat.crash()
        async with chatting(disk=chat.log.disk) as again:
            ben = again.enter("ben")
            assert await do(ben, ask.Join, password="wrong") == ["error wrong-password"]
            assert (await do(ben, ask.Join, password=OPEN_SESAME))[0].startswith("joined")


@pytest.mark.parametrize(
    "rules, code",
    [
        ({"access": RoomAccess.LOCKED}, "bad-message"),
        ({"access": RoomAccess.LOCKED, "password": "x"}, "weak-password"),
        ({"password": OPEN_SESAME}, "bad-message"),
        ({"access": RoomAccess.MEMBERS, "password": OPEN_SESAME}, "bad-message"),
        ({"access": RoomAccess.DIRECT}, "bad-message"),
        ({}, "bad-message"),
    ],
)
async def test_what_cannot_hold(chat: Chat, rules: dict[str, Any], code: str) -> None:
    ada = await account(chat, "ada", "Lab")
    assert await do(ada, ask.SetRules, **rules) == [f"error {code}"]
    assert chat.story("Lab") == ["1 ada joined"]


async def test_a_room_stays_locked_when_that_is_said_again(chat: Chat) -> None:
    ada, ben = await locked(chat), chat.enter("ben")
    assert "error" not in str(await do(ada, ask.SetRules, access=RoomAccess.LOCKED, slow=5))
    assert (await do(ben, ask.Join, password=OPEN_SESAME))[0].startswith("joined")


async def test_a_ban_holds_for_who_knows_the_password(chat: Chat) -> None:
    ada, ben = await locked(chat), chat.enter("ben")
    await do(ada, ask.Ban, user="ben")
    before = chat.story("Lab")
    for password in (None, "wrong", OPEN_SESAME):
        assert await do(ben, ask.Join, password=password) == ["error banned"]
    assert chat.story("Lab") == before


@pytest.mark.parametrize("what", ["refused", "unreadable"])
async def test_a_log_that_does_not_work_lets_nobody_in(chat: Chat, what: str) -> None:
    await locked(chat)
    ben = chat.enter("ben")
    if what == "unreadable":
        chat.log.readable = False
    ben.send(ask.Join(room=RoomName.parse("Lab"), password=OPEN_SESAME))
    await chat.quiet()
    if what == "refused":
        chat.fail()
    await settle(chat)
    assert ben.news() == ["error log-unavailable"]
    chat.log.readable = True
    assert (await do(ben, ask.Join, password=OPEN_SESAME))[0].startswith("joined")


@pytest.mark.parametrize("then", ["deleted", "banned", "opened", "gone"])
async def test_what_has_changed_while_the_password_was_looked_at(chat: Chat, then: str) -> None:
    ada, ben = await locked(chat), chat.enter("ben")
    ben.send(ask.Join(room=RoomName.parse("Lab"), password=OPEN_SESAME))
    lab = RoomName.parse("Lab")
    changes: dict[str, ask.Command] = {
        "deleted": ask.Delete(room=lab),
        "banned": ask.Ban(room=lab, user=ben.session.user.name),  # type: ignore[union-attr]
        "opened": ask.SetRules(room=lab, access=RoomAccess.OPEN),
    }
    if then in changes:
        ada.send(changes[then])
        chat.commit()
    else:
        ben.lose_connection()
    await settle(chat)
    if then == "banned":
        assert ben.news() == ["error banned"]
    elif then == "deleted":
        assert ben.news() == ["error wrong-password"]  # there is none any more
    elif then == "gone":
        assert chat.members("Lab") == ["ada"]
        assert chat.story("Lab")[-1] == "2 ada has locked the room with a password."
    else:
        assert ben.news()[0].startswith("joined Lab")


@pytest.mark.parametrize("then", ["deposed", "gone", "renamed"])
async def test_a_password_takes_its_time_and_is_set_by_who_may_then(chat: Chat, then: str) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.OWNER)
    lab = RoomName.parse("Lab")
    ada.send(ask.SetRules(room=lab, access=RoomAccess.LOCKED, password=OPEN_SESAME))
    if then == "gone":
        ben.send(ask.Delete(room=lab))
    elif then == "renamed":
        ben.send(ask.RenameRoom(room=lab, name=RoomName.parse("Cellar")))
    else:
        ben.send(ask.GiveRole(room=lab, user=ada.session.user.name, role=Role.MEMBER))  # type: ignore[union-attr]
    chat.commit()
    await settle(chat)
    told_ada = ada.news()
    if then == "renamed":
        assert (await do(chat.enter("eve"), ask.Join, "Cellar", password=OPEN_SESAME))[
            0
        ].startswith("joined")
    else:
        assert told_ada[-1] in ("error not-allowed", "error no-such-room")
        assert (SecretKind.ROOM, "lab") not in chat.log.disk.secrets
    assert then != "gone" or "lab" not in chat.log.disk.rooms
