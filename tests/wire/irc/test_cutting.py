"""Texts that are longer than a line of IRC."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from hubbub.wire.irc.cutting import MIN_BYTES, cut, cut_formatted
from hubbub.wire.irc.formatting import without_codes

FAMILY = "👨‍👩‍👧‍👦"  # one character of seven code points and 25 bytes
LINES = st.text(
    st.sampled_from(["a", "b", " ", "é", "漢", "\u0301", "\u200d", "👩", "🏽", "\x02", "\x1d"]),
    max_size=400,
)


def test_what_fits_is_one_piece() -> None:
    assert cut("", 80) == [""]
    assert cut("a" * 80, 80) == ["a" * 80]
    assert cut("é" * 40, 80) == ["é" * 40]


def test_it_is_cut_between_words() -> None:
    words = "one two three " * 20
    pieces = cut(words, 100)
    assert all(piece.endswith(" ") for piece in pieces[:-1])
    assert "".join(pieces) == words
    assert len(pieces) == 3


def test_a_long_word_is_cut_between_characters_as_people_see_them() -> None:
    pieces = cut(FAMILY * 20, 100)
    assert pieces == [FAMILY * 4] * 5


def test_a_character_that_fits_no_line_is_cut_all_the_same() -> None:
    zalgo = "a" + "\u0301" * 200
    pieces = cut(f"{zalgo} b", 100)
    assert "".join(pieces) == f"{zalgo} b"
    assert max(len(piece.encode()) for piece in pieces) <= 100


@given(LINES, st.integers(0, 150))
@example("a " + "b" * 59 + "漢", 60)
@example("x" * 59 + FAMILY * 5, 60)
def test_no_piece_is_too_long_and_together_they_are_the_text(text: str, limit: int) -> None:
    pieces = cut(text, limit)
    most = max(limit, MIN_BYTES)
    assert "".join(pieces) == text
    assert all(len(piece.encode()) <= most for piece in pieces)
    assert all(pieces) or pieces == [""]


@given(LINES, st.integers(60, 150))
def test_no_character_that_fits_is_cut(text: str, limit: int) -> None:
    whole = list(iter_graphemes(text))
    ends, place = set(), 0
    for part in whole:
        place += len(part)
        ends.add(place)
    if any(len(part.encode()) > limit for part in whole):
        return
    place = 0
    for piece in cut(text, limit):
        place += len(piece)
        assert place in ends or not text


@given(LINES, st.integers(0, 150))
def test_what_is_bold_goes_on_in_the_next_line(text: str, limit: int) -> None:
    pieces = cut_formatted(text, limit)
    assert all(len(piece.encode()) <= max(limit, MIN_BYTES) for piece in pieces)
    assert "".join(map(without_codes, pieces)) == without_codes(text)


def test_codes_that_are_in_force_are_said_again() -> None:
    pieces = cut_formatted(f"\x02{'word ' * 30}\x02 and more", 100)
    assert len(pieces) == 2
    assert pieces[1].startswith("\x02word")
