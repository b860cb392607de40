"""The table of commands: its rows, and what people of other chats and with typos are told."""

from __future__ import annotations

import pytest

from hubbub.domain.orders import Mistake, Order, Vocabulary
from hubbub.domain.slashes import ALL, MISSING, TABLE, Client, Part

CLIENTS = pytest.mark.parametrize("client", Client)


def why(client: Client, typed: str) -> str:
    """What somebody is told whose line cannot be done."""
    mistake = Vocabulary(client).read(typed)
    assert isinstance(mistake, Mistake)
    return mistake.why


def ordered(client: Client, typed: str) -> str:
    """The name of the command that a line is."""
    order = Vocabulary(client).read(typed)
    assert isinstance(order, Order)
    return order.name


@CLIENTS
def test_a_word_means_one_command(client: Client) -> None:
    rows = [row for row in TABLE if client in row.clients]
    names = [row.name for row in rows]
    assert len(names) == len(set(names))
    aliases = [alias for row in rows for alias in (*row.aliases, *row.fills) if alias not in names]
    assert len(aliases) == len(set(aliases))


@CLIENTS
def test_the_help_has_a_line_for_each_command(client: Client) -> None:
    for usage, does in Vocabulary(client).help():
        assert does
        assert not does.endswith(".")
        assert "{" not in does
        assert len(usage) <= len("/mute NAME [TIME] [WHY]")
    for part in Part:
        assert max(map(len, Vocabulary(client).help_lines(part.value))) <= 90


@CLIENTS
def test_the_help_comes_in_parts_which_together_have_all_commands(client: Client) -> None:
    vocabulary = Vocabulary(client)
    shown = [line for part in Part for line in vocabulary.help_lines(part.value)]
    for usage, does in vocabulary.help():
        assert any(line.startswith(f"  {usage} ") and line.endswith(does) for line in shown), usage
    assert vocabulary.help_lines("frobnicate") == vocabulary.help_lines()
    others = {row.part for row in vocabulary.rows.values()} - {Part.CHAT}
    assert [one.value in vocabulary.help_lines()[-1] for one in others] == [True] * len(others)


@CLIENTS
@pytest.mark.parametrize("typed", ["undo", "/UNDO", "retract ", "und"])
def test_the_help_of_one_command_is_its_line(client: Client, typed: str) -> None:
    shown = ["/undo [NAME]  takes back your last message; moderators: that of NAME"]
    assert Vocabulary(client).help_lines(typed) == shown


def test_the_help_of_a_command_of_other_clients_is_what_to_do_instead() -> None:
    told = "Files are sent from the page, or with client.py: /send FILE"
    assert Vocabulary(Client.LINE).help_lines("send") == [told]


def test_who_must_type_something_is_asked_for_it() -> None:
    for row in TABLE:
        if row.argument and not row.argument.startswith("["):
            assert row.asks.endswith("?"), row.name


def test_what_is_missing_is_not_there() -> None:
    names = {row.name: row.clients for row in TABLE}
    for one in MISSING:
        for word in one.words:
            assert names.get(word, Client(0)) != ALL, word


@CLIENTS
@pytest.mark.parametrize(
    "word, ours",
    [("list", "rooms"), ("channels", "rooms"), ("names", "who"), ("j x", "join"), ("?", "help")],
)
def test_people_of_other_chats_find_the_commands_that_they_know(
    client: Client, word: str, ours: str
) -> None:
    assert ordered(client, f"/{word}") == ours


@pytest.mark.parametrize("client", [Client.PLAIN, Client.FULL, Client.PAGE])
@pytest.mark.parametrize("word", ["nick", "name", "rename"])
def test_one_command_takes_another_name_by_whatever_word(client: Client, word: str) -> None:
    assert ordered(client, f"/{word} ben") == "nick"


def test_the_page_knows_alerts_by_their_former_name_and_full_screen_has_both() -> None:
    assert ordered(Client.PAGE, "/notify off") == "alerts"
    assert ordered(Client.FULL, "/notify off") == "notify"


@pytest.mark.parametrize(
    "client, word",
    [
        *((Client.LINE, word) for word in ("me", "send", "show", "upload", "thread")),
        *((Client.PLAIN, word) for word in ("clear", "conversation")),
        *((Client.FULL, word) for word in ("thread", "versions")),
        *((Client.PAGE, word) for word in ("times", "send", "picture", "thread", "versions")),
    ],
)
def test_who_asks_for_what_there_is_not_is_told_what_to_do(client: Client, word: str) -> None:
    told = why(client, f"/{word} x")
    assert told.startswith(f'There is no command "/{word}". ')
    assert "Did you mean" not in told
    assert "/help lists them" not in told


@CLIENTS
@pytest.mark.parametrize(
    "word",
    [
        *("part", "ignore", "nick ben", "me waves", "clear", "msg ben hi", "query ben"),
        *("send x", "show", "edit x", "undo", "react x", "pins", "thread"),
        *("kick ben", "op ben", "ban ben", "mute ben", "invite ben"),
    ],
)
def test_every_client_knows_these_or_says_what_to_use_instead(client: Client, word: str) -> None:
    read = Vocabulary(client).read(f"/{word}")
    assert isinstance(read, Order) or "/help lists them" not in why(client, f"/{word}")


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
def test_a_typo_is_asked_about(client: Client, typo: str, command: str) -> None:
    told = f'There is no command "/{typo}". Did you mean /{command}?'
    assert why(client, f"/{typo}") == told


@CLIENTS
@pytest.mark.parametrize("word", ["frobnicate", "dance", "x", "nope", "x" * 10_000])
def test_of_what_is_like_no_command_nothing_is_guessed(client: Client, word: str) -> None:
    told = why(client, f"/{word}")
    assert "/help lists them" in told
    assert len(told) < 200
