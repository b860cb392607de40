from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.domain.errors import BadMessage, EmptyText, TextTooLong
from hubbub.domain.rules import MAX_ABOUT_CHARS, MAX_NOTE_CHARS
from hubbub.domain.text import (
    MAX_REASON_CHARS,
    MAX_TEXT_LINES,
    parse_about,
    parse_note,
    parse_reason,
    parse_text,
)

LIMIT = 20


@pytest.mark.parametrize(
    "raw, text",
    [
        ("hello", "hello"),
        ("  indented", "  indented"),
        ("trailing \t\n", "trailing"),
        ("two\nlines", "two\nlines"),
        ("two\r\nlines", "two\nlines"),
        ("two\rlines", "two\nlines"),
        ("a\r\r\nb\n\rc", "a\n\nb\n\nc"),
        ("a\n\n\nb", "a\n\n\nb"),
        ("héllo ☕", "héllo ☕"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("\x1b[31mred", "\x1b[31mred"),
        ("\ufeffa", "\ufeffa"),
        ("\ue000", "\ue000"),
        ("x" * LIMIT, "x" * LIMIT),
        ("x" * LIMIT + "   \n", "x" * LIMIT),
        ("😀" * LIMIT, "😀" * LIMIT),
        ("\r\n" * 9 + "xx", "\n" * 9 + "xx"),
    ],
)
def test_a_text_is_kept_as_it_is_but_for_its_line_ends(raw: str, text: str) -> None:
    assert parse_text(raw, LIMIT) == text


@pytest.mark.parametrize(
    "raw",
    [
        *("", " ", "\t", "\n\r\n", "\xa0", "\u2028", "\u3000 "),
        *("\u200b", "\u200b \u200b", "\ufeff", "\u202e\u202c", "\u2060\u2063", "\xad", "\x1b\x07"),
        *("\u3164", "\u2800\u2800", "\u115f", "\ufe0f", "\n\u200b"),
    ],
)
def test_a_text_with_nothing_to_see_is_refused(raw: str) -> None:
    with pytest.raises(EmptyText, match="Write something first"):
        parse_text(raw, LIMIT)


@pytest.mark.parametrize("raw", ["x" * (LIMIT + 1), "😀" * (LIMIT + 1), " " * LIMIT + "x"])
def test_a_text_over_the_limit_is_refused_and_not_cut(raw: str) -> None:
    with pytest.raises(TextTooLong, match=r"has 21 characters; 20 are allowed\. It was not sent"):
        parse_text(raw, LIMIT)


def test_numbers_in_the_sentence_are_easy_to_read() -> None:
    with pytest.raises(TextTooLong, match="has 12,345 characters; 4,000 are allowed"):
        parse_text("x" * 12_345, 4000)


@pytest.mark.parametrize("raw, place", [("\ud800", 1), ("ab\udc00c", 3), ("é\r\n\ud83dx", 3)])
def test_half_of_a_surrogate_pair_is_no_text(raw: str, place: int) -> None:
    with pytest.raises(BadMessage, match=f"Character {place} of this message"):
        parse_text(raw, LIMIT)


@pytest.mark.parametrize("raw", ["a\0b", "\0", "é\0"])
def test_a_nul_is_no_text(raw: str) -> None:
    with pytest.raises(BadMessage, match="NUL"):
        parse_text(raw, LIMIT)


@given(st.text(st.characters() | st.sampled_from("\r\n\0\u200b \ud800x"), max_size=25))
@settings(max_examples=300, deadline=None)
def test_a_text_is_refused_or_can_be_stored_and_said_again(raw: str) -> None:
    try:
        text = parse_text(raw, LIMIT)
    except (EmptyText, TextTooLong, BadMessage):
        return
    assert 1 <= len(text) <= LIMIT
    assert "\r" not in text
    assert "\0" not in text
    text.encode()
    assert parse_text(text, LIMIT) == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\x1c", "\x85", "\u2028"])
def test_a_text_of_too_many_lines_is_refused(end: str) -> None:
    """However they end, as whoever reads lines is shown each of them with the speaker's name."""
    assert parse_text(end.join(["a"] * MAX_TEXT_LINES), 4000)
    with pytest.raises(TextTooLong, match="201 lines; 200 are allowed"):
        parse_text(end.join(["a"] * (MAX_TEXT_LINES + 1)), 4000)
    with pytest.raises(TextTooLong, match="3 lines; 2 are allowed"):
        parse_text(end.join(["a"] * 3), 4000, 2)


def test_a_reason_is_on_one_line() -> None:
    assert parse_reason(" too\nloud ") == "too loud"
    assert parse_reason("x" * MAX_REASON_CHARS) == "x" * MAX_REASON_CHARS


@pytest.mark.parametrize("raw", [None, "", " \n"])
def test_there_may_be_no_reason(raw: str | None) -> None:
    assert parse_reason(raw) is None


def test_a_reason_that_will_not_do_is_refused_kindly() -> None:
    with pytest.raises(TextTooLong, match=r"301 characters; 300 are allowed\. Nothing was done:"):
        parse_reason("x" * (MAX_REASON_CHARS + 1))
    with pytest.raises(BadMessage, match="NUL"):
        parse_reason("a\0b")


@pytest.mark.parametrize(
    "parse, most", [(parse_about, MAX_ABOUT_CHARS), (parse_note, MAX_NOTE_CHARS)]
)
def test_what_one_says_of_oneself_is_one_line(parse: Callable[[str], str], most: int) -> None:
    assert parse(" out\nfor  lunch ") == "out for lunch"
    assert parse(" ") == ""
    assert parse("x" * most) == "x" * most
    with pytest.raises(TextTooLong):
        parse("x" * (most + 1))
    with pytest.raises(BadMessage):
        parse("a\0b")
