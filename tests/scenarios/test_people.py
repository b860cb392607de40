"""Accounts, private rooms, moderation and direct conversations, with netcat or telnet alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process import ServerProcess
from tests.scenarios.transcript import perform

VOICES = pytest.mark.parametrize("voice", ["lines", "crlf", "segments"])

NOT_YOURS = (
    'The name "ada" belongs to an account. If it is not yours, an empty line or /login takes you '
    "back."
)
WRONG = 'There is no account "ada" with that password. Please check both, and try again.'
HIDDEN = 'There is no room "Lab" for you, and none can be made of that name.'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data") as server:
        yield server


@VOICES
async def test_ada_takes_an_account_and_comes_back_with_its_password(
    server: ServerProcess, voice: str
) -> None:
    await perform(
        server,
        """
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → General
        ada ← Welcome to room General!
        ada ← […] ada has joined the chat!
        ada → /register password
        ada ← This password is one of the most common ones, which are tried first. Choose another.
        ada ← Choose a password with 8 characters or more, or an empty line for none:
        ada → /register
        ada ← Choose a password with 8 characters or more, or an empty line for none:
        ada → green tea in pots
        ada ← You have an account now. When you come back as ada, give your password.
        ada → hello
        ada ← […] ada: hello
        ada → exit
        ada ← (nothing more)
        """,
        ada=voice,
    )
    server.restart()
    await perform(
        server,
        f"""
        eve → ada
        eve ← {NOT_YOURS}
        eve ← Password for ada:
        eve → is it this one?
        eve ← {WRONG}
        eve ← Password for ada:
        eve → /login
        eve ← What is your name?
        eve → eve
        eve ← Available rooms:
        eve ← General (0 users)
        ada → ADA
        ada ← {NOT_YOURS.replace("ada", "ADA")}
        ada ← Password for ADA:
        ada → green tea in pots
        ada ← Available rooms:
        ada ← General (0 users)
        ada → General
        ada ← Welcome to room General!
        ada ← […] ada has joined the chat!
        ada ← […] ada: hello
        ada ← […] ada has left the chat!
        ada ← […] ada has joined the chat!
        ada → /nick lovelace
        ada ← You have your new name.
        ada ← […] ada is now lovelace.
        ada → /password
        ada ← Your password until now, or an empty line to keep it:
        ada → green tea in pots
        ada ← Your new password:
        ada → black tea in cups
        ada ← Your password is changed. Your other devices are logged out.
        ada → /logout
        ada ← (nothing more)
        """,
        eve=voice,
        ada=voice,
    )
    told = "\n".join(server.output)
    assert "tea in" not in told
    assert "is it this one" not in told


@VOICES
async def test_the_third_wrong_password_ends_the_connection(
    server: ServerProcess, voice: str
) -> None:
    await perform(
        server,
        f"""
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → /register green tea in pots
        ada ← You have an account now. When you come back as ada, give your password.
        ada → exit
        ada ← (nothing more)
        eve → /login ada
        eve ← Password for ada:
        eve → one
        eve ← {WRONG}
        eve ← Password for ada:
        eve → two
        eve ← {WRONG}
        eve ← Password for ada:
        eve → three
        eve ← {WRONG}
        eve ← That was the third wrong try. Please connect again when you have what it takes.
        eve ← (nothing more)
        """,
        ada=voice,
        eve=voice,
    )


@VOICES
async def test_a_private_room_with_who_is_invited_put_out_and_banned(
    server: ServerProcess, voice: str
) -> None:
    await perform(
        server,
        f"""
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → /register green tea in pots
        ada ← You have an account now. When you come back as ada, give your password.
        ada → Lab
        ada ← Welcome to room Lab!
        ada ← […] ada has joined the chat!
        ada → /private
        ada ← […] ada has made the room private.
        ben → ben
        ben ← Available rooms:
        ben ← General (0 users)
        ben → Lab
        ben ← {HIDDEN}
        ben ← Which room?
        ben → General
        ben ← Welcome to room General!
        ben ← […] ben has joined the chat!
        ada → /invite @ben
        ada ← […] ben was invited by ada.
        ben ← ada invites you to Lab. To go there: /join Lab
        ben → /rooms
        ben ← Available rooms:
        ben ← General (1 user)
        ben ← Lab (private, you are invited)
        ben → /join Lab
        ben ← Welcome to room Lab!
        ben ← […] ada has joined the chat!
        ben ← […] ada has made the room private.
        ben ← […] ben was invited by ada.
        ben ← […] ben has joined the chat!
        ada ← […] ben has joined the chat!
        ben → /kick ada
        ben ← Only the moderators of Lab (ada) may put somebody out.
        ada → /mute ben 10m please listen
        ada ← […] ben was muted by ada for 10 minutes: please listen
        ben ← […] ben was muted by ada for 10 minutes: please listen
        ben → but
        ben ← You are muted in Lab for 10 minutes.
        ada → /unmute ben
        ada ← […] ben was allowed to speak again by ada.
        ben ← […] ben was allowed to speak again by ada.
        ada → /rename-room Cellar
        ada ← […] ada has renamed the room from Lab to Cellar.
        ben ← […] ada has renamed the room from Lab to Cellar.
        ben → thank you
        ben ← […] ben: thank you
        ada ← […] ben: thank you
        ada → /kick ben time to go
        ada ← […] ben was put out of the room by ada: time to go
        ben ← […] ben was put out of the room by ada: time to go
        ben ← Which room?
        ben → Cellar
        ben ← {HIDDEN.replace("Lab", "Cellar")}
        ben ← Which room?
        ada → /access open
        ada ← […] ada has opened the room to everybody.
        ada → /ban ben 1d spam
        ada ← […] ben was banned by ada for 1 day: spam
        ben → Cellar
        ben ← You are banned from Cellar for 1 day, by ada: spam
        ben ← Which room?
        ada → /unban ben
        ada ← […] ada has lifted the ban on ben.
        ada → /bans
        ada ← Nobody is banned or muted in Cellar.
        ada → /audit 2
        ada ← What was done, newest last:
        ada ← […] ben was banned by ada for 1 day: spam
        ada ← […] ada has lifted the ban on ben.
        """,
        ada=voice,
        ben=voice,
    )


async def test_a_member_of_a_private_room_stays_one_when_going_to_another(
    server: ServerProcess,
) -> None:
    await perform(
        server,
        """
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → /register green tea in pots
        ada ← You have an account now. When you come back as ada, give your password.
        ada → Lab
        ada ← Welcome to room Lab!
        ada ← […] ada has joined the chat!
        ada → /private
        ada ← […] ada has made the room private.
        ada → /join General
        ada ← Welcome to room General!
        ada ← […] ada has joined the chat!
        ada → /join Lab
        ada ← Welcome to room Lab!
        ada ← […] ada has joined the chat!
        ada ← […] ada has made the room private.
        ada → exit
        ada ← (nothing more)
        """,
        ada="lines",
    )


async def test_who_is_put_out_and_types_on_makes_no_room(server: ServerProcess) -> None:
    await perform(
        server,
        """
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → /register green tea in pots
        ada ← You have an account now. When you come back as ada, give your password.
        ada → Lab
        ada ← Welcome to room Lab!
        ada ← […] ada has joined the chat!
        ben → ben
        ben ← Available rooms:
        ben ← Lab (1 user)
        ben ← General (0 users)
        ben → Lab
        ben ← Welcome to room Lab!
        ben ← […] ada has joined the chat!
        ben ← […] ben has joined the chat!
        ada ← […] ben has joined the chat!
        ada → /kick ben
        ada ← […] ben was put out of the room by ada.
        ben ← […] ben was put out of the room by ada.
        ben ← Which room?
        ben → hello
        ben ← There is no room hello yet. Type it once more to make it.
        ben ← Which room?
        ben → is anybody there
        ben ← You are in no room, so nobody has read that. A room name cannot have a space \
