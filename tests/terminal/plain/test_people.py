"""Accounts, rights and direct conversations in the plain client, on a server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pyotp import TOTP

from hubbub.client import Address, Chat, RoomAccess, connect
from hubbub.client.cache import Cache
from hubbub.domain import commands as ask
from hubbub.domain import deeds
from hubbub.domain.replies import FactorOffered, RecoveryCodes
from hubbub.domain.slashes import SAY
from hubbub.terminal.plain import run
from hubbub.terminal.plain.commands import DEEDS, VOCABULARY
from tests.client.taking import hear
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.terminal.plain.typist import Typist

SECRET = "correct horse battery"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("people") / "data"
    with ServerProcess(data, "--rate-limit", "0") as process:
        yield process


def address(process: ServerProcess) -> Address:
    return Address(host="127.0.0.1", port=process.port)


@contextlib.asynccontextmanager
async def chatting(
    process: ServerProcess,
    user: str | None,
    room: str | None,
    *,
    cache: Cache | None = None,
    password: str | None = None,
    interactive: bool = True,
) -> AsyncIterator[tuple[Typist, asyncio.Task[int]]]:
    typist = Typist(interactive=interactive)
    chat = asyncio.create_task(run(address(process), user, room, typist, cache, password))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield typist, chat
            typist.hang_up()
            await chat
    except TimeoutError:
        raise AssertionError("\n".join(typist.screen)) from None
    finally:
        chat.cancel()


@contextlib.asynccontextmanager
async def account(process: ServerProcess, user: str) -> AsyncIterator[Chat]:
    async with connect(address(process), user=user) as chat:
        await chat.account.register(SECRET)
        yield chat


async def test_somebody_registers_and_comes_back_with_the_password_and_then_without(
    process: ServerProcess, tmp_path: Path
) -> None:
    async with chatting(process, "ada", "Home") as (typist, _):
        await typist.sees("ada has joined the chat!")
        typist.type("/register", SECRET)
        await typist.sees("Your name is yours now")
        assert not any(SECRET in line for line in typist.screen)
    with Cache.open(address(process), tmp_path) as cache:
        async with chatting(process, None, "Home", cache=cache) as (typist, _):
            typist.type("ada", "a wrong one", "", "ada", SECRET)
            await typist.sees("Password for ada:", 2)
            await typist.sees("There is no account")
            await typist.sees("Welcome to room Home!")
            typist.type("/devices")
            await typist.sees("connected now")
    with Cache.open(address(process), tmp_path) as cache:
        async with chatting(process, "ada", "Home", cache=cache) as (typist, _):
            await typist.sees("Welcome to room Home!")
            assert not any("Password" in line for line in typist.screen)


async def test_in_a_pipe_the_password_comes_from_the_environment(process: ServerProcess) -> None:
    async with account(process, "pia"):
        pass
    async with chatting(process, "pia", "Home", interactive=False) as (typist, chat):
        assert await chat == 1
        await typist.sees("! A program gives it in $HUBBUB_PASSWORD")
    async with chatting(process, "pia", "Home", interactive=False, password=SECRET) as (typist, _):
        await typist.sees("Welcome to room Home!")


async def test_a_pipe_that_is_logged_out_ends_at_once(process: ServerProcess) -> None:
    async with account(process, "lou") as phone:
        await phone.join("Porch")
        async with chatting(process, "lou", "Porch", password=SECRET, interactive=False) as (
            typist,
            chat,
        ):
            await typist.sees("Welcome to room Porch!")
            await phone.account.revoke()
            assert await chat == 1
    assert any(line.startswith("! ") and "logged out" in line for line in typist.screen)
    assert not any("/login" in line for line in typist.screen)


async def test_a_second_factor_is_asked_for(process: ServerProcess) -> None:
    async with account(process, "tim") as phone:
        offered = await phone._ask(ask.BeginFactor(password=SECRET), FactorOffered)
        confirmed = ask.ConfirmFactor(code=TOTP(offered.secret).now())
        one, another, *_ = (await phone._ask(confirmed, RecoveryCodes)).codes
        async with chatting(process, None, "Porch") as (typist, _):
            typist.type("tim", SECRET, "wrong", one)
            await typist.sees("Code for tim:", 2)
            await typist.sees("Welcome to room Porch!")
            await phone.account.revoke()
            await typist.sees("typed /login")
            typist.type("/login", SECRET, another, "back")
            await typist.sees("tim: back")
    async with chatting(process, "tim", "Porch", password=SECRET, interactive=False) as (_, chat):
        assert await chat == 1


async def test_who_goes_to_another_room_stays_a_member_of_a_private_one(
    process: ServerProcess,
) -> None:
    async with account(process, "eva") as owner, account(process, "noa"):
        await owner.join("Vault")
        await owner.moderation.set_rules("Vault", access=RoomAccess.MEMBERS)
        await owner.moderation.invite("Vault", "noa")
        async with chatting(process, "noa", "Porch", password=SECRET) as (typist, _):
            await typist.sees("Welcome to room Porch!")
            typist.type("/join Vault")
            await typist.sees("Welcome to room Vault!")
            typist.type("/join General")
            await typist.sees("Welcome to room General!")
            typist.type("/join Vault")
            await typist.sees("Welcome to room Vault!", 2)
            assert "noa" in (await owner.attendance("Vault")).users
            typist.type("/leave", "General", "/join Vault")
            await typist.sees("There is no room Vault yet.")


async def test_who_is_logged_out_is_told_and_logs_in_again_with_what_waited(
    process: ServerProcess,
) -> None:
    async with account(process, "kim") as phone:
        await phone.join("Porch")
        async with chatting(process, "kim", "Porch", password=SECRET) as (typist, _):
            await typist.sees("Welcome to room Porch!")
            await phone.account.revoke()
            await typist.sees("typed /login")
            typist.type("it waits")
            await typist.sees("(waiting) it waits")
            typist.type("/login", SECRET)
            await typist.sees("Password for kim:")
            await hear(phone, "it waits")


async def test_a_direct_conversation_is_in_the_flow_of_lines(process: ServerProcess) -> None:
    async with account(process, "dan") as dan, chatting(process, "lea", "Den") as (typist, _):
        await typist.sees("lea has joined the chat!")
        found = await dan.direct("lea")
        await dan.say(found.room, "psst")
        await typist.sees("dan (to you): psst")
        typist.type("/msg dan what is it?")
        await typist.sees("lea (to dan): what is it?")
        await hear(dan, "what is it?")
        typist.type("said in the room")
        await typist.sees("lea: said in the room")
        typist.type("/msg dan")
        await typist.sees("dan (to you): psst", 2)
        typist.type("/rooms")
        await typist.sees("/msg dan")


async def test_a_room_is_moderated_by_lines(process: ServerProcess) -> None:
    async with (
        account(process, "max") as other,
        chatting(process, "ida", "Salon") as (typist, _),
    ):
        await typist.sees("ida has joined the chat!")
        typist.type(f"/register {SECRET}")
        await typist.sees("Your name is yours now")
        typist.type("/join Hall", "/join Hall")
        await typist.sees("Welcome to room Hall!")
        typist.type("/access private")
        typist.type("/rules")
        await typist.sees("Only members read it")
        typist.type("/invite max")
        await typist.sees("max was invited by ida")
        entered = await other.join("Hall")
        assert entered.standing.access is RoomAccess.MEMBERS
        typist.type("/mute max 10m too loud")
        await typist.sees("too loud")
        typist.type("/bans")
        await typist.sees("Muted in Hall:")
        typist.type("/kick max")
        await typist.sees("max was put out")
        typist.type("/audit")
        await typist.sees("max was put out", 2)
        typist.type("/rename-room Parlour", "/who")
        await typist.sees("In Parlour")
        typist.type("still here")
        await typist.sees("ida: still here")
        typist.type("/nick Idana")
        await typist.sees("You are called Idana now.")
        typist.type("/kick nobody")
        await typist.sees("nobody called")
        typist.type("/server ban nobody")
        await typist.sees("no room")


def test_every_command_of_the_table_can_be_done() -> None:
    people = {"login", "close-account", "rules", "server"}
    assert DEEDS.keys() | deeds.DEEDS.keys() | people == VOCABULARY.rows.keys() - {SAY}
