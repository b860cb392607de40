from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.errors import BadMessage
from hubbub.domain.names import UserName
from hubbub.domain.patterns import MAX_PATTERN_CHARS, fits, parse_pattern


@pytest.mark.parametrize(
    "raw, parsed",
    [
        ("spam*", "spam*"),
        (" Spam** ", "spam*"),
        ("ＳＰＡＭ＊", "spam*"),
        ("a?b", "a?b"),
        ("Ünter*", "ünter*"),
        ("x[1].*", "x[1].*"),
        ("eve", "eve"),
    ],
)
def test_a_pattern_has_the_form_of_names_keys(raw: str, parsed: str) -> None:
    assert parse_pattern(raw) == parsed


@pytest.mark.parametrize("raw", ["", "*", "**", "?", "a*", "*a?", "?*?", "* *"])
def test_nobody_bans_everybody_by_a_slip(raw: str) -> None:
    with pytest.raises(BadMessage, match=r"beside \* and \?|No name has"):
        parse_pattern(raw)


def test_a_pattern_that_fits_no_name_is_refused() -> None:
    with pytest.raises(BadMessage, match=r"U\+0020 \(SPACE\)"):
        parse_pattern("bad man*")
    with pytest.raises(BadMessage, match="65 characters; 64"):
        parse_pattern("a" * (MAX_PATTERN_CHARS + 1))


@pytest.mark.parametrize(
    "pattern, fitting, others",
    [
        ("spam*", ["spam", "Spam7", "SPAMMER"], ["aspam", "spa"]),
        ("*spam", ["spam", "xspam", "spamspam"], ["spamx"]),
        ("*sp*am*", ["spam", "xspyamz", "spspam"], ["amsp", "spm"]),
        ("eve?", ["eve1", "evea"], ["eve", "eve12"]),
        ("?eve*", ["1eve", "1eve2"], ["eve", "eve2"]),
        ("eve", ["eve", "EVE"], ["eve1"]),
        ("x[1].*", ["x[1].", "x[1].y"], ["x1z", "x[1]z"]),
        ("a*ab", ["ab".join(["a", ""]), "aab"], ["ab"]),
    ],
)
def test_names_that_fit(pattern: str, fitting: list[str], others: list[str]) -> None:
    parsed = parse_pattern(pattern)
    for name in fitting:
        assert fits(UserName.parse(name).key, parsed), name
    for name in others:
        assert not fits(UserName.parse(name).key, parsed), name


def slowly(key: str, pattern: str) -> bool:
    """The same by its definition."""
    if not pattern:
        return not key
    if pattern[0] == "*":
        return slowly(key, pattern[1:]) or (bool(key) and slowly(key[1:], pattern))
    return bool(key) and pattern[0] in ("?", key[0]) and slowly(key[1:], pattern[1:])


@given(st.text("ab", max_size=10), st.text("ab*?", max_size=8))
def test_a_star_is_any_characters_and_a_question_mark_is_one(key: str, pattern: str) -> None:
    assert fits(key, pattern) is slowly(key, pattern)


def test_no_pattern_takes_long() -> None:
    """By going back from star to star, it would take more steps than there are atoms."""
    assert not fits("a" * 64, "*".join(["a?"] * 20) + "*b")
