"""The grammar of texts: the vectors that all clients pass, and texts of any kind."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.markup import Block, Code, Emphasis, Link, Piece, parse

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "markup.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: repr(vector["text"]))
def test_a_text_has_its_tree(vector: dict[str, Any]) -> None:
    assert [json.loads(msgspec.json.encode(block)) for block in parse(vector["text"])] == vector[
        "tree"
    ]


def _characters(inline: Iterator[Piece]) -> Iterator[str]:
    for piece in inline:
        match piece:
            case str():
                yield piece
            case Emphasis():
                yield from _characters(iter(piece.inline))
            case Code() | Link():
                yield piece.text


@given(st.text(alphabet="ab *_~`>\n:/.htps()é日😀\t"))
def test_no_letter_is_lost_or_made_up(text: str) -> None:
    shown = "".join(
        "".join(_characters(iter(block.inline))) if isinstance(block, Block) else block.text
        for block in parse(text)
    )
    for char in "abhtpsé日😀":
        # The name of a code block's language is not shown.
        assert shown.count(char) == text.count(char) or "```" in text


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "*a ",
        "*a* ",
        "_*~",
        "*_",
        "https://a，",
        "`",
        "(http://x",
        "http://",
        "> ",
        "```\n",
        "*_~`a`~_* ",
    ],
)
def test_a_long_text_takes_no_longer_than_its_length(text: str) -> None:
    long = (text * 40_000)[:40_000]
    began = time.process_time()  # of this process alone: others may keep the machine busy
    parse(long)
    assert time.process_time() - began < 2.0
