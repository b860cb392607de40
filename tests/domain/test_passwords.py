from __future__ import annotations

import subprocess
import sys

import pytest

from hubbub.domain.commonpasswords import COMMON
from hubbub.domain.errors import WeakPassword
from hubbub.domain.passwords import (
    MAX_CHARS,
    MAX_PLAIN_CHARS,
    check_password,
    check_word,
    prepare,
)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "Tea at five!",
        "пирожки с чаем",
        "お茶をください、ベンさん",
        "9f4k2m8x",
        "canada lake house",
        "x" * 245 + "abcde",
        "the qwerty and I",
    ],
)
def test_what_is_not_easily_guessed_may_be_chosen(password: str) -> None:
    assert check_password(password, name="ada") == password


@pytest.mark.parametrize(
    "password, reason",
    [
        ("", "empty"),
        ("tea&bun", "8 characters or more; this one has 7"),
        ("ä" * (MAX_CHARS + 1), "at most 250 characters; this one has 251"),
        ("x" * (MAX_PLAIN_CHARS + 1), "at most 500 characters; this one has 501"),
        ("aaaaaaaaaaaa", "repeats"),
        ("abababababab", "repeats"),
        ("AAaaAAaaAAaa", "repeats"),
        ("qwertyuiop", "order of keys"),
        ("poiuytrewq", "order of keys"),
        ("Qwer1234", "order of keys"),
        ("1qaz2wsx3edc", "order of keys"),
        ("abcdefgh12345", "order of keys"),
        ("йцукенгш", "order of keys"),
        ("ada12345", "your name"),
        ("AdaAdaAda-77", "your name"),
        ("ａｄａada-77", "your name"),
        ("iloveyou", "most common"),
        ("ILoveYou", "most common"),
        ("iloveyou2026!", "most common"),
        ("ｓｕｎｓｈｉｎｅ", "most common"),
    ],
)
def test_what_is_easily_guessed_is_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(WeakPassword, match=reason):
        check_password(password, name="ada")


def test_a_password_that_is_the_name_is_refused() -> None:
    with pytest.raises(WeakPassword, match="your name"):
        check_password("Ada.Lovelace", name="ada.lovelace")


def test_a_name_of_two_letters_is_in_many_words() -> None:
    assert check_password("nine tea", name="ea")


def test_a_refusal_does_not_repeat_the_password() -> None:
    for password in ("ada12345", "iloveyou", "qwertyuiop", "tea&bun", "secret\x07one"):
        with pytest.raises(WeakPassword) as refused:
            check_password(password, name="ada")
        assert password not in refused.value.message


@pytest.mark.parametrize(
    "typed, same",
    [
        ("cafe\u0301 au lait", "caf\u00e9 au lait"),  # RFC 8265, 4.2.2: NFC
        ("tea\u3000at\u00a0five", "tea at five"),  # all kinds of spaces
        (" tea ", " tea "),
    ],
)
def test_the_same_characters_are_the_same_password(typed: str, same: str) -> None:
    assert prepare(typed) == prepare(same) == same


def test_neither_case_nor_width_nor_a_ligature_is_folded() -> None:
    """RFC 8265, 4.2.2: what is folded would be less to guess."""
    assert len({prepare(one) for one in ("Tea", "tea", "ｔｅａ", "ﬁg", "fig")}) == 5


@pytest.mark.parametrize("bad", ["\x00", "\n", "\x7f", "\u200b", "\ud800", "\u0378"])
def test_what_cannot_be_typed_again_is_no_password(bad: str) -> None:
    with pytest.raises(WeakPassword, match=rf"U\+{ord(bad):04X} \(character 8\)"):
        prepare("tea at " + bad)


def test_the_common_passwords_are_those_that_no_other_rule_refuses() -> None:
    assert len(COMMON) > 2900
    for common in COMMON:
        with pytest.raises(WeakPassword, match="most common"):
            check_password(common, name="")


def test_the_common_passwords_are_read_when_one_is_chosen() -> None:
    code = (
        "import sys, hubbub.domain.passwords; print('hubbub.domain.commonpasswords' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("word", ["beer", "12345", "one two"])
def test_the_password_of_a_room_is_a_word_that_many_know(word: str) -> None:
    assert check_word(word, name="pub") == word


@pytest.mark.parametrize("word, why", [("", "empty"), ("abc", "4 characters"), ("Pub1", "name")])
def test_the_password_of_a_room_is_not_nothing(word: str, why: str) -> None:
    with pytest.raises(WeakPassword, match=why):
        check_word(word, name="pub1")
