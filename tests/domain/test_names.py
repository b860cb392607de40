from __future__ import annotations

import json
import time
import unicodedata
from contextlib import suppress
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubbub.domain import names
from hubbub.domain.errors import InvalidName
from hubbub.domain.names import (
    MAX_MARKS_IN_A_ROW,
    MAX_ROOM_CHARS,
    MAX_USER_CHARS,
    USER_PUNCTUATION,
    RoomName,
    UserName,
    suggest_free,
)

WORDS: dict[str, str] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "words.json").read_text("utf-8")
)
BOTH = pytest.mark.parametrize("kind", [UserName, RoomName])

# Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties, and the blank of Braille.
INVISIBLE = frozenset(
    map(
        chr,
        chain(
            [0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFEFF, 0xFFA0],
            range(0x180B, 0x1810),
            range(0x200B, 0x2010),
            range(0x202A, 0x202F),
            range(0x2060, 0x2070),
            range(0xFE00, 0xFE10),
            range(0xFFF0, 0xFFF9),
            range(0x1BCA0, 0x1BCA4),
            range(0x1D173, 0x1D17B),
            range(0xE0000, 0xE1000),
        ),
    )
)


def refusal(kind: type[UserName | RoomName], raw: str) -> InvalidName:
    with pytest.raises(InvalidName) as caught:
        kind.parse(raw)
    return caught.value


# Scripts


@pytest.mark.parametrize(
    "name",
    [
        *("ada", "Ada_L", "a", "7", "zoë", "Łukasz", "Strauß", "Đặng", "x-y.z", r"[a]\b^{c}|d"),
        *("Анна", "Ђорђе", "Ελένη", "Ὀδυσσεύς", "Արամ", "ნინო"),
        *("علي", "علي٣", "فاطمة", "אדם", "שָׁלוֹם", "אדם2"),
        *("नमस्ते", "अनुष्का", "தமிழ்", "বাংলা", "สมชาย", "ที่รัก", "น้ำฝน", "ຄຳ"),
        *("陳大文", "さくら", "サクラ", "김철수", "ａｄａ", "ＡＤＡ７"),
    ],
)
@BOTH
def test_a_name_may_be_in_any_script(kind: type[UserName | RoomName], name: str) -> None:
    parsed = kind.parse(name)
    assert parsed == unicodedata.normalize("NFC", name)
    assert parsed.key


@pytest.mark.parametrize("script", WORDS)
@BOTH
def test_a_word_of_any_living_script_is_a_name(
    kind: type[UserName | RoomName], script: str
) -> None:
    assert kind.parse(WORDS[script]) == unicodedata.normalize("NFC", WORDS[script])


@pytest.mark.parametrize(
    "room",
    ["☕", "🎉party🎉", "👍🏽", "🇩🇪", "C#", "c++", "Q&A", "100%", "what?", "½", "€", "a:b", "«x»"],
)
def test_a_room_may_have_emoji_and_punctuation_that_a_user_may_not(room: str) -> None:
    assert RoomName.parse(room) == room
    refusal(UserName, room)


# The rules, and the sentence for each


