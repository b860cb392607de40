"""Operating the server on a connection of anybody, by an account's password; telling everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role
from tests.hub.chat import Chat, Person
from tests.hub.members import PASSWORD, register
from tests.hub.people import SECRET, do, server_owner, settle
from tests.hub.several import Server, Several, several

ROOT = UserName.parse("root")


async def operate(person: Person, password: str = SECRET, name: str = "root") -> list[str]:
    return await do(person, ask.Operate, user=name, password=password)


async def test_who_knows_the_password_may_what_the_account_may_and_both_are_named(
    chat: Chat,
) -> None:
    root = await server_owner(chat)
    ada, eve = chat.enter("ada", "General", line=True), chat.enter("eve", "General", line=True)
    assert "error" in (await do(ada, ask.Kick, "General", user="eve"))[0]
    assert sorted(await operate(ada)) == ["done", "profile", "standing in General"]
    await do(ada, ask.Kick, "General", user="eve")
    assert eve.news()[-1] == "put out of General"
    assert "error" not in str(await do(ada, ask.Kick, str(DIRECTORY), user="eve"))
    assert eve.hung_up
    audit = await do(root, ask.Audit, str(DIRECTORY))
    assert "root has lent ada" in audit[0]
    assert "ada put eve out" in audit[0]


@pytest.mark.parametrize("line", [True, False])
async def test_they_are_given_back_and_end_with_the_connection(chat: Chat, line: bool) -> None:
    await server_owner(chat)
    ada = chat.enter("ada", "General", line=line)
    eve = chat.enter("eve", "General", line=True)
    await operate(ada)
    assert role(chat, ada) is Role.OWNER
    assert await do(ada, ask.Operate, on=False) == ["profile", "done", "standing in General"]
    assert role(chat, ada) is Role.MEMBER
    await operate(ada)
    await do(eve, ask.Whois, user="ada")
    assert eve.last(told.Person).role is Role.OWNER
    ada.lose_connection()
    again = chat.connect(line=line).hello("ada", ada.token)
    chat.commit()
    assert role(chat, again) is Role.MEMBER


async def test_another_name_has_the_same_rights(chat: Chat) -> None:
    await server_owner(chat)
    ada = chat.enter("ada", line=True)
    await operate(ada)
    ada.send(ask.Hello(user=UserName.parse("countess"), again=True))
    assert role(chat, ada) is Role.OWNER


async def test_a_wrong_password_counts_as_that_of_a_login(chat: Chat) -> None:
    await server_owner(chat)
    ada = chat.enter("ada", line=True)
    for _ in range(3):
        assert await operate(ada, "a wrong password") == ["error wrong-password"]
    assert await operate(ada, "a wrong password") == ["error rate-limited"]
    assert await operate(ada, name="nobody") == ["error rate-limited"], "as does any other account"
    assert role(chat, ada) is Role.MEMBER


async def test_an_account_that_administers_nothing_lends_nothing(chat: Chat) -> None:
    await register(chat, "ben")
    ada = chat.enter("ada", line=True)
    assert await operate(ada, PASSWORD, "ben") == ["error not-allowed"]
    assert await operate(ada, PASSWORD, "nobody") == ["error wrong-password"]
    assert await do(ada, ask.Operate, user="ben") == ["error bad-message"]
    assert not [one for one in chat.story(str(DIRECTORY)) if "lent" in one]


async def test_another_password_takes_them_back(chat: Chat) -> None:
    root = await server_owner(chat)
    ada = chat.enter("ada", line=True)
    await operate(ada)
    await do(root, ask.ChangePassword, old=SECRET, new="a quite different one")
    assert role(chat, ada) is Role.MEMBER


async def test_what_the_account_may_no_longer_nobody_may_by_it(chat: Chat) -> None:
    root = await server_owner(chat)
    ben = await register(chat, "ben")
    await do(root, ask.GiveRole, str(DIRECTORY), user="ben", role=Role.MODERATOR)
    ada = chat.enter("ada", line=True)
    await operate(ada, PASSWORD, "ben")
    assert role(chat, ada) is Role.MODERATOR
    await do(root, ask.GiveRole, str(DIRECTORY), user="ben", role=Role.MEMBER)
    assert role(chat, ada) is Role.MEMBER
    assert ben.last(told.ProfileChanged).role is Role.MEMBER
    assert ada.last(told.ProfileChanged).role is Role.MEMBER
    await do(root, ask.GiveRole, str(DIRECTORY), user="ben", role=Role.OWNER)
    assert role(chat, ada) is Role.MEMBER, "nothing is lent by itself"


async def test_who_administers_no_more_by_the_time_that_it_is_saved_lends_nothing(
    chat: Chat,
) -> None:
    root = await server_owner(chat)
    await register(chat, "ben")
    await do(root, ask.GiveRole, str(DIRECTORY), user="ben", role=Role.MODERATOR)
    ada = chat.enter("ada", line=True)
    ada.send(ask.Operate(user=UserName.parse("ben"), password=PASSWORD))
    for _ in range(20):
        await chat.quiet()
    root.send(ask.GiveRole(room=DIRECTORY, user=UserName.parse("ben"), role=Role.MEMBER))
    chat.commit()
    await settle(chat)
    await do(root, ask.GiveRole, str(DIRECTORY), user="ben", role=Role.MODERATOR)
    assert role(chat, ada) is Role.MEMBER


async def test_who_is_banned_lends_nothing(chat: Chat) -> None:
    root = await server_owner(chat)
    await register(chat, "ben")
    await do(root, ask.GiveRole, str(DIRECTORY), user="ben", role=Role.MODERATOR)
    ada, eve = chat.enter("ada", "General"), chat.enter("eve", "General")
    await operate(ada, PASSWORD, "ben")
    await do(root, ask.Ban, str(DIRECTORY), user="eve")
    assert role(chat, ada) is Role.MODERATOR
    await do(root, ask.Ban, str(DIRECTORY), user="ben")
    assert role(chat, ada) is Role.MEMBER
    assert eve.hung_up


async def test_rank_is_what_somebody_has_by_now_also_by_rights_that_are_lent(chat: Chat) -> None:
    root = await server_owner(chat)
    ben, zoe = await register(chat, "ben"), await register(chat, "zoe")
    await do(root, ask.GiveRole, str(DIRECTORY), user="ben", role=Role.MODERATOR)
    await operate(zoe)
    assert await do(ben, ask.Kick, str(DIRECTORY), user="zoe") == ["error not-allowed"]
    await do(zoe, ask.Operate, on=False)
    await do(ben, ask.Kick, str(DIRECTORY), user="zoe")
    assert zoe.hung_up


async def test_ones_own_rights_are_lent_by_nobody(chat: Chat) -> None:
    root = await server_owner(chat)
    assert "done" in await operate(root)
    assert not [one for one in chat.story(str(DIRECTORY)) if "lent" in one]


async def test_everybody_is_told_by_who_administers_the_server(chat: Chat) -> None:
    root = await server_owner(chat)
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", line=True)
    stranger = chat.connect()
    assert await do(ada, ask.Announce, text="hello") == ["error not-allowed"]
    assert await do(root, ask.Announce, text="  ") == ["error empty-text"]
    assert await do(root, ask.Announce, text="x" * 1001) == ["error text-too-long"]
    assert sorted(await do(root, ask.Announce, text="We close\n at noon.")) == [
        "done",
        "root announces: We close at noon.",
    ]
    for person in (ada, ben):
        assert person.news()[-1] == "root announces: We close at noon."
    assert stranger.news() == []


def role(chat: Chat, person: Person) -> Role:
    return chat.hub.access.server_role(person.session.user)


# Several servers


@pytest.fixture
async def both() -> AsyncIterator[tuple[Several, Server, Server]]:
    async with several(2) as servers:
        one, other = servers
        yield servers, one, other


async def test_everybody_is_told_at_all_servers_and_a_guest_of_another_one_can_be_put_out(
    both: tuple[Several, Server, Server],
) -> None:
    servers, one, other = both
    await server_owner(one)
    await servers.tell()
    ada, eve = other.connect(line=True).hello("ada"), one.connect(line=True).hello("eve")
    await servers.tell()
    await operate(ada)
    ada.send(ask.Announce(text="We close."))
    await servers.tell()
    assert eve.news()[-1] == "ada announces: We close."
    ada.send(ask.Kick(room=RoomName.recall(str(DIRECTORY)), user=UserName.parse("eve")))
    await servers.tell()
    assert eve.hung_up
