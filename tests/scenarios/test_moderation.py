"""Knocks, held texts, reports, filters, profiles, a second factor and links, in lines alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyotp import TOTP

from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.scenarios.transcript import perform
from tests.scenarios.voices import VOICES, Lines

EACH_VOICE = pytest.mark.parametrize("voice", ["lines", "crlf", "segments"])

IN_LAB = """
    ada → ada
    ada ← Available rooms:
    ada ← General (0 users)
    ada → /register green tea in pots
    ada ← You have an account now. When you come back as ada, give your password.
    ada → Lab
    ada ← Welcome to room Lab!
    ada ← […] ada has joined the chat!
    """
NEW = "You have an account now. When you come back as {}, give your password."


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data") as server:
        yield server


@EACH_VOICE
async def test_ben_knocks_at_a_private_room_and_is_held_filtered_and_reported_in_it(
    server: ServerProcess, voice: str
) -> None:
    await perform(
        server,
        IN_LAB
        + f"""
        ada → /private
        ada ← […] ada has made the room private.
        ada → /newcomers held
        ada ← […] ada has let newcomers' messages wait for a moderator.
        ada → /filter spam*
        ada ← […] ada has added to the words that may not be said here.
        ada → /filter
        ada ← May not be said in Lab:
        ada ← spam*
        ben → ben
        ben ← Available rooms:
        ben ← General (0 users)
        ben → General
        ben ← Welcome to room General!
        ben ← […] ben has joined the chat!
        ben → /register black tea in cups
        ben ← {NEW.format("ben")}
        ben → /knock Lab it is me
        ben ← If there is such a room, who moderates it is asked. You are told here \
if they let you in.
        ada ← 1 thing waits for you: /queue
        ada → /queue
        ada ← 1 thing waits in Lab. To decide: /approve and the number, or /refuse.
        ada ← 1  […] ben wants to come in
        ada ← it is me
        ada → /approve 1
        ada ← […] ben was invited by ada.
        ada ← It is let through.
        ben ← ada invites you to Lab. To go there: /join Lab
        ben → /join Lab
        ben ← Welcome to room Lab!
        ben ← […] ada has joined the chat!
        ben ← […] ada has made the room private.
        ben ← […] ada has let newcomers' messages wait for a moderator.
        ben ← […] ada has added to the words that may not be said here.
        ben ← […] ben was invited by ada.
        ben ← […] ben has joined the chat!
        ada ← […] ben has joined the chat!
        ben → buy spammers
        ben ← There is a word in it that may not be said in Lab. It was not sent.
        ben → hello
        ben ← You are new in Lab: your message waits until a moderator has let it \
