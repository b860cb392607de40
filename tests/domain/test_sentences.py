from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from hubbub.domain.events import AnyEvent, Edited, Joined, Reacted, Redacted, Said
from hubbub.domain.files import File
from hubbub.domain.kinds import TRAITS
from hubbub.domain.reactions import Redaction
from hubbub.domain.sentences import (
    TAKEN_AWAY,
    is_told,
    is_told_later,
    sentence,
    sentences,
    shown_text,
)
from hubbub.wire.json import decode_event

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sentences.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS)
def test_what_happened_is_told_in_one_sentence(vector: dict[str, object]) -> None:
    told = sentence(decode_event(json.dumps(vector["event"]).encode()))
    assert (None if told is None else str(told)) == vector["sentence"]


@pytest.mark.parametrize("kind", get_args(AnyEvent))
def test_each_kind_with_a_line_or_that_amends_has_a_sentence(
    kind: type[AnyEvent],
) -> None:
    tag = kind.__struct_config__.tag
    told = [one["sentence"] for one in VECTORS if one["event"]["kind"] == tag]
    assert told, "a kind without an example"
    traits = TRAITS[kind]
    assert any(told) is ((traits.line and not traits.message) or traits.amends is not None)


def test_the_name_is_apart_from_what_was_done() -> None:
    assert sentence(Joined(1, 2, "ada", "Al")) == ("Al", "is now ada.")


def test_each_line_of_a_new_text_says_whose_it_is() -> None:
    told = sentences(Edited(2, 2, "ada", 1, "one\n[2023] ben: two\u2028three"))
    assert [str(one) for one in told] == [
        "ada has changed a message: one",
        "ada has changed a message: [2023] ben: two",
        "ada has changed a message: three",
    ]
    assert sentences(Edited(2, 2, "ada", 1, "")) == [("ada", "has changed a message.")]
    assert sentences(Said(1, 2, "ada", "hi")) == []


def test_of_a_thousand_reactions_a_dozen_are_told() -> None:
    storm = [Reacted(n, 2, "ada", 1, emoji="👍", count=n) for n in range(1, 1001)]
    assert sum(map(is_told, storm)) == 11
    assert is_told(Reacted(2, 2, "ada", 1, emoji="👍"))
    assert not is_told(Reacted(2, 2, "ada", 1, emoji="👍", on=False, count=1))
    assert is_told(Joined(1, 2, "ada"))


def test_of_the_past_is_told_what_the_messages_shown_do_not_tell() -> None:
    shown = {7, 8}
    assert not is_told_later(Edited(9, 2, "ada", 7, "better"), shown)
    assert not is_told_later(Redacted(9, 2, "ada", 8), shown)
    assert is_told_later(Edited(9, 2, "ada", 6, "better"), shown)
    assert is_told_later(Redacted(9, 2, "ada", 6), shown)
    assert not is_told_later(Reacted(9, 2, "ada", 6, emoji="👍"), shown)
    assert is_told_later(Joined(1, 2, "ada"), shown)


def test_a_message_without_a_text_says_why() -> None:
    assert shown_text(Said(1, 2, "ada", "hi")) == "hi"
    assert shown_text(Said(1, 2, "ada", "", redacted=Redaction(3, "ben"))) == "(taken back by ben)"
    assert shown_text(Said(1, 2, "ada", "", rev=9)) == TAKEN_AWAY
    assert shown_text(Said(1, 2, "ada", "", files=(File("f1", "a.png", 3, "image/png"),))) == ""