@pytest.mark.parametrize(
    "raw, reason, suggestion",
    [
        ("", "A name cannot be empty.", None),
        (" \t ", "A name cannot be empty.", None),
        ("ada ben", "A name cannot have a space (character 4).", "ada-ben"),
        ("ada,ben", "A name cannot have a comma (character 4).", "ada-ben"),
        ("/help", "A name cannot have a slash (character 1).", "help"),
        ("ada\tben", "A name cannot have a tab (character 4).", "ada-ben"),
        ("ada\nben", "A name cannot have a line end (character 4).", "ada-ben"),
        ("ada\rben", "A name cannot have a line end (character 4).", "ada-ben"),
        ("ada\x1b[0m", "A name cannot have an escape character (character 4).", "ada[0m"),
        ("ada!", 'A name cannot have "!" (U+0021) (character 4).', "ada"),
        ("ada☕", 'A name cannot have "☕" (U+2615) (character 4).', "ada"),
        ("a\0b", "a control or invisible character (U+0000 without a name) (character 2).", "ab"),
        ("a\u200bb", "invisible character (U+200B ZERO WIDTH SPACE) (character 2).", "ab"),
        ("a\u202eb", "(U+202E RIGHT-TO-LEFT OVERRIDE) (character 2).", "ab"),
        ("a\xa0b", "A name cannot have a space (U+00A0 NO-BREAK SPACE) (character 2).", "a-b"),
        ("a\u3000b", "(U+3000 IDEOGRAPHIC SPACE) (character 2).", "a-b"),
        ("\ufeffada", "(U+FEFF ZERO WIDTH NO-BREAK SPACE) (character 1).", "ada"),
        ("ada\ud800", "(U+D800 without a name) (character 4).", "ada"),
        ("नमस्\u200dते", "(U+200D ZERO WIDTH JOINER) (character 5).", "नमस्ते"),
        ("a\u3164", "(U+3164 HANGUL FILLER) (character 2).", "a"),
        ("Andr\ufffd", "A name cannot have a broken character (it was not UTF-8)", "Andr"),
        ("a" * 33, "A name has at most 32 characters; this one has 33.", "a" * 32),
        ("a" * 5000, "A name has at most 32 characters; this one has 5,000.", "a" * 32),
        ("\u0301a", "A name cannot begin with an accent", "a"),
        ("a" + "\u0335" * 9, "stack more than 8 of them", "a"),
        ("\u0903a", "A name cannot begin with an accent", "a"),
        ("...", "A name needs a letter or a digit.", None),
        ("-_-", "A name needs a letter or a digit.", None),
        ("ﬁona", 'A name cannot have "ﬁ" (U+FB01) here (RFC 8264', "fiona"),
        ("x²", 'A name cannot have "²" (U+00B2) (character 2).', "x2"),
        ("ªda", '"ª" (U+00AA) here', "ada"),
        ("אdam", "A name written from right to left begins with such a letter", "dam"),
        ("adamא", "A name written from right to left", "adam"),
        ("אדם-", "A name written from right to left", "אדם"),
        ("٣٤٥", "A name written from right to left", None),
        ("علي٣2", "only one kind of digits", "2"),
    ],
)
def test_a_user_is_told_which_rule_a_name_breaks_and_what_would_do(
    raw: str, reason: str, suggestion: str | None
) -> None:
    error = refusal(UserName, raw)
    assert reason in error.message
    assert error.suggestion == suggestion
    assert (f'"{suggestion}" would do.' in error.message) is (suggestion is not None)
    assert str(error) == error.message


@pytest.mark.parametrize(
    "raw, reason, suggestion",
    [
        ("#", "A room name cannot be empty.", None),
        ("the kitchen", "A room name cannot have a space (character 4).", "the-kitchen"),
        ("a,b", "A room name cannot have a comma (character 2).", "a-b"),
        ("a/b", "A room name cannot have a slash (character 2).", "a-b"),
        ("//", "A room name cannot have a slash (character 1).", None),
        ("／queue／lab", 'A room name cannot begin with "／" (U+FF0F).', "queue-lab"),
        ("／server", 'A room name cannot begin with "／" (U+FF0F).', "server"),
        ("# general", "A room name cannot have a space (character 1).", "general"),
        ("＃＃a b", "A room name cannot have a space", "a-b"),
        ("❤\ufe0f", "(U+FE0F VARIATION SELECTOR-16) (character 2).", "❤"),
        ("👨\u200d👩\u200d👧", "(U+200D ZERO WIDTH JOINER) (character 2).", "👨👩👧"),
        ("1\ufe0f\u20e3", "(U+FE0F VARIATION SELECTOR-16) (character 2).", "1\u20e3"),
        ("\u2800", "(U+2800 BRAILLE PATTERN BLANK) (character 1).", None),
        ("caf\ufffd", "a broken character (it was not UTF-8) (character 4).", "caf"),
        ("r" * 51, "A room name has at most 50 characters; this one has 51.", "r" * 50),
        ("?!", "A room name needs a letter or a digit.", None),
        ("aـb", '"ـ" (U+0640) here (RFC 8264', "ab"),
        ("\u1100a", '"ᄀ" (U+1100) here (RFC 8264', "a"),
    ],
)
def test_a_room_name_that_breaks_a_rule_is_refused_with_a_near_one(
    raw: str, reason: str, suggestion: str | None
) -> None:
    error = refusal(RoomName, raw)
    assert reason in error.message
    assert error.suggestion == suggestion