through. You need not send it again.
        ada ← 1 thing waits for you: /queue
        ada → now then
        ada ← […] ada: now then
        ben ← […] ada: now then
        ben → /report ada impatient
        ben ← It is reported to who moderates this room.
        ada ← 2 things wait for you: /queue
        ada → /refuse 4
        ada ← It is turned down.
        ada → /queue
        ada ← 1 thing waits in Lab. To decide: /approve and the number, or /refuse.
        ada ← 3  […] ben is new here, and wrote:
        ada ← hello
        ada → /approve 3
        ada ← […] ben: hello
        ada ← It is let through.
        ben ← […] ben: hello
        ada → /queue
        ada ← Nothing waits in Lab.
        ada → /unfilter spam*
        ada ← […] ada has allowed a word again.
        """,
        ada=voice,
        ben=voice,
    )


@EACH_VOICE
async def test_who_is_away_is_shown_so_and_who_is_blocked_cannot_write(
    server: ServerProcess, voice: str
) -> None:
    await perform(
        server,
        IN_LAB
        + f"""
        ben → ben
        ben ← Available rooms:
        ben ← Lab (1 user)
        ben ← General (0 users)
        ben → Lab
        ben ← Welcome to room Lab!
        ben ← […] ada has joined the chat!
        ben ← […] ben has joined the chat!
        ada ← […] ben has joined the chat!
        ben → /about trains
        ben ← You are a guest here. To make an account: /register
        ben → /register black tea in cups
        ben ← {NEW.format("ben")}
        ada → /away lunch
        ada ⇇ ada is away: lunch | You are shown as away. To end it: /back
        ben ← ada is away: lunch
        ben → /who
        ben ← In Lab (2 users): ada (owner, away), ben
        ada → /back
        ada ⇇ ada is back. | You are shown as here.
        ben ← ada is back.
        ada → /about tea and trains
        ada ← That is done. What others are told of you: /whois and your name.
        ada → /msg ben hi
        ada ← […] ada to ben (private): hi
        ben ← […] ada to ben (private): hi
        ben → /block ada
        ben ← They cannot write to you alone any more. To end it: /unblock and the name.
        ada → /msg ben are you there?
        ada ← ben does not take messages from you alone.
        ben → /unblock ada
        ben ← They may write to you alone again.
        """,
        ada=voice,
        ben=voice,
    )


async def test_a_second_factor_is_turned_on_in_lines_and_asked_for_at_the_next_login(
    server: ServerProcess,
) -> None:
    ada = await VOICES["lines"].connect(server)
    assert isinstance(ada, Lines)
    for line in ("ada", "/register green tea in pots", "/factor", "green tea in pots"):
        await ada.say(line)
    heard = await until(ada, "The code that the app shows now")
    secret = next(line for line in heard if "or this secret:" in line).partition(":")[2]
    assert sum("▀" in line for line in heard) > 15, "a QR code"
    await ada.say(TOTP(secret.replace(" ", "")).now())
    codes = [line.strip() for line in await until(ada, "k", lines=12) if line.startswith("  ")]
    assert len(codes) == 10
    await ada.close()
    await perform(
        server,
        f"""
        ada → /login ada
        ada ← Password for ada:
        ada → green tea in pots
        ada ← This account has a second factor. Please give the code that your device \
shows, or one of your recovery codes.
        ada ← Code for ada:
        ada → {codes[0]}
        ada ← Available rooms:
        ada ← General (0 users)
        ada → /factor off
        ada ← This turns your second factor off. Your password, or an empty line to keep it:
        ada → green tea in pots
        ada ← Your second factor is off: your password alone lets you in.
        """,
        ada="lines",
    )


async def test_a_forgotten_password_is_chosen_anew_and_a_private_room_entered_by_a_link(
    server: ServerProcess,
) -> None:
    server.tells("/own ")
    owns = re.search(r"/own \w+", "\n".join(server.output))
    assert owns
    ada, ben = [await VOICES["lines"].connect(server) for _ in range(2)]
    assert isinstance(ada, Lines)
    assert isinstance(ben, Lines)
    await ben.say("ben")
    await ben.say("/register black tea in cups")
    await until(ben, "You have an account now.")
    await ben.say("exit")
    for line in ("ada", "/register green tea in pots", owns[0], "Lab", "/private", "/link"):
        await ada.say(line)
    invites = (await until(ada, "In lines and in a terminal:"))[-1].partition(": ")[2]
    await ada.say("/reset-link ben")
    resets = (await until(ada, "In lines and in a terminal:"))[-1].partition(": ")[2]
    await perform(
        server,
        f"""
        ben → ben
        ben ← The name "ben" belongs to an account. If it is not yours, an empty line or \
/login takes you back.
        ben ← Password for ben:
        ben → {resets}
        ben ← A new password for ben, with 8 characters or more:
        ben → white tea in mugs
        ben ← The same once more:
        ben → white tea in mugs
        ben ← The new password is set. Come in with it: /login, or your name.
        ben ← What is your name?
        ben → /login ben
        ben ← Password for ben:
        ben → white tea in mugs
        ben ← Available rooms:
        ben ← General (0 users)
        ben → Lab
        ben ← There is no room "Lab" for you, and none can be made of that name.
        ben ← Which room?
        ben → {invites}
        ben ← Welcome to room Lab!
        """,
        ben="lines",
    )
    await ada.close()
    await ben.close()


async def until(person: Lines, begins: str, *, lines: int = 100) -> list[str]:
    """What they hear up to a line that begins so, or so many lines."""
    heard: list[str] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(heard) < lines and not (heard and heard[-1].startswith(begins)):
            heard.append(await person.hear())
    return heard
