"""Commands by the names that other chats have for them, and with a typo."""

from __future__ import annotations

import pytest

from hubbub.domain.slashes import advice, meant
from hubbub.terminal.full.model.commands import COMMANDS as FULL
from hubbub.terminal.plain.commands import COMMANDS as PLAIN
from hubbub.wire.line.codec import WORDS as LINE

KNOWN = {
    "line": frozenset(LINE),
    "plain": frozenset(PLAIN),
    "full": frozenset(command.word for command in FULL),
}
CLIENTS = pytest.mark.parametrize("client", KNOWN)


@CLIENTS
@pytest.mark.parametrize(
    "word, ours",
    [("list", "rooms"), ("channels", "rooms"), ("names", "who"), ("j", "join"), ("find", "search")],
)
def test_people_of_other_chats_find_the_commands_that_they_know(
    client: str, word: str, ours: str
) -> None:
    assert meant(word, KNOWN[client]) == ours


def test_one_command_has_the_name_that_a_client_gives_it() -> None:
    assert meant("part", KNOWN["full"]) == "leave"
    assert meant("nick", KNOWN["plain"]) == "name"
    assert meant("name", KNOWN["full"]) == "nick"
    assert meant("exit", KNOWN["full"]) == "quit"


@CLIENTS
@pytest.mark.parametrize("word", ["msg", "query", "dm", "topic", "kick", "op", "whois", "away"])
def test_who_asks_for_what_there_is_not_is_told_what_to_do(client: str, word: str) -> None:
    assert meant(word, KNOWN[client]) is None
    told = advice(word, KNOWN[client]) or ""
    assert told
    assert not told.startswith("Did you mean")


@CLIENTS
@pytest.mark.parametrize("word", ["part", "ignore", "nick", "me", "clear"])
def test_every_client_knows_these_or_says_what_to_use_instead(client: str, word: str) -> None:
    assert meant(word, KNOWN[client]) or advice(word, KNOWN[client])


@CLIENTS
@pytest.mark.parametrize(
    "typo, command",
    [
        ("jion", "join"),
        ("joinn", "join"),
        ("hlep", "help"),
        ("serach", "search"),
        ("wo", "who"),
        ("nmaes", "who"),
        ("romms", "rooms"),
        ("replay", "reply"),
        ("histroy", "history"),
    ],
)
def test_a_typo_is_asked_about(client: str, typo: str, command: str) -> None:
    assert advice(typo, KNOWN[client]) == f"Did you mean /{command}?"


@CLIENTS
@pytest.mark.parametrize("word", ["frobnicate", "usr/bin/python", "dance", "", "x" * 10_000])
def test_of_what_is_like_no_command_nothing_is_guessed(client: str, word: str) -> None:
    assert meant(word, KNOWN[client]) is None
    assert advice(word, KNOWN[client]) is None
