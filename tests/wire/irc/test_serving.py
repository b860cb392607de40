"""What the server says of itself."""

from __future__ import annotations

import pytest

from hubbub.wire.irc import usermodes
from hubbub.wire.irc.commands import COMMANDS
from hubbub.wire.irc.commands.helping import SUBJECTS
from tests.wire.irc.played import Client, Newcomer


def numbers(lines: list[str]) -> list[str]:
    return [line.split()[1] for line in lines]


def test_the_welcome_says_what_every_client_looks_for() -> None:
    told = Newcomer().enters()
    assert told[0].startswith(":hub.chat 001 ada :Welcome to Hub, ada!~ada@guest/")
    assert told[3].startswith(f":hub.chat 004 ada hub.chat hubbub-0 {usermodes.ALL} ")


def test_who_is_here_is_counted() -> None:
    client = Client()
    client.sends("LUSERS")
    assert client.lines() == [
        ":hub.chat 251 ada :There are 3 users and 0 invisible on 1 servers",
        ":hub.chat 252 ada 1 :operator(s) online",
        ":hub.chat 253 ada 1 :unknown connection(s)",
        ":hub.chat 254 ada 2 :channels formed",
        ":hub.chat 255 ada :I have 3 clients and 0 servers",
        ":hub.chat 265 ada 3 5 :Current local users 3, max 5",
        ":hub.chat 266 ada 3 5 :Current global users 3, max 5",
    ]


def test_there_is_a_message_of_the_day_if_somebody_has_written_one() -> None:
    assert numbers(Newcomer().enters())[-1] == "422"
    told = Newcomer(motd=lambda: ["hello", " "]).enters()
    assert told[-4:] == [
        ":hub.chat 375 ada :- hub.chat Message of the day -",
        ":hub.chat 372 ada :- hello",
        ":hub.chat 372 ada :-  ",
        ":hub.chat 376 ada :End of /MOTD command.",
    ]


@pytest.mark.parametrize(
    "asked, told",
    [
        ("VERSION", "351 005 005 005"),
        ("TIME", "391"),
        ("INFO", "371 371 371 371 374"),
        ("ADMIN", "256 257 258 259"),
        ("LINKS", "365"),
        ("MOTD", "422"),
        ("STATS", "219"),
        ("STATS u", "242 219"),
    ],
)
@pytest.mark.parametrize("server", ["", " hub.chat", " *", " ada"])
def test_a_question_is_answered_by_this_server(asked: str, server: str, told: str) -> None:
    client = Client()
    client.sends(asked + (server if not asked.startswith(("STATS", "LINKS")) else ""))
    found = numbers(client.lines())
    assert found[0] == told.split(maxsplit=1)[0]
    assert found[-1] == told.rsplit(maxsplit=1)[-1]


@pytest.mark.parametrize("asked", ["VERSION", "TIME", "INFO", "ADMIN", "MOTD"])
def test_there_is_no_other_server(asked: str) -> None:
    client = Client()
    client.sends(f"{asked} other.chat")
    assert client.lines() == [":hub.chat 402 ada other.chat :There is no such server."]


@pytest.mark.parametrize("word", ["HELP", "HELPOP"])
def test_there_is_help(word: str) -> None:
    client = Client()
    client.sends(word)
    told = numbers(client.lines())
    assert told[0] == "704"
    assert told[-1] == "706"
    assert set(told[1:-1]) == {"705"}
    client.sends(f"{word} privmsg")
    assert numbers(client.lines()) == ["704", "706"]
    client.sends(f"{word} nonsense")
    assert numbers(client.lines()) == ["524"]


def test_there_is_help_on_commands_that_exist_only() -> None:
    assert set(SUBJECTS) - set(COMMANDS) == set()


def test_what_nobody_knows_is_told_so() -> None:
    client = Client()
    client.sends("FROBNICATE now")
    assert client.lines() == [":hub.chat 421 ada FROBNICATE :There is no such command."]
