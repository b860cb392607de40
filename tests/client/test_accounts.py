"""Accounts in the library: passwords, devices that are logged out, another name, the end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from hubbub.client import (
    AlreadyNamed,
    BadMessage,
    ChatClosed,
    Connected,
    Forbidden,
    GuestsOff,
    InDoubt,
    LoggedOut,
    NameTaken,
    NeedName,
    NeedPassword,
    Renamed,
    Resume,
    Role,
    Unsent,
    WeakPassword,
    WrongPassword,
    connect,
)
from hubbub.client.protocol import Protocol
from hubbub.domain import commands as ask
from hubbub.domain.names import UserName
from hubbub.domain.replies import Goodbye, Reply, Welcome
from hubbub.wire.json import encode
from tests.client.scripted import ScriptedServer
from tests.client.taking import hear, take, texts
from tests.client.test_protocol import WELCOME
from tests.process import ServerProcess

SECRET = "correct horse battery"
OTHER = "another long secret"

_CODE = re.compile(r"/own (\w+)")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as process:
        yield process


def where(process: ServerProcess) -> str:
    return f"127.0.0.1:{process.port}"


def again(resume: Resume) -> Resume:
    """As the next run of the program reads it."""
    return msgspec.json.decode(msgspec.json.encode(resume), type=Resume)


async def test_a_guest_becomes_an_account_stays_who_they_are_and_logs_in_by_password_and_by_token(
    process: ServerProcess,
) -> None:
    async with connect(where(process), user="ada") as ada:
        await ada.join("Kitchen")
        said = await ada.say("Kitchen", "before")
        me = ada.me
        with pytest.raises(WeakPassword):
            await ada.account.register("12345678")
        await ada.account.register(SECRET)
        assert ada.account.exists
        assert ada.me == me
        await ada.say("Kitchen", "after")
        kept = ada.resume()
        (device,) = await ada.account.devices()
        assert device.current
    with pytest.raises(NeedPassword, match="somebody who has an account"):
        async with connect(where(process), user="ada"):
            raise AssertionError("never")
    with pytest.raises(WrongPassword):
        async with connect(where(process), user="ada", password=OTHER):
            raise AssertionError("never")
    async with connect(where(process), user="ADA", password=SECRET) as elsewhere:
        assert elsewhere.me == me
        page = await elsewhere.history("Kitchen", limit=100)
        assert [one.seq for one in page.events if elsewhere.me.did(one)][-1] > said.seq
        async with connect(where(process), resume=again(kept)) as ada:
            assert ada.account.exists
            assert len(await ada.account.devices()) == 2
    process.restart()
    async with connect(where(process), resume=again(kept)) as ada:
        assert ada.account.exists
        assert await texts(ada, "Kitchen") == ["before", "after"]


async def test_a_wrong_password_is_answered_by_another_on_the_same_connection(
    process: ServerProcess,
) -> None:
    async with connect(where(process), user="ada") as ada:
        await ada.account.register(SECRET)
    async with connect(where(process)) as ada:
        for refusal, password in ((NeedPassword, None), (WrongPassword, OTHER)):
            with pytest.raises(refusal):
                await ada.hello("ada", password=password)
        with pytest.raises(BadMessage, match="half of a character") as refused:
            await ada.hello("ada", password="\ud83d secret")
        assert "secret" not in str(refused.value)
        assert await ada.hello("ada", password=SECRET) == "ada"
        with pytest.raises(AlreadyNamed):
            await ada.hello("ada", password=SECRET)


async def test_a_device_that_was_logged_out_keeps_its_lines_and_says_them_once_after_a_new_login(
    process: ServerProcess,
) -> None:
    async with connect(where(process), user="ada") as ada:
        await ada.join("Kitchen")
        await ada.account.register(SECRET)
        async with connect(where(process), user="ada", password=SECRET) as phone:
            await phone.join("Kitchen")
            await ada.account.revoke()
            out = await take(phone, LoggedOut)
            assert out.user == "ada"
            assert isinstance(out.error, NeedPassword)
            assert not phone.online
            line = phone.send("Kitchen", "still here")
            with pytest.raises(NeedName, match="logged out"):
                await phone.rooms()
            with pytest.raises(WrongPassword):
                await phone.hello("ada", password=OTHER)
            assert phone.resume().unsent[0].text == "still here"
            await phone.hello("ada", password=SECRET)
            await line.saved()
        await ada.say("Kitchen", "the last")
        assert await texts(ada, "Kitchen") == ["still here", "the last"]


async def test_a_device_that_was_logged_out_while_it_was_away_asks_for_the_password(
    process: ServerProcess,
) -> None:
    async with connect(where(process), user="ada") as ada:
        await ada.account.register(SECRET)
        async with connect(where(process), user="ada", password=SECRET) as phone:
            await phone.join("Kitchen")
            kept = phone.resume()
        unsent = [Unsent(room="Kitchen", text="x", nonce="n")]
        kept = msgspec.structs.replace(kept, unsent=unsent)
        await ada.account.revoke()
        with pytest.raises(NeedPassword):
            async with connect(where(process), resume=again(kept)):
                raise AssertionError("never")
        async with connect(where(process), resume=again(kept), persistent=True) as phone:
            out = await take(phone, LoggedOut)
            assert isinstance(out.error, NeedPassword)
            assert [line.text for line in phone.unsent] == ["x"]
            await phone.hello("ada", password=SECRET)
            await phone.drain()
        assert await texts(ada, "Kitchen") == ["x"]


async def test_a_new_password_logs_the_others_out_and_the_old_one_is_worth_nothing(
    process: ServerProcess,
) -> None:
    async with connect(where(process), user="ada") as ada:
        await ada.account.register(SECRET)
        async with connect(where(process), user="ada", password=SECRET) as phone:
            with pytest.raises(WrongPassword):
                await ada.account.change_password(OTHER, SECRET)
            await ada.account.change_password(SECRET, OTHER)
            assert "password" in (await take(phone, LoggedOut)).error.message
        assert ada.online
        kept = ada.resume()
    with pytest.raises(WrongPassword):
        async with connect(where(process), user="ada", password=SECRET):
            raise AssertionError("never")
    async with connect(where(process), resume=kept):
        pass


async def test_another_name_is_known_on_all_devices_and_to_the_next_run(
    process: ServerProcess,
) -> None:
    async with connect(where(process), user="ada") as ada:
        await ada.join("Kitchen")
        await ada.account.register(SECRET)
        async with (
            connect(where(process), user="ada", password=SECRET) as phone,
            connect(where(process), user="ben"),
        ):
            await phone.join("Kitchen")
            with pytest.raises(NameTaken):
                await ada.account.rename("ben")
            await ada.account.rename("Lovelace")
            assert await take(ada, Renamed) == Renamed("Lovelace", "ada")
            assert await take(phone, Renamed) == Renamed("Lovelace", "ada")
            assert (ada.user, phone.user) == ("Lovelace", "Lovelace")
            await ada.say("Kitchen", "me again")
            assert phone.me.did((await hear(phone, "me again")).event)
            ada.reconnect_now()
        kept = again(ada.resume())
        assert kept.user == "Lovelace"
    process.restart()
    async with connect(where(process), resume=kept) as ada:
        assert ada.account.exists
        assert ada.user == "Lovelace"


async def test_who_was_renamed_on_another_device_while_away_comes_back_as_who_they_are(
    process: ServerProcess,
) -> None:
    async with connect(where(process), user="ada") as ada:
        await ada.join("Kitchen")
        await ada.account.register(SECRET)
        async with connect(where(process), user="ada", password=SECRET) as phone:
            await phone.join("Kitchen")
            unsent = [Unsent(room="Kitchen", text="from the train", nonce="train")]
            kept = msgspec.structs.replace(again(phone.resume()), unsent=unsent)
        await ada.account.rename("Lovelace")
        async with connect(where(process), resume=kept) as phone:
            assert phone.user == "Lovelace"
            assert phone.me == ada.me
            assert phone.account.exists
            await phone.drain()
            assert again(phone.resume()).user == "Lovelace"
        assert await texts(ada, "Kitchen") == ["from the train"]


async def test_a_closed_account_is_told_and_whoever_closed_it_is_answered(
    process: ServerProcess,
) -> None:
    async with connect(where(process), user="ada") as ada:
        await ada.account.register(SECRET)
        with pytest.raises(WrongPassword):
            await ada.account.close(OTHER)
        await ada.account.close(SECRET)
        assert "closed" in (await take(ada, LoggedOut)).error.message


async def test_this_device_can_log_itself_out(process: ServerProcess) -> None:
    async with connect(where(process), user="ada") as ada:
        await ada.account.register(SECRET)
        (device,) = await ada.account.devices()
        await ada.account.revoke(device.id)
        await take(ada, LoggedOut)
        assert ada.resume().token is None


async def test_where_guests_are_not_let_in_an_account_is_made_at_once(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "members", "--guests", "off") as process:
        async with connect(where(process)) as ada:
            with pytest.raises(GuestsOff):
                await ada.hello("ada")
            with pytest.raises(BadMessage, match="needs a password"):
                await ada.hello("ada", register=True)
            with pytest.raises(WeakPassword):
                await ada.hello("ada", password="12345678", register=True)
            await ada.hello("ada", password=SECRET, register=True)
            assert ada.account.exists
            kept = ada.resume()
        async with connect(where(process), resume=again(kept)) as ada:
            assert ada.account.exists


async def test_the_code_of_the_server_makes_its_owner(process: ServerProcess) -> None:
    code = await _code(process)
    async with connect(where(process), user="ada") as ada:
        await ada.account.register(SECRET)
        with pytest.raises(BadMessage):
            await ada.account.own("wrong")
        await ada.account.own(code)
        assert ada.account.role is Role.OWNER
    async with connect(where(process), user="ada", password=SECRET) as ada:
        assert (await take(ada, Connected)).role is Role.OWNER


async def test_who_is_banned_from_the_server_hears_why_and_does_not_come_back_for_ever(
    process: ServerProcess,
) -> None:
    code = await _code(process)
    async with connect(where(process), user="ada") as ada:
        await ada.account.register(SECRET)
        await ada.account.own(code)
        async with connect(where(process), user="ben") as ben:
            await ben.join("Kitchen")
            await ada.moderation.ban("/server", "ben", reason="spam")
            out = await take(ben, LoggedOut)
            assert isinstance(out.error, Forbidden)
            assert "spam" in out.error.message
            line = ben.send("Kitchen", "hm")
            with pytest.raises(Forbidden, match="spam"):
                await ben.hello("ben")
            await ada.moderation.unban("/server", "ben")
            await ben.hello("ben")
            await line.saved()


async def _code(process: ServerProcess) -> str:
    await asyncio.to_thread(process.tells, "/own ")
    (code,) = {found[1] for line in process.output if (found := _CODE.search(line))}
    return code


# Without a server: what a lost connection does


def registering() -> tuple[Protocol, int]:
    protocol = Protocol()
    protocol.hello(UserName.parse("ada"), "test")
    protocol.connected(WELCOME, 0.0)
    protocol.ask(ask.Register(password=SECRET), then=protocol.registered)
    (command,) = protocol.commands(0.0)
    assert isinstance(command.id, int)
    return protocol, command.id


def test_whether_an_account_was_made_when_the_connection_was_lost_the_next_welcome_tells() -> None:
    for made in (True, False):
        protocol, _ = registering()
        request = protocol.ask(ask.Ping())
        protocol.disconnected()
        assert protocol.account.registering == SECRET
        protocol.connected(msgspec.structs.replace(WELCOME, token="new", account=made), 1.0)
        sent = [type(command) for command in protocol.commands(1.0)]
        assert sent == ([ask.Ping] if made else [ask.Register, ask.Ping])
        assert protocol.account.exists is made
        assert not request.answer.done


async def test_a_login_that_its_own_registration_has_made_necessary_uses_that_password(
    server: ScriptedServer,
) -> None:
    def lose_the_answer(reply: Reply) -> list[Reply] | None:
        if isinstance(reply, Welcome) and reply.re is not None:
            server.cut()
            return []
        return None

    server.on_reply = lose_the_answer
    async with connect(server.address, user="ada") as ada:
        await ada.account.register(SECRET)
        assert ada.account.exists
    passwords = [one.password for one in server.got(ask.Hello) if isinstance(one, ask.Hello)]
    assert passwords == [None, None, SECRET]


def test_what_must_not_be_done_twice_is_in_doubt_after_a_lost_connection() -> None:
    protocol = Protocol()
    protocol.hello(UserName.parse("ada"), "test")
    protocol.connected(WELCOME, 0.0)
    change = protocol.ask(ask.ChangePassword(old=SECRET, new=OTHER), repeat=False)
    waiting = protocol.ask(ask.Devices())
    protocol.commands(0.0)
    protocol.disconnected()
    assert isinstance(change.answer.error, InDoubt)
    protocol.connected(WELCOME, 1.0)
    assert [type(command) for command in protocol.commands(1.0)] == [ask.Devices]
    assert not waiting.answer.done


async def test_a_password_is_sent_once_and_not_again_on_later_connections(
    server: ScriptedServer,
) -> None:
    async with connect(server.address, user="ada", password=SECRET) as ada:
        server.cut()
        await ada.join("Kitchen")
        hellos = [one for one in server.got(ask.Hello) if isinstance(one, ask.Hello)]
        assert [(one.password, one.token is None) for one in hellos] == [
            (SECRET, True),
            (None, False),
        ]


@pytest.mark.parametrize("reason", ["logged-out", "banned"])
async def test_who_is_logged_out_does_not_try_again_until_asked(
    server: ScriptedServer, reason: str
) -> None:
    async with connect(server.address, user="ada") as ada:
        await ada.join("Kitchen")
        (socket,) = server._sockets.values()
        await socket.send(_bye(reason))
        out = await take(ada, LoggedOut)
        assert out.error.message == "Enough."
        attempts = len(server.got(ask.Hello))
        ada.reconnect_now()
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(server.got(ask.Hello)) == attempts
        assert not ada.closed
        waiting = asyncio.ensure_future(ada.say("Kitchen", "later"))
        await asyncio.sleep(0)
        await ada.close(patience=0)
        with pytest.raises(ChatClosed):
            await waiting


def test_an_account_that_logs_in_anew_has_its_nonces_still() -> None:
    account = msgspec.structs.replace(WELCOME, account=True, user_id="u1")
    protocol = Protocol()
    protocol.hello(UserName.parse("ada"), "test")
    protocol.connected(account, 0.0)
    protocol.join("tea")
    protocol.commands(0.0)
    line = protocol.send(Unsent(room="tea", text="hi", nonce="n", outside=True))
    protocol.commands(0.0)
    protocol.logged_out(NeedPassword("Out."))
    protocol.connected(msgspec.structs.replace(account, token="new"), 1.0)
    assert not line.result.done
    protocol.disconnected()
    protocol.connected(msgspec.structs.replace(account, token="x", user_id="u2"), 1.0)


def _bye(reason: str) -> str:
    return encode(Goodbye(reason=reason, message="Enough.")).decode()
