"""What accounts ask for without a connection: in whose name, how fast, and what is left of it."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.errors import ShuttingDown, WrongToken
from hubbub.domain.events import UNSEQUENCED, DeviceRevoked
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Reply
from hubbub.hub import logouts
from hubbub.hub.errands import BY_OPERATOR, ENDING, ON_CONNECTIONS
from hubbub.hub.handlers import HANDLERS
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.hub.members import (
    OTHER,
    PASSWORD,
    ask_for,
    id_of,
    log_in,
    private_room,
    register,
    settle,
)

GENERAL = RoomName.parse("General")
CLIENT = "192.0.2.1 4000"


def errand(chat: Chat, person: Person, command: ask.Command) -> asyncio.Task[Reply]:
    """A command of a person, who is elsewhere, on its way."""
    assert person.token is not None
    return asyncio.ensure_future(chat.hub.ask(person.token, command, CLIENT))


async def done(chat: Chat, person: Person, command: ask.Command) -> Reply:
    asking = errand(chat, person, command)
    await settle(chat)
    return await asking


def say(text: str, nonce: str | None = None) -> ask.Say:
    return ask.Say(room=GENERAL, text=text, nonce=nonce)


async def test_an_answer_has_the_id_of_its_command(chat: Chat) -> None:
    ada = await register(chat, "ada")
    for id in ("mine", 7, None):
        reply = await done(chat, ada, replace(say("hello"), id=id))
        assert (type(reply), reply.re) == (told.Ack, id)


async def test_a_token_says_whose_it_is_after_renaming_and_a_restart() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        token, id = ada.token, id_of(ada)
        assert token is not None
        await ask_for(chat, ada, ask.Rename(user=UserName.parse("lovelace")))
        user = await chat.hub.identify(token, CLIENT)
        assert (user.name, user.id, user.account) == ("lovelace", id, True)
        disk = chat.log.disk
    async with chatting(disk=disk) as chat:
        assert (await chat.hub.identify(token, CLIENT)).name == "lovelace"
        ada = await log_in(chat, "lovelace", token=token)
        ada.send(ask.CloseAccount(password=PASSWORD))
        await settle(chat)
        with pytest.raises(WrongToken):
            await chat.hub.identify(token, CLIENT)


async def test_who_is_there_already_is_not_disturbed(chat: Chat) -> None:
    ada = await register(chat, "ada", "General")
    ben = chat.enter("ben", "General")
    ben.news()
    await done(chat, ada, say("from a script"))
    assert ada.session.user is not None
    assert ada.session.user.sessions == (ada.session,)
    assert chat.story()[-1].endswith("ada: from a script")
    ada.lose_connection()
    await done(chat, ada, say("while away"))
    chat.commit()
    assert chat.members("General") == ["ada", "ben"]
    assert [word.partition(": ")[2] for word in ben.news()] == ["from a script", "while away"]


async def test_who_hangs_up_leaves_nothing_behind_and_what_was_said_is_saved(chat: Chat) -> None:
    ada = await register(chat, "ada")
    before = set(chat.hub.sessions)
    asking = errand(chat, ada, say("on its way"))
    await chat.quiet()
    assert len(chat.hub.sessions) == len(before) + 1
    asking.cancel()
    await asyncio.wait([asking])
    assert set(chat.hub.sessions) == before
    assert not chat.hub.coming
    await settle(chat)
    assert chat.story()[-1].endswith("ada: on its way")


async def test_a_new_password_logs_the_others_out(chat: Chat) -> None:
    ada = await register(chat, "ada")
    other = await log_in(chat, "ada")
    reply = await done(chat, ada, ask.ChangePassword(old=PASSWORD, new=OTHER))
    assert type(reply) is told.Done
    assert other.hung_up
    assert type(await done(chat, ada, say("still me"))) is told.Ack


async def test_who_is_logged_out_just_before_does_not_come_in(chat: Chat) -> None:
    ada = await register(chat, "ada")
    asking = errand(chat, ada, say("not mine any more"))
    await asyncio.sleep(0)
    assert chat.hub.coming
    name = UserName.parse("ada")
    logouts.shown(chat.hub, DeviceRevoked(UNSEQUENCED, 0, name, by_id=UserId(id_of(ada))))
    await settle(chat)
    with pytest.raises(WrongToken):
        await asking
    assert not any("not mine" in line for line in chat.story())


async def test_a_server_that_stops_says_so(chat: Chat) -> None:
    ada = await register(chat, "ada")
    chat.hub.closing = True
    reply = await done(chat, ada, say("hello?"))
    assert isinstance(reply, told.Refused)
    assert reply.code == ShuttingDown.code


async def test_requests_at_the_same_time_have_one_rate() -> None:
    async with chatting(HubSettings(rate_limit=1, rate_burst=3)) as chat:
        ada = await register(chat, "ada")
        asking = [errand(chat, ada, say(f"text {number}")) for number in range(5)]
        await settle(chat)
        replies = [await one for one in asking]
        assert [type(reply) for reply in replies] == [told.Ack] * 3 + [told.Refused] * 2
        assert len(chat.hub.errand_rates) == 1
        chat.pass_time(5)
        await done(chat, ada, say("later"))


async def test_members_only_speak_and_set_the_topic_from_outside(chat: Chat) -> None:
    ada, ben = await register(chat, "ada"), await register(chat, "ben")
    await private_room(chat, ada, "Den")
    den = RoomName.parse("Den")
    for command in (ask.Say(room=den, text="x"), ask.SetTopic(room=den, topic="x")):
        assert type(await done(chat, ada, command)) is told.Ack
        refused = await done(chat, ben, command)
        assert isinstance(refused, told.Refused)
        assert refused.code == "no-such-room"


def test_what_needs_a_connection_is_known_to_the_hub() -> None:
    assert HANDLERS.keys() > ON_CONNECTIONS
    assert set(ENDING) < HANDLERS.keys() - ON_CONNECTIONS


ABOUT_ONESELF = frozenset(
    {
        *(ask.Accept, ask.BeginFactor, ask.Block, ask.ChangePassword, ask.CloseAccount),
        *(ask.ConfirmFactor, ask.Devices, ask.Direct, ask.EndFactor, ask.Own, ask.Read, ask.Rename),
        *(ask.ResetPassword, ask.Revoke, ask.SetProfile),
    }
)
"""What somebody without an account and a place in rooms has nothing of."""

BY_PEOPLE = frozenset(
    {
        *(ask.Say, ask.Edit, ask.React, ask.Knock, ask.Report, ask.Search),
        *(ask.Announce, ask.Here),
    }
)
"""What people do among each other."""


def test_each_command_is_one_for_who_keeps_the_server_or_is_not() -> None:
    groups = (ON_CONNECTIONS, BY_OPERATOR, ABOUT_ONESELF, BY_PEOPLE)
    assert frozenset().union(*groups) == HANDLERS.keys()
    assert sum(map(len, groups)) == len(HANDLERS)
