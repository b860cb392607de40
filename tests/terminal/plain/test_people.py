"""Accounts, rights and direct conversations in the plain client, on a server."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pyotp import TOTP

from hubbub.client import (
    Ack,
    Address,
    Chat,
    Filtered,
    NeedCode,
    RoomAccess,
    Status,
    TextHeld,
    connect,
)
from hubbub.client.cache import Cache
from hubbub.credentials import qr
from hubbub.domain import commands as ask
from hubbub.domain import deeds
from hubbub.domain.replies import FactorOffered, RecoveryCodes, Refused, Reply
from hubbub.domain.slashes import SAY
from hubbub.terminal.plain import run
from hubbub.terminal.plain.commands import DEEDS, VOCABULARY
from tests.client.scripted import ScriptedServer
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
    chat = asyncio.create_task(run(address(process), user, room, typist, cache, password, qr.lines))
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


async def test_a_second_factor_is_turned_on_by_lines_and_turned_off(
    process: ServerProcess,
) -> None:
    async with (
        account(process, "fay"),
        chatting(process, "fay", "Porch", password=SECRET) as (
            typist,
            _,
        ),
    ):
        await typist.sees("Welcome to room Porch!")
        typist.type("/factor", "", "/factor never", "/factor", SECRET)
        await typist.sees("Type /factor to turn")
        await typist.sees("or this secret:")
        assert "▀" in "".join(typist.screen)
        (line,) = [line for line in typist.screen if "or this secret:" in line]
        secret = line.partition(":")[2].replace(" ", "")
        typist.type("000000", TOTP(secret).now())
        await typist.sees("Your second factor is on")
        await typist.sees("That is not the code.")
        codes = [
            line for line in typist.screen if re.fullmatch("  [a-z2-7]{4}(-[a-z2-7]{4})+", line)
        ]
        assert len(codes) == 10
        async with connect(address(process)) as phone:
            with pytest.raises(NeedCode):
                await phone.hello("fay", password=SECRET)
        typist.type("/factor off", SECRET)
        await typist.sees("Your second factor is off")
        assert not any(SECRET in line for line in typist.screen)


async def test_a_password_that_was_mistyped_is_asked_for_again_and_said_to_nobody(
    process: ServerProcess,
) -> None:
    async with chatting(process, "ivy", "Porch") as (typist, _):
        await typist.sees("Welcome to room Porch!")
        typist.type("/register", "short", SECRET)
        await typist.sees("Your name is yours now")
        typist.type("/factor off", "slip", SECRET)
        await typist.sees("That is not your password.")
        await typist.sees("You have no second factor.")
        typist.type("/password", "slip", "another one 9", SECRET, "weak", "another one 9")
        await typist.sees("Your password is changed.")
        typist.type("/close-account", SECRET, "another one 9")
        await typist.sees("Your account is closed")
        assert not any(line.partition("ivy: ")[1] for line in typist.screen)


async def test_a_link_into_a_private_room_is_made_listed_used_and_ended(
    process: ServerProcess,
) -> None:
    async with (
        account(process, "liz"),
        chatting(process, "liz", "Attic", password=SECRET) as (
            typist,
            _,
        ),
    ):
        await typist.sees("Welcome to room Attic!")
        typist.type("/private", "/link 2 1d")
        await typist.sees("This invites to Attic, 2 times until")
        (typed,) = [line for line in typist.screen if "In lines and in a terminal:" in line]
        (web,) = [line for line in typist.screen if "In a browser:" in line]
        async with chatting(process, "moe", "Porch") as (other, _):
            await other.sees("Welcome to room Porch!")
            other.type(typed.partition(": ")[2])
            await other.sees("Welcome to room Attic!")
        async with chatting(process, "una", None) as (other, _):
            await other.sees("Room:")
            other.type(web.partition(": ")[2])
            await other.sees("Welcome to room Attic!")
        assert web.partition(": ")[2].startswith(f"http://127.0.0.1:{process.port}/#?room=Attic&")
        typist.type("/links")
        await typist.sees("There is no link into Attic.")
        typist.type("/link", "/links")
        await typist.sees("Links into Attic:")
        (listed,) = [line for line in typist.screen if ", once" in line and "by liz" in line]
        typist.type(f"/unlink {listed.split()[0]}", "/links")
        await typist.sees("There is no link into Attic.", 2)


async def test_a_new_password_is_chosen_by_a_link_before_a_name_and_after_it(
    tmp_path: Path,
) -> None:
    with ServerProcess(tmp_path / "data") as process:
        process.tells("/own ")
        code = re.search(r"/own (\w+)", "\n".join(process.output))
        assert code
        async with account(process, "ada") as ada, account(process, "ben"):
            await ada.account.own(code[1])
            link = (await ada.moderation.make_reset_link("ben")).code
            async with chatting(process, None, "Porch") as (typist, _):
                typist.type("ben", "", f"/reset ben {link}", "one", "two", "12345678", "12345678")
                await typist.sees("These were not the same.")
                await typist.sees("follows the order of keys")
                typist.type("new and long", "new and long")
                await typist.sees("Welcome to room Porch!")
                typist.type("hello")
                await typist.sees("ben: hello")
            link = (await ada.moderation.make_reset_link("ben")).code
            async with chatting(process, "eve", "Porch") as (typist, _):
                await typist.sees("Welcome to room Porch!")
                typist.type(
                    f"/reset @ben {link}", SECRET, SECRET, f"/reset ben {link}", SECRET, SECRET
                )
                await typist.sees("The new password is set.")
                await typist.sees("This link was used already")
            async with chatting(process, "ben", "Porch", password=SECRET) as (typist, _):
                await typist.sees("Welcome to room Porch!")


async def test_where_guests_are_not_let_in_an_account_is_made_at_the_door_by_invitation(
    tmp_path: Path,
) -> None:
    flags = ("--guests", "off", "--registration", "invite")
    with ServerProcess(tmp_path / "data", *flags) as process:
        process.tells("/own ")
        code = re.search(r"/own (\w+)", "\n".join(process.output))
        assert code
        async with chatting(process, None, "Porch") as (typist, _):
            typist.type("ada", "12345678", "wrong", code[1], SECRET)
            await typist.sees("To make an account ada", 2)
            await typist.sees("The link or the code of your invitation", 2)
            await typist.sees("Welcome to room Porch!")
            typist.type(f"/own {code[1]}", "/server link")
            await typist.sees("This invites to this server")
        async with chatting(process, None, "Porch") as (typist, _):
            typist.type("ben", SECRET, "", "exit")
            await typist.sees("The link or the code of your invitation")


async def test_what_waits_is_told_listed_and_decided_by_lines(process: ServerProcess) -> None:
    async with (
        account(process, "zoe") as zoe,
        account(process, "vic"),
        chatting(process, "vic", "Cave", password=SECRET) as (typist, _),
    ):
        await typist.sees("Welcome to room Cave!")
        typist.type("/private", "/filter spam*", "/filter")
        await typist.sees("May not be said in Cave:")
        await zoe.moderation.knock("Cave", "me, please")
        await typist.sees("1 thing waits for you: /queue")
        typist.type("/queue", "/approve 1", "/queue")
        await typist.sees("zoe wants to come in")
        await typist.sees("It is let through.")
        await typist.sees("Nothing waits in Cave.")
        await zoe.join("Cave")
        with pytest.raises(Filtered):
            await zoe.say("Cave", "Spammers")
        typist.type("my own", "/past since", "/rules")
        await typist.sees("vic: my own")
        await typist.sees("Who comes in reads only what is said from then on.")
        await zoe.account.set_profile(status=Status.AWAY, note="tea", about="a line")
        await typist.sees("zoe is away: tea")
        typist.type("/whois zoe", "/who", "/block zoe", "/unblock zoe")
        typist.type("/about", "/about me", "/about")
        await typist.sees("  a line")
        await typist.sees("In Cave (2 users): vic (owner), zoe (away)")
        await typist.sees("They may write to you alone again.")
        await typist.sees("You say nothing about yourself yet.")
        await typist.sees("me")
        typist.type(
            "/busy", "/back", "/seen off", "/strangers off", "/knock Nowhere", "/report zoe"
        )
        await typist.sees("You are shown as busy. To end it: /back")
        await typist.sees("Nobody is told any more when you were here last.")
        await typist.sees("Guests write to you alone no more, until you write to them.")
        await typist.sees("Nobody called")


async def test_who_is_held_or_filtered_is_told_so(server: ScriptedServer) -> None:
    def refuse(reply: Reply) -> list[Reply] | None:
        if not isinstance(reply, Ack):
            return None
        error = TextHeld("It waits for a moderator.")
        return [Refused.of(error, reply.re, room="General", nonce=reply.nonce)]

    server.on_reply = refuse
    typist = Typist(interactive=False)
    where = Address.parse(server.address)
    typist.type("hello", "exit")
    assert await run(where, "ada", "General", typist, None) == 1
    warned = [line for line in typist.screen if line.startswith("! ")]
    assert warned == ["! It waits for a moderator.", "! (held) hello"]


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
    people = {"login", "close-account", "factor", "reset", "rules", "server"}
    assert DEEDS.keys() | deeds.DEEDS.keys() | people == VOCABULARY.rows.keys() - {SAY}
