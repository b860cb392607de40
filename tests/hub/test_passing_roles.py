"""Roles of guests, who have them for as long as they are in the room."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.events import Joined, RoleGiven
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role, RoomAccess, Topics
from hubbub.hub.settings import HubSettings
from tests.hub.chat import UNHURRIED, Chat, Person, chatting
from tests.hub.members import id_of
from tests.hub.people import account, do, private, server_owner, settle
from tests.hub.several import several

LAB = RoomName.parse("Lab")
ADA = UserName.parse("ada")


async def owner(chat: Chat, name: str = "ada", *, line: bool = False) -> Person:
    """A guest who has made Lab, and owns it."""
    person = chat.connect(line=line).hello(name)
    person.send(ask.Join(room=LAB, owns=True))
    await settle(chat)
    person.news()
    return person


def roles(chat: Chat) -> dict[str, str]:
    """Of those in Lab, by their names, as the hub tells it to a newcomer."""
    eva = chat.enter("newcomer", "Lab")
    standing = eva.last(told.RoomJoined).standing
    eva.bye()
    chat.commit()
    return {} if standing is None else {name: role.value for name, role in standing.roles.items()}


async def test_a_guest_who_makes_a_room_owns_it_if_they_want_that(chat: Chat) -> None:
    ada = await owner(chat)
    joined = ada.last(told.RoomJoined)
    assert joined.new
    assert joined.standing is not None
    assert (joined.standing.role, joined.standing.owned) == (Role.OWNER, True)
    (event,) = [one for one in chat.log.disk.events["lab"] if isinstance(one, Joined)]
    assert (event.role, event.passing) == (Role.OWNER, True)
    ben = chat.enter("ben", "Den")
    assert ben.last(told.RoomJoined).standing is None


async def test_who_has_an_account_owns_what_they_make_for_good_either_way(chat: Chat) -> None:
    ada = await account(chat, "ada")
    await do(ada, ask.Join, owns=True)
    await do(ada, ask.Leave)
    await do(ada, ask.Join, owns=True)
    assert roles(chat) == {"ada": "owner"}
    (event, *_) = chat.log.disk.events["lab"]
    assert isinstance(event, Joined)
    assert not event.passing


async def test_nobody_owns_what_somebody_else_has_made(chat: Chat) -> None:
    chat.enter("ben", "Lab")
    ada = await owner(chat)
    assert ada.last(told.RoomJoined).standing is None
    assert await do(ada, ask.Kick, user="ben") == ["error not-allowed"]


async def test_of_two_who_make_a_room_at_once_the_first_owns_it(chat: Chat) -> None:
    ada, ben = chat.connect().hello("ada"), chat.connect().hello("ben")
    await settle(chat)
    for one in (ada, ben):
        one.send(ask.Join(room=LAB, owns=True))
    await settle(chat)
    assert roles(chat) == {"ada": "owner"}


async def test_a_guest_who_owns_a_room_does_there_what_its_owners_do(chat: Chat) -> None:
    ada, ben = await owner(chat), chat.enter("ben", "Lab")
    eve = chat.enter("eve", "Lab")
    cleo = await account(chat, "cleo")
    done = [
        await do(ada, ask.SetRules, topics=Topics.MODERATORS, most=20),
        await do(ada, ask.SetTopic, topic="Tea"),
        await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR),
        await do(ada, ask.Mute, user="eve"),
        await do(ada, ask.Unmute, user="eve"),
        await do(ada, ask.Invite, user="cleo"),
        await do(ada, ask.Kick, user="eve", reason="enough"),
        await do(ada, ask.Ban, user="eve"),
        await do(ada, ask.Unban, user="eve"),
        await do(ada, ask.Bans),
        await do(ada, ask.Audit),
        await do(ada, ask.RenameRoom, name="Kitchen"),
    ]
    assert "error" not in str(done)
    assert eve.last(told.RoomLeft).put_out
    assert cleo.all(told.Invitation)
    assert "error" not in str(await do(ada, ask.RenameRoom, "Kitchen", name="Lab"))
    assert await do(ben, ask.SetRules, most=3) == ["error not-allowed"]  # a moderator
    assert "error" not in str(await do(ada, ask.Delete))


@pytest.mark.parametrize("how", ["leaves", "says goodbye", "is lost", "is put out", "is banned"])
async def test_a_room_whose_guest_of_an_owner_is_gone_is_nobodys_again(how: str) -> None:
    async with chatting(UNHURRIED) as chat:
        root = await server_owner(chat)
        ada, ben = await owner(chat), chat.enter("ben", "Lab")
        match how:
            case "leaves":
                await do(ada, ask.Leave)
            case "says goodbye":
                ada.bye()
            case "is lost":
                ada.lose_connection()
                chat.pass_time(chat.settings.leave_grace_seconds + 1)
            case "is put out":
                await do(root, ask.Kick, user="ada")
            case "is banned":
                await do(root, ask.Ban, user="ada")
        await settle(chat)
        standing = ben.last(told.RoomStanding).standing
        assert (standing.owned, standing.roles) == (False, {})
        if how in ("leaves", "is put out"):
            await do(ada, ask.Join, owns=True)
            assert await do(ada, ask.Kick, user="ben") == ["error not-allowed"]


async def test_who_lost_the_connection_and_comes_back_in_time_owns_it_still(chat: Chat) -> None:
    ada = await owner(chat)
    ada.lose_connection()
    chat.pass_time(1)
    again = chat.connect().hello("ada", ada.token).join("Lab")
    await settle(chat)
    standing = again.last(told.RoomJoined).standing
    assert standing is not None
    assert standing.role is Role.OWNER


async def test_a_role_stays_with_a_new_name(chat: Chat) -> None:
    ada = await owner(chat)
    chat.enter("eve", "Lab")
    ada.lose_connection()
    again = chat.connect().hello("countess")
    chat.commit()
    again.send(ask.Formerly(user=ADA, token=ada.token or "")).join("Lab")
    chat.commit()
    chat.connect().hello("ada", ada.token).bye()
    await settle(chat)
    assert chat.members("Lab") == ["countess", "eve"]
    assert roles(chat) == {"countess": "owner"}
    assert "error" not in str(await do(again, ask.Kick, user="eve"))


async def test_a_role_stays_with_a_new_name_that_has_an_id_of_its_own(chat: Chat) -> None:
    ada, eve = await owner(chat), chat.enter("eve", "Lab")
    before = id_of(ada)
    ada.lose_connection()
    again = chat.connect().hello("countess").join("Den")  # has been somewhere as herself
    chat.commit()
    again.send(ask.Formerly(user=ADA, token=ada.token or "")).join("Lab")
    chat.commit()
    chat.connect().hello("ada", ada.token).bye()
    await settle(chat)
    (joined,) = [
        one
        for one in chat.log.disk.events["lab"]
        if isinstance(one, Joined) and one.was is not None
    ]
    assert (joined.was_id, joined.by_id) == (before, id_of(again))
    assert before != id_of(again)
    assert eve.last(told.RoomStanding).standing.roles == {"countess": Role.OWNER}
    again.bye()
    await settle(chat)
    assert chat.hub.rooms["lab"].state.facts.roles == {}


async def test_a_guest_gets_a_role_for_as_long_as_they_are_there(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    assert "error" not in str(await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR))
    (given,) = [one for one in chat.log.disk.events["lab"] if isinstance(one, RoleGiven)]
    assert given.passing
    eve = chat.enter("eve", "Lab")
    assert "error" not in str(await do(ben, ask.Kick, user="eve"))
    assert eve.last(told.RoomLeft).put_out
    await do(ben, ask.Leave)
    await do(ben, ask.Join)
    assert roles(chat) == {"ada": "owner"}


async def test_a_role_of_a_guest_is_taken_away_or_given_up(chat: Chat) -> None:
    ada = await owner(chat)
    chat.enter("ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.VOICE)
    await do(ada, ask.GiveRole, user="ben", role=Role.MEMBER)
    assert roles(chat) == {"ada": "owner"}
    assert "error" not in str(await do(ada, ask.GiveRole, user="ada", role=Role.MEMBER))
    assert roles(chat) == {}
    assert await do(ada, ask.Kick, user="ben") == ["error not-allowed"]


async def test_an_owner_for_good_does_not_leave_a_room_to_a_guest(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.OWNER)
    for one in (ada, ben):
        assert await do(one, ask.GiveRole, user="ada", role=Role.MEMBER) == ["error bad-message"]
    await do(ben, ask.Leave)
    assert roles(chat) == {"ada": "owner"}


async def test_who_gets_an_account_keeps_the_role_while_they_are_there(chat: Chat) -> None:
    ada = await owner(chat)
    ada.send(ask.Register(password="correct horse battery"))
    await settle(chat)
    assert roles(chat) == {"ada": "owner"}
    await do(ada, ask.Leave)
    assert roles(chat) == {}


async def test_a_guest_who_is_not_in_the_room_gets_no_role(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    chat.enter("ben", "Den")
    assert await do(ada, ask.GiveRole, user="ben", role=Role.VOICE) == ["error no-such-user"]


async def test_who_goes_while_they_are_given_a_role_does_not_have_it(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    ben.leave("Lab")
    ada.send(ask.GiveRole(room=LAB, user=UserName.parse("ben"), role=Role.VOICE))
    await settle(chat)
    assert ada.last(told.Refused).code == "no-such-user"
    assert chat.hub.rooms["lab"].state.facts.passing == ()


async def test_no_guest_has_a_role_on_the_whole_server(chat: Chat) -> None:
    root = await server_owner(chat)
    chat.enter("ben", "Lab")
    heard = await do(root, ask.GiveRole, "/server", user="ben", role=Role.MODERATOR)
    assert heard == ["error no-such-user"]


async def test_a_guest_who_keeps_no_token_owns_a_room_all_the_same(chat: Chat) -> None:
    ada = await owner(chat, line=True)
    await private(chat, ada)
    assert chat.hub.rooms["lab"].state.facts.access is RoomAccess.MEMBERS
    ada.lose_connection()
    await settle(chat)
    assert chat.hub.rooms["lab"].state.facts.roles == {}


async def test_guests_without_a_role_invite_nobody(chat: Chat) -> None:
    ben = chat.enter("ben", "Lab")
    chat.enter("eve")
    assert await do(ben, ask.Invite, user="eve") == ["error need-account"]


async def test_a_role_that_passes_is_kept_over_a_restart_as_far_as_its_guest_is() -> None:
    async with chatting(HubSettings(rate_limit=0)) as chat:
        ada = await owner(chat)
        token = ada.token
        await chat.crash()
        disk = chat.log.disk
    async with chatting(HubSettings(rate_limit=0), disk=disk) as chat:
        again = chat.connect().hello("ada", token).join("Lab")
        await settle(chat)
        standing = again.last(told.RoomJoined).standing
        assert standing is not None
        assert standing.role is Role.OWNER
        again.lose_connection()
        chat.pass_time(chat.settings.leave_grace_seconds + 1)
        await settle(chat)
        assert chat.hub.rooms["lab"].state.facts.roles == {}


async def test_the_role_of_a_guest_whose_server_has_died_is_gone_with_them() -> None:
    async with several(2) as them:
        one, two = them
        ada = one.connect().hello("ada")
        await them.tell()
        ada.send(ask.Join(room=LAB, owns=True))
        await them.tell()
        eve = two.connect().hello("eve")
        await them.tell()
        eve.join("Lab")
        await them.tell()
        standing = eve.last(told.RoomJoined).standing
        assert standing is not None
        assert standing.roles == {"ada": Role.OWNER}
        them.kill(one)
        await them.pass_time(2 * UNHURRIED.lease_seconds + 2 * UNHURRIED.leave_grace_seconds)
        assert two.hub.rooms["lab"].state.facts.roles == {}
        assert eve.last(told.RoomStanding).standing.roles == {}


@pytest.mark.parametrize("line", [True, False])
async def test_who_says_hello_again_keeps_the_role(chat: Chat, line: bool) -> None:
    ada = await owner(chat, line=line)
    ada.send(ask.Hello(user=UserName.parse("countess"), again=True))
    ada.join("Lab", after=1)
    await settle(chat)
    assert roles(chat) == {"countess": "owner"}
    eve = chat.enter("eve", "Lab")
    assert "error" not in str(await do(ada, ask.Kick, user="eve"))
    assert eve.last(told.RoomLeft).put_out
    ada.bye()
    await settle(chat)
    assert chat.hub.rooms["lab"].state.facts.roles == {}


async def test_who_logs_in_keeps_the_role_while_they_are_there(chat: Chat) -> None:
    await account(chat, "ben")
    ada = await owner(chat, line=True)
    ada.send(ask.Hello(user=UserName.parse("ben"), password="correct horse battery", again=True))
    await settle(chat)
    await do(ada, ask.Join)
    assert roles(chat) == {"ben": "owner"}
    await do(ada, ask.Leave)
    assert roles(chat) == {}
