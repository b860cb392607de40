from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from hubbub.domain.events import AnyEvent, Joined
from hubbub.domain.kinds import TRAITS
from hubbub.domain.sentences import sentence
from hubbub.wire.json import decode_event

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sentences.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS)
def test_what_happened_is_told_in_one_sentence(vector: dict[str, object]) -> None:
    told = sentence(decode_event(json.dumps(vector["event"]).encode()))
    assert (None if told is None else str(told)) == vector["sentence"]


@pytest.mark.parametrize("kind", get_args(AnyEvent))
def test_each_kind_with_a_line_that_is_no_message_has_a_sentence(kind: type[AnyEvent]) -> None:
    tag = kind.__struct_config__.tag
    told = [one["sentence"] for one in VECTORS if one["event"]["kind"] == tag]
    assert told, "a kind without an example"
    traits = TRAITS[kind]
    assert any(told) is (traits.line and not traits.message)


def test_the_name_is_apart_from_what_was_done() -> None:
    assert sentence(Joined(1, 2, "ada", "Al")) == ("Al", "is now ada.")
