from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.events import Quote, Said
from hubbub.domain.files import File
from hubbub.domain.quotes import QUOTE_CHARS, TEXT_GONE, quote_of, quote_of_said


@pytest.mark.parametrize(
    "text, quoted",
    [
        ("hello", "hello"),
        ("  two\n\n\tlines ", "two lines"),
        ("x" * 120, "x" * 120),
        ("x" * 121, "x" * 119 + "…"),
        ("x" * 118 + " yz", "x" * 118 + "…"),
        ("\n" * 2000 + "far below", ""),
        ("世界", "世界"),
        ("Look:\n```py\nx = 1\n```\nNice?", "Look: x = 1 Nice?"),
        ("> ```\n> x\n> ```", "> x"),
        ("```", "```"),
        ("a ``` b", "a ``` b"),
    ],
)
def test_a_quote_is_the_beginning_of_a_text_in_one_line(text: str, quoted: str) -> None:
    assert quote_of("ada", text) == Quote("ada", quoted)


@given(st.text())
def test_a_quote_is_short_and_has_no_line_end(text: str) -> None:
    quoted = quote_of("ada", text).text
    assert len(quoted) <= QUOTE_CHARS
    assert len(quoted.splitlines()) <= 1


def test_a_message_with_files_alone_is_quoted_by_the_name_of_the_first_one() -> None:
    file = File("f", "cat.png", 3, "image/png")
    assert quote_of_said(Said(1, 0, "ada", "", files=(file,))).text == "📎 cat.png"
    assert quote_of_said(Said(1, 0, "ada", "Look!", files=(file,))).text == "Look!"
    edited = Said(1, 0, "ada", "", files=(file,), edited_at=5, rev=2)
    assert quote_of_said(edited).text == TEXT_GONE