@pytest.mark.parametrize("char", [*USER_PUNCTUATION])
def test_a_user_may_have_each_punctuation_of_irc(char: str) -> None:
    assert UserName.parse(f"a{char}b").key == f"a{char}b"


@BOTH
def test_nothing_invisible_is_in_a_name(kind: type[UserName | RoomName]) -> None:
    for char in sorted(INVISIBLE):
        error = refusal(kind, f"a{char}b")
        assert error.suggestion == "ab"
        assert f"U+{ord(char):04X}" in error.message


@BOTH
def test_no_control_character_is_in_a_name(kind: type[UserName | RoomName]) -> None:
    for code in [*range(0x20), *range(0x7F, 0xA0)]:
        refusal(kind, f"a{chr(code)}b")


def test_marks_are_stacked_as_high_as_scripts_need_and_no_higher() -> None:
    assert UserName.parse("x" + "\u0335" * MAX_MARKS_IN_A_ROW)
    zalgo = refusal(UserName, "a" + "\u0335\u0322\u0359" * 10 + "da")
    assert zalgo.suggestion == "ada"


# What is shown, and what is compared


@pytest.mark.parametrize(
    "one, other",
    [
        ("Ada", "ADA"),
        ("ada", "ａｄａ"),
        ("ada", "ＡＤＡ"),
        ("АННА", "анна"),
        ("Ελένη", "ελένη"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("zoe\u0308", "ZOË"),
        ("ｻｸﾗ", "サクラ"),
        ("คำ", "ค\u0e4d\u0e32"),
        ("\u1112\u1161\u11ab", "한"),
        ("Å", "\u212b"),
    ],
)
@BOTH
def test_spellings_of_one_name_have_one_key(
    kind: type[UserName | RoomName], one: str, other: str
) -> None:
    assert kind.parse(one).key == kind.parse(other).key


@pytest.mark.parametrize("one, other", [("ﬁ", "FI"), ("℡", "tel"), ("①", "1"), ("Ⅳ", "iv")])
def test_rooms_that_differ_only_in_looks_have_one_key(one: str, other: str) -> None:
    assert RoomName.parse(one).key == RoomName.parse(other).key


@pytest.mark.parametrize("one, other", [("ada", "adа"), ("o", "0"), ("ada", "ada-"), ("ß", "ss")])
def test_other_letters_make_another_name(one: str, other: str) -> None:
    assert UserName.parse(one).key != UserName.parse(other).key


@BOTH
def test_a_name_is_shown_as_it_was_given(kind: type[UserName | RoomName]) -> None:
    name = kind.parse("  AdA \t")
    assert name == "AdA"
    assert name.key == "ada"
    assert isinstance(name, str)


@pytest.mark.parametrize("raw", ["General", "#General", "##General", " #General ", "＃General"])
def test_the_number_sign_before_a_room_is_dropped(raw: str) -> None:
    assert RoomName.parse(raw) == "General"


@BOTH
def test_the_same_letters_are_the_same_bytes(kind: type[UserName | RoomName]) -> None:
    assert kind.parse("zoe\u0308") == "zo\xeb"


def test_a_name_is_measured_as_it_is_shown() -> None:
    """U+0958 is two code points when composed; 40 jamo are 20 syllables."""
    assert refusal(UserName, "\u0958" * MAX_USER_CHARS).suggestion == "\u0915\u093c" * 16
    assert UserName.parse("\u1100\u1161" * 20) == "가" * 20


@pytest.mark.parametrize("kind, limit", [(UserName, MAX_USER_CHARS), (RoomName, MAX_ROOM_CHARS)])
@pytest.mark.parametrize(
    "letter", ["a", "é", "e\u0301", "\u1100\u1161\u11a8", "ω\u0345\u0313\u0301"]
)
def test_a_name_of_the_greatest_length_is_one_still(
    kind: type[UserName | RoomName], limit: int, letter: str
) -> None:
    name = kind.parse(letter * limit)
    assert len(name) == limit
    refusal(kind, letter * (limit + 1))


def test_a_name_is_measured_as_it_is_compared_too() -> None:
    """ﷺ is 18 letters in a key: a name that is many of them costs what a book does."""
    assert len(RoomName.parse("ﷺ" * 5).key) == 90
    assert "written out" in str(refusal(RoomName, "ﷺ" * 6))


# Properties

TRICKY = st.sampled_from(
    [
        *"aAzZ09 -_.,/#＃!&+\t\n\r\0\x1b",
        *"éßſİıΣςﬁªﾞ①²½ﷺ\u0344\u0345\u0958\u0301\u0335\u0323\u0e33\u0e34\u1100\u1161\u11a8",
        *"אبم٣۳漢か゛・·ʼ☕👍🏽🇩\u034f\u115f\u180e\u200b\u200d\u202e\u2800\u3164\ufe0f\ufeff\ufffd",
        *("\ud800", "\udc00", "\U000e0100", "\U000e0041", "\u2028", "\xa0", "\u3000", "\xad"),
    ]
)
RAW = st.one_of(
    st.text(st.characters(), max_size=60),
    st.text(TRICKY | st.characters(), max_size=60),
    st.text(TRICKY, max_size=20),
    st.text(st.characters(categories=["L", "M", "N"]), max_size=60),
    st.builds(str.__mul__, st.text(TRICKY, min_size=1, max_size=3), st.integers(1, 200)),
)


def is_sound(kind: type[UserName | RoomName], name: str) -> bool:
    """Says the rules again, in other words than the code that is tested."""
    limit = 32 if kind is UserName else 50
    return (
        1 <= len(name) <= limit
        and not any(unicodedata.category(char)[0] in "CZ" for char in name)
        and not any(char in INVISIBLE or char in " ,/\ufffd" for char in name)
        and unicodedata.category(name[0])[0] != "M"
        and unicodedata.is_normalized("NFC", name)
    )


@given(raw=RAW)
@example(raw="\u0958" * 32)
@example(raw="＃＃x y")
@example(raw="a\u034f\u0301")
@example(raw="¨a")
@settings(max_examples=400, deadline=None)
@BOTH
def test_a_name_is_sound_and_stable_or_refused_with_a_sound_suggestion(
    kind: type[UserName | RoomName], raw: str
) -> None:
    try:
        name = kind.parse(raw)
    except InvalidName as error:
        error.message.encode()
        near = error.suggestion
        if near is not None:
            assert kind.parse(near) == near
            assert is_sound(kind, near)
    else:
        assert is_sound(kind, name)
        again = kind.parse(name)
        assert again == name
        assert again.key == name.key != ""


@given(
    st.text(
        st.sampled_from("abcdefzéñøçžабвгджяґєїαβγδεζω") | st.sampled_from("0123456789"),
        min_size=1,
        max_size=32,
    )
)
@settings(deadline=None)
@BOTH
def test_names_in_other_case_or_width_have_one_key(
    kind: type[UserName | RoomName], lower: str
) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isascii() else char for char in lower)
    spellings = [lower, lower.upper(), lower.title(), unicodedata.normalize("NFD", lower), wide]
    assert len({kind.parse(spelling).key for spelling in spellings}) == 1


