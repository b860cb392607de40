from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.words import MAX_WORD_CHARS, fold_word, plain_words, words


@pytest.mark.parametrize(
    "text, folded",
    [
        ("Hello, WORLD!", ["hello", "world"]),
        ("foo.bar snake_case don't", ["foo", "bar", "snake", "case", "don", "t"]),
        ("Ёжик Й Я", ["ежик", "и", "я"]),
        ("Grüße Straße ÆON", ["grusse", "strasse", "aeon"]),
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
        ("⭐ ▶️ #️⃣ *️⃣ ‼️ 〰️", ["⭐", "▶", "＃⃣", "＊⃣", "‼", "〰"]),
        ("no1️⃣2️⃣", ["1⃣2⃣"]),
        ("\U0001fabf, \U0001fae9 and \U0001fffd", ["\U0001fabf", "\U0001fae9", "\U0001fffd"]),
        ("5 € → ™ ©", ["€", "→", "™", "©"]),
        ("你好⭐世界", ["你好⭐世界"]),
        ("´ ¨ … « — $ + =", []),
    ],
)
def test_scripts_without_spaces_emoji_and_signs_have_runs(text: str, runs: list[str]) -> None:
    assert [word.folded for word in words(text) if word.run] == runs


@pytest.mark.parametrize(
    "word, folded",
    [
        ("Łódź", "lodz"),
        ("Smørrebrød", "smorrebrod"),
        ("ĐĦŦŊɓƶȺⱥ", "dhtnbzaa"),
        ("Æœþðıĸȷ", "aeoethdiqj"),
        ("ẞß", "ssss"),
        ("L\u0335o\u0338", "lo"),
        ("Đức", "duc"),
        ("Þórr", "thorr"),
        ("әʃ", "әʃ"),
        ("ғқ", "ғқ"),
    ],
)
def test_letters_with_strokes_are_those_without(word: str, folded: str) -> None:
    """As CLDR's transform Latin-ASCII has it; other scripts' letters are left as they are."""
    assert [one.folded for one in words(word)] == [folded]


def test_every_letter_of_european_alphabets_has_a_plain_one() -> None:
    """Latin-1, Latin Extended-A and B, but for letters that have no other form."""
    small = [
        char for char in map(chr, range(0xA0, 0x250)) if "SMALL LETTER" in unicodedata.name(char)
    ]
    left = [char for char in small if not fold_word(char).isascii()]
    assert "".join(left) == "ŉƅƍƛƨƹƺƽǝǯȝȣɂ"


@given(st.text())
def test_words_are_in_order_and_hold_nothing_that_parts_them(text: str) -> None:
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(text)
        assert word.folded
        assert "".join(word.folded.split()) == word.folded
        assert all(char.isalnum() for char in word.folded if char.isascii())
        end = word.end


@given(st.text(st.characters(codec="ascii"), max_size=120))
def test_the_words_of_plain_texts_are_found_quicker_and_are_the_same(text: str) -> None:
    assert plain_words(text) == [word.folded for word in words(text)]