(character 3). "is-anybody-there" would do.
        ben ← Which room?
        ben → General
        ben ← Welcome to room General!
        ben ← […] ben has joined the chat!
        """,
        ada="lines",
        ben="lines",
    )


async def test_a_room_with_a_password_asks_for_it(server: ServerProcess) -> None:
    await perform(
        server,
        """
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → /register green tea in pots
        ada ← You have an account now. When you come back as ada, give your password.
        ada → Lab
        ada ← Welcome to room Lab!
        ada ← […] ada has joined the chat!
        ada → /access password open sesame, please
        ada ← […] ada has locked the room with a password.
        ben → ben
        ben ← Available rooms:
        ben ← Lab (with a password)
        ben ← General (0 users)
        ben → Lab
        ben ← Password of the room Lab:
        ben → open oats
        ben ← That is not the password of Lab. Please try again.
        ben ← Which room?
        ben → /join the lab
        ben ← There is no room "the" to come into with a password. If the second word belongs to \
the name: a room's name has no spaces, write - instead.
        ben ← Which room?
        ben → Lab
        ben ← Password of the room Lab:
        ben → open sesame, please
        ben ← Welcome to room Lab!
        """,
        ada="lines",
        ben="lines",
    )


@VOICES
async def test_people_talk_privately_wherever_they_are(server: ServerProcess, voice: str) -> None:
    await perform(
        server,
        """
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → General
        ada ← Welcome to room General!
        ada ← […] ada has joined the chat!
        ben → ben
        ben ← Available rooms:
        ben ← General (1 user)
        ben → Tea
        ben ← Welcome to room Tea!
        ben ← […] ben has joined the chat!
        eve → eve
        eve ← Available rooms:
        eve ← General (1 user)
        eve ← Tea (1 user)
        ada → /msg ben hello
        ada ← […] ada to ben (private): hello
        ben ← […] ada to ben (private): hello
        ben → /msg ada hello yourself
        ben ← […] ben to ada (private): hello yourself
        ada ← […] ben to ada (private): hello yourself
        ben → this is for the room
        ben ← […] ben: this is for the room
        ben → /who
        ben ← In Tea (1 user): ben
        ada → /msg ben, eve you both
        ada ← […] ada to ben, eve (private): you both
        ben ← […] ada to ben, eve (private): you both
        eve ← […] ada to ben, eve (private): you both
        eve → /msg joe are you there?
        eve ← There is nobody called "joe" here.
        eve ← Which room?
        eve → General
        eve ← Welcome to room General!
        eve ← […] ada has joined the chat!
        eve ← […] eve has joined the chat!
        ada ← […] eve has joined the chat!
        ada → /rooms
        ada ← Available rooms:
        ada ← General (2 users)
        ada ← Tea (1 user)
        ada ← /msg ben
        ada ← /msg ben,eve
        ada → /msg ben
        ada ← The last 2 of you and ben:
        ada ← […] ada: hello
        ada ← […] ben: hello yourself
        ada → /join Tea
        ada ← Welcome to room Tea!
        ada ← […] ben has joined the chat!
        ada ← […] ben: this is for the room
        ada ← […] ada has joined the chat!
        """,
        ada=voice,
        ben=voice,
        eve=voice,
    )


async def test_what_was_written_while_one_was_away_is_told_at_the_next_login(
    server: ServerProcess,
) -> None:
    await perform(
        server,
        f"""
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → /register green tea in pots
        ada ← You have an account now. When you come back as ada, give your password.
        ben → ben
        ben ← Available rooms:
        ben ← General (0 users)
        ben → /msg ada one
        ben ← […] ben to ada (private): one
        ada ← […] ben to ada (private): one
        ada → exit
        ada ← (nothing more)
        ben → /msg ada two
        ben ← […] ben to ada (private): two
        back → ada
        back ← {NOT_YOURS}
        back ← Password for ada:
        back → green tea in pots
        back ← Available rooms:
        back ← General (0 users)
        back ← /msg ben (1 new)
        back → /msg ben
        back ← The last 2 of you and ben:
        back ← […] ben: one
        back ← […] ben: two
        back → /rooms
        back ← Available rooms:
        back ← General (0 users)
        back ← /msg ben
        """,
        ada="lines",
        ben="lines",
        back="lines",
    )


async def test_the_owner_of_the_server_bans_from_all_of_it(server: ServerProcess) -> None:
    server.tells("/own ")
    code = re.search(r"/own (\S+)", "\n".join(server.output))
    assert code
    await perform(
        server,
        f"""
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → /register green tea in pots
        ada ← You have an account now. When you come back as ada, give your password.
        ada → /own 12345678
        ada ← That is not the code which the server showed when it started.
        ada ← Which room?
        ada → /own {code[1]}
        ada ← You own this server now. What you may do: /help room
        eve → eve
        eve ← Available rooms:
        eve ← General (0 users)
        ada → /server ban eve 1d spam
        ada ← It is done, for the whole server.
        eve ← You are banned from this server for 1 day, by ada: spam
        eve ← (nothing more)
        again → eve
        again ← You are banned from this server for 1 day, by ada: spam
        again ← What is your name?
        ada → /server unban eve
        ada ← It is done, for the whole server.
        ada → /server audit 2
        ada ← What was done, newest last:
        ada ← […] eve was banned by ada for 1 day: spam
        ada ← […] ada has lifted the ban on eve.
        again → eve
        again ← Available rooms:
        again ← General (0 users)
        """,
        ada="lines",
        eve="lines",
        again="lines",
    )


async def test_where_guests_are_not_let_in_a_newcomer_makes_an_account_at_the_door(
    tmp_path: Path,
) -> None:
    with ServerProcess(tmp_path / "data", "--guests", "off") as server:
        await perform(
            server,
            """
            ada → ada
            ada ← This server is for people with an account. Please log in with yours.
            ada ← To make an account ada, choose a password with 8 characters or more:
            ada → green tea in pots
            ada ← Available rooms:
            ada ← General (0 users)
            ada → General
            ada ← Welcome to room General!
            ada ← […] ada has joined the chat!
            """,
            ada="lines",
        )


async def test_all_of_it_may_be_piped_in(server: ServerProcess) -> None:
    piped = "ada\nGeneral\n/register green tea in pots\n/msg ada no\n/join Lab\n/private\nhi\n/who"
    await perform(
        server,
        """
        ada → PIPED
        ada ⏏
        ada ← Available rooms:
        ada ← General (0 users)
        ada ← Welcome to room General!
        ada ← […] ada has joined the chat!
        ada ← You have an account now. When you come back as ada, give your password.
        ada ← With whom? A conversation needs somebody else.
        ada ← Welcome to room Lab!
        ada ← This room is new: you have just made it. To take it back: /delete
        ada ← […] ada has joined the chat!
        ada ← […] ada has made the room private.
        ada ← […] ada: hi
        ada ← In Lab (1 user): ada (owner)
        ada ← (nothing more)
        """.replace("PIPED", piped.replace("\n", "⏎")),
        ada="piped",
    )