@BOTH
def test_a_hostile_name_costs_no_more_for_being_long(
    kind: type[UserName | RoomName], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Composing many marks takes time by the square; no more than a name's worth is composed."""
    composed: list[int] = []
    normalize = unicodedata.normalize

    def watched(form: Any, text: str) -> str:
        composed.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", watched)
    refusal(kind, "a" + "\u0301\u0323" * 10_000)
    assert composed
    assert max(composed) <= 4 * MAX_ROOM_CHARS


@BOTH
def test_padding_around_a_name_is_not_kept(kind: type[UserName | RoomName]) -> None:
    """Or a stranger could fill the memory with it: parsed names are cached."""
    assert kind.parse(" " * 10_000 + "ada") is kind.parse("ada")


@BOTH
@pytest.mark.parametrize("raw", ["漢" * 400, "ﷺ" * 40, "a b", "漢" * 30])
def test_what_was_parsed_lately_is_known(
    kind: type[UserName | RoomName], raw: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused or not: who sends it again and again costs nothing."""

    def parse() -> object:
        try:
            return kind.parse(raw)
        except InvalidName as error:
            return str(error)

    first = parse()
    monkeypatch.setattr(kind, "allows", None)
    assert parse() == first


@BOTH
def test_a_name_is_not_parsed_again(kind: type[UserName | RoomName]) -> None:
    name = kind.known("later rules, would not", "let it in")
    assert kind.parse(name) is name


# Free names


def test_a_free_name_is_near_the_taken_one() -> None:
    ada = UserName.parse("ada")
    assert suggest_free(ada, {"ada"}) == "ada2"
    assert suggest_free(ada, {"ada", "ada2", "ada3"}) == "ada4"


def test_a_free_name_is_free_in_every_case() -> None:
    assert suggest_free(UserName.parse("ADA"), {"ada", "ada2"}) == "ADA3"


def test_a_free_name_is_no_longer_than_a_name_may_be() -> None:
    long = UserName.parse("a" * MAX_USER_CHARS)
    taken = {"a" * 31 + str(number) for number in range(2, 10)}
    assert suggest_free(long, taken) == "a" * 30 + "10"


def test_there_is_an_end_to_looking_for_a_free_name() -> None:
    assert suggest_free(UserName.parse("ada"), {f"ada{number}" for number in range(101)}) is None


def test_a_name_that_can_take_no_number_has_no_free_one_near() -> None:
    """Arabic digits and ASCII ones cannot be in one name (RFC 5893, rule 4)."""
    assert suggest_free(UserName.parse("علي٣"), set()) is None
    assert suggest_free(UserName.parse("علي"), set()) == "علي2"


def test_letters_that_are_known_to_be_valid_are() -> None:
    """As the rules have it, character by character; a newer Unicode takes none away."""
    known = [char for char in map(chr, range(0x110000)) if names._SURELY_VALID.fullmatch(char)]
    assert len(known) > 100_000
    for profile in (UserName.PROFILE, RoomName.PROFILE):
        wrong = [char for char in known if not names._is_valid.__wrapped__(profile, char)]
        assert not wrong
    # On its own each is a name of its own: no two of them are one.
    assert all(unicodedata.normalize("NFKC", char) == char for char in known)


SCRIPTS = {
    "Chinese": (0x4E00, 8000),
    "Korean": (0xAC00, 8000),
    "Tangut": (0x17000, 6000),
    "rare Chinese": (0x20000, 40000),
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("end", ["", " "])
def test_names_of_letters_never_seen_before_cost_no_more_than_others(script: str, end: str) -> None:
    first, count = SCRIPTS[script]
    names._is_valid.cache_clear()
    spent = []
    for start in range(first, first + count - 48, 48)[:40]:
        raw = "".join(map(chr, range(start, start + 48))) + end + "x"
        began = time.thread_time()
        with suppress(InvalidName):
            RoomName.parse(raw)
        spent.append(time.thread_time() - began)
    assert median(spent) < 150e-6, "a tenth of a millisecond; a busy machine has cold caches"
