"""What a typed line asks for, in each client. The page passes the same vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.orders import Message, Mistake, Order, Vocabulary, count
from hubbub.domain.slashes import Client

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "slashes.json").read_text("utf-8"))
VOCABULARIES = {str(client.name).lower(): Vocabulary(client) for client in Client}


def told(read: Message | Order | Mistake) -> dict[str, str]:
    """What was read, as the vectors write it."""
    match read:
        case Message(text):
            return {"say": text}
        case Order(name, argument):
            return {"order": name, "argument": argument}
        case Mistake(why):
            return {"mistake": why}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: repr(vector["text"]))
def test_a_line_is_a_text_a_command_or_a_mistake(vector: dict[str, Any]) -> None:
    for client in vector["clients"]:
        assert told(VOCABULARIES[client].read(vector["text"])) == vector["read"], client


def test_a_text_that_was_marked_as_one_is_no_answer_to_a_question() -> None:
    line = VOCABULARIES["line"]
    assert line.read("/say ada") == Message("ada", marked=True)
    assert line.read("//ada") == Message("/ada", marked=True)
    assert line.read("ada") == Message("ada")


def test_where_few_commands_are_understood_the_others_are_none() -> None:
    few = Vocabulary(Client.PLAIN, only=("help", "rooms"))
    assert few.read("/h") == Order("help")
    assert isinstance(few.read("/who"), Mistake)


@pytest.mark.parametrize("client", VOCABULARIES)
@given(rest=st.text(max_size=30))
def test_whatever_follows_a_slash_is_read(client: str, rest: str) -> None:
    vocabulary = VOCABULARIES[client]
    match vocabulary.read(f"/{rest}"):
        case Message(text):
            assert text
        case Order(name):
            assert name in vocabulary.rows
        case Mistake(why):
            assert why


@pytest.mark.parametrize("client", VOCABULARIES)
def test_what_a_mistake_says_to_type_will_do(client: str) -> None:
    vocabulary = VOCABULARIES[client]
    for name, slash in vocabulary.rows.items():
        typed = vocabulary.lacking(name).partition("Type: ")[2].partition(",")[0]
        if slash.asks:
            read = vocabulary.read(typed.replace(" N", " 3"))
            assert isinstance(read, Message if name == "say" else Order), typed


def test_a_count_is_a_number_from_one_on() -> None:
    assert [count(text) for text in ("1", "007", "٣", "0", "-1", "1.5", "ten", "")] == [
        *(1, 7, 3),
        *[None] * 5,
    ]
    assert count("9" * 10_000) == 10**15 - 1
