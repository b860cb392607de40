from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.marks import is_mark
from hubbub.domain.mentions import fold, mention_places, mentions

LETTERS = "aAb _-@.éςΣいｶﾞ각½ﷺ😀\u0301\u0316\u3099"
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "mentions.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["text"])
def test_a_mention_is_a_name_as_a_word_of_its_own(vector: dict[str, object]) -> None:
    text, name = str(vector["text"]), str(vector["name"])
    pieces, place = [], 0
    for start, end in mention_places(text, name):
        pieces += [text[place:start], text[start:end]]
        place = end
    pieces.append(text[place:])
    assert pieces == vector["pieces"]
    assert mentions(text, name) is (len(pieces) > 1)


@given(st.text(), st.text(min_size=1, max_size=4))
def test_places_are_in_order_and_within_the_text(text: str, name: str) -> None:
    end = 0
    for start, stop in mention_places(text, name):
        assert end <= start < stop <= len(text)
        end = stop


@given(st.text(LETTERS, max_size=12), st.text(LETTERS, min_size=1, max_size=3))
def test_a_text_speaks_of_somebody_where_there_is_a_place(text: str, name: str) -> None:
    if not is_mark(fold(name)[:1] or "a"):  # no name begins with one
        assert mentions(text, name) is bool(mention_places(text, name))


def test_marks_are_compared_in_any_order() -> None:
    assert mention_places("hi a\u0301\u0316!", "a\u0316\u0301") == [(3, 6)]
