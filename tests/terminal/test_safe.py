"""Nothing that others write can do anything to a terminal but be shown by it."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.terminal.full.model.display import shown
from hubbub.terminal.safe import safe, safe_lines

WORDS: dict[str, str] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "words.json").read_text("utf-8")
)
EVERY_CHARACTER = [chr(code) for code in range(sys.maxunicode + 1)]
BIDI_CONTROLS = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


def obeyed(char: str) -> bool:
    """Whether a terminal might do something else than show ``char``."""
    return (
        unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(char) in BIDI_CONTROLS
    )


def test_no_character_is_left_that_a_terminal_obeys() -> None:
    everything = safe("".join(EVERY_CHARACTER))
    assert [hex(ord(char)) for char in everything if obeyed(char)] == []


def test_all_other_characters_are_as_they_were() -> None:
    changed = [char for char in EVERY_CHARACTER if not obeyed(char) and safe(char) != char]
    assert changed == []


@pytest.mark.parametrize(
    "text, expected",
    [
        ("\x1b[2J\x1b]0;gone\x07", "␛[2J␛]0;gone␇"),
        ("a\x00b\x08c\x7fd", "a␀b␈c␡d"),
        ("\x9b31mred", "\ufffd31mred"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("\u2066ada\u2069", "\ufffdada\ufffd"),
        ("one\rtwo", "one␍two"),
        ("one\ttwo", "one    two"),
        ("half \ud83d of one", "half \ufffd of one"),
        ("Z" + "\u0310" * 60 + "algo", "Z" + "\u0310" * 8 + "algo"),
        ("Z" + "\u0310\u200d" * 60, "Z" + "\u0310\u200d" * 8 + "\u200d" * 52),
        ("שָּׁל", "שָּׁל"),
        ("Zoë, 日本, שלום, 👩‍👩‍👧", "Zoë, 日本, שלום, 👩‍👩‍👧"),
    ],
)
def test_what_is_hostile_is_shown_as_what_it_is(text: str, expected: str) -> None:
    assert safe(text) == expected


@pytest.mark.parametrize("script", WORDS)
def test_a_word_of_any_living_script_is_shown_whole(script: str) -> None:
    word = unicodedata.normalize("NFC", WORDS[script])
    assert safe(word) == shown(word) == word


@given(st.text())
def test_what_is_safe_stays_as_it_is_and_can_be_encoded(text: str) -> None:
    once = safe(text)
    assert safe(once) == once
    assert once.encode().decode() == once


@given(st.text())
def test_each_line_of_a_text_is_one_line(text: str) -> None:
    lines = safe_lines(text)
    assert lines
    assert all(len(line.splitlines()) <= 1 for line in lines)
    assert not any(obeyed(char) for line in lines for char in line)


def test_every_kind_of_line_end_ends_a_line() -> None:
    assert safe_lines("a\nb\r\nc\rd\x0be\x0cf\x85g\u2028h\u2029i") == list("abcdefghi")
    assert safe_lines("") == [""]
