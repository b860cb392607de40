from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.words import MAX_WORD_CHARS, words


@pytest.mark.parametrize(
    "text, folded",
    [
        ("Hello, WORLD!", ["hello", "world"]),
        ("foo.bar snake_case don't", ["foo", "bar", "snake", "case", "don", "t"]),
        ("Ёжик Й Я", ["ежик", "и", "я"]),
        ("Grüße Straße ÆON", ["grusse", "strasse", "æon"]),
        ("jose\u0301 José", ["jose", "jose"]),
        ("ＡＤＡ ﬁ", ["ada", "fi"]),
        ("ΟΔΥΣΣΕΥΣ", ["οδυσσευσ"]),
        ("İstanbul", ["istanbul"]),
        ("שָׁלוֹם مُحَمَّد", ["שלום", "محمد"]),
        ("नमस्ते", ["नमस्ते"]),
        ("3.14 ½", ["3", "14", "1⁄2"]),
        ("a\u00adb", ["ab"]),
        ("x" * 99, ["x" * MAX_WORD_CHARS]),
        ("…—!?", []),
        ("", []),
    ],
)
def test_words_are_compared_without_case_accents_and_width(text: str, folded: list[str]) -> None:
    assert [word.folded for word in words(text)] == folded
    assert not any(word.run for word in words(text))


@pytest.mark.parametrize(
    "text, runs",
    [
        ("你好吗 hello 世界", ["你好吗", "世界"]),
        ("が ｶﾞ ガ", ["が", "ガ", "ガ"]),
        ("Ada小明ben", ["小明"]),
        ("지수야", ["지수야"]),
        ("สวัสดี", ["สวัสดี"]),
        ("ok 😀👍!", ["😀👍"]),
    ],
)
def test_scripts_without_spaces_have_runs(text: str, runs: list[str]) -> None:
    assert [word.folded for word in words(text) if word.run] == runs


@given(st.text())
def test_words_are_in_order_and_hold_nothing_that_parts_them(text: str) -> None:
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(text)
        assert word.folded
        assert "".join(word.folded.split()) == word.folded
        assert all(char.isalnum() for char in word.folded if char.isascii())
        end = word.end
