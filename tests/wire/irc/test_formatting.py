"""Bold, italic, struck through and code, as IRC writes them and as texts do."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubbub.domain.markup import Code, Emphasis, Link, Piece, pieces
from hubbub.wire.irc.formatting import from_irc, in_force, to_irc, without_codes

B, IT, S, C, RESET = "\x02", "\x1d", "\x1e", "\x11", "\x0f"

PAIRS = [
    ("*ada* waves", f"{B}ada{B} waves"),
    ("_so_ it is", f"{IT}so{IT} it is"),
    ("~no~ yes", "~no~ yes"),  # clients that do not know these codes show them as letters
    ("`x = 1` is code", "`x = 1` is code"),
    ("*so* and `x` and ~no~", f"{B}so{B} and `x` and ~no~"),
    ("*bold and _both_*", f"{B}bold and {IT}both{IT}{B}"),
    ("(*so*)", f"({B}so{B})"),
    ("https://example.org/a_b_c", "https://example.org/a_b_c"),
    ("snake_case and 2*3*4", "snake_case and 2*3*4"),
    ("nothing", "nothing"),
]

WORDS = st.text("abcä漢 .", min_size=1, max_size=6).filter(lambda text: text.strip() == text)
ANY_LINE = st.text(
    st.sampled_from(f"{B}{IT}{S}{C}{RESET}\x03\x04\x16\x1f012,abc *_~`.") | st.characters(),
    max_size=40,
).map(lambda text: text.replace("\n", "").replace("\r", ""))


@pytest.mark.parametrize("text, shown", PAIRS)
def test_what_both_can_say_is_translated_both_ways(text: str, shown: str) -> None:
    assert to_irc([text]) == [shown]
    assert from_irc(shown) == text


def test_two_markers_are_shown_as_one_is() -> None:
    assert to_irc(["**ada** and ~~no~~"]) == [f"{B}ada{B} and ~no~"]


def test_blocks_of_code_are_left_as_they_are() -> None:
    lines = ["see *this*:", "```python", "a *b* _c_", "```", "> *ada*"]
    assert to_irc(lines) == [f"see {B}this{B}:", *lines[1:4], f"> {B}ada{B}"]


@pytest.mark.parametrize(
    "line, text",
    [
        (f"{B}ada{RESET} waves", "*ada* waves"),
        (f"{B}ada waves", "*ada waves*"),
        (f"{B}ada {B}waves", "*ada* waves"),
        (f" {B} ada{B}", "  *ada*"),
        (f"{B}{IT}both{RESET}", "*_both_*"),
        ("\x0304,12red\x03 and \x1funder\x1f, \x16turned\x16", "red and under, turned"),
        ("\x03" + "5 apples", " apples"),
        ("\x04ff0000red\x04", "red"),
        (f"{B}{B}nothing", "nothing"),
        (f"{B} {B}", " "),
        (f"{S}no{S} yes", "~no~ yes"),
        (f"{C}x = 1{C} is code", "`x = 1` is code"),
    ],
)
def test_a_line_of_irc_is_a_text(line: str, text: str) -> None:
    assert from_irc(line) == text


@pytest.mark.parametrize(
    "line, text",
    [
        (f"a{B}b{B}c", "abc"),  # inside of a word there is no markup
        (f"{B}2 * 3{B} *x*", "2 * 3 *x*"),  # and what is typed would be bold, too
        (f"{C}a`b{C}", "a`b"),
        (f"{B}one {IT}two{B} three{IT}", "one two three"),  # no block inside of another
    ],
)
def test_what_markup_cannot_say_is_said_without(line: str, text: str) -> None:
    assert from_irc(line) == text


def test_what_goes_on_in_another_line_looks_the_same_there() -> None:
    assert in_force(f"{B}a{IT}b") == B + IT
    assert in_force(f"{B}a{IT}b{B}") == IT
    assert in_force(f"{B}a{RESET}") == ""
    assert in_force("\x0304red") == ""


def _seen(inline: list[Piece]) -> str:
    parts = []
    for piece in inline:
        match piece:
            case Emphasis(inline=inner):
                parts.append(_seen(list(inner)))
            case Code(text=text) | Link(text=text) | str(text):
                parts.append(text)
    return "".join(parts)


@given(ANY_LINE)
@example(f"{C}a{B}`{C}")
@example(f"{IT}_{IT}")
def test_no_character_is_lost_or_added_that_is_seen(line: str) -> None:
    text, plain = from_irc(line), without_codes(line)
    assert text == plain or _seen(pieces(text)) == plain


@given(ANY_LINE)
def test_a_text_says_the_same_when_it_comes_back(line: str) -> None:
    text = from_irc(line)
    shown = to_irc([text])[0]
    again = from_irc(shown)
    assert to_irc([again])[0] in (shown, without_codes(shown))


@given(st.lists(st.tuples(st.sampled_from(["", "*", "_", "~", "`"]), WORDS), max_size=5))
def test_marked_words_come_back_as_they_were(words: list[tuple[str, str]]) -> None:
    text = " ".join(f"{marker}{word.strip('. ') or 'x'}{marker}" for marker, word in words)
    assert from_irc(to_irc([text])[0]) == text
