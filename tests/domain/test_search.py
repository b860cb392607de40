from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.errors import BadMessage, ChatError
from hubbub.domain.search import EXCERPT_CHARS, MAX_TERMS, excerpt, fits, has_link, parse_query

DAY = 1_767_225_600_000  # 2026-01-01, 00:00 UTC, in ms


def found(query: str, text: str) -> list[str] | None:
    """The marked pieces of the excerpt; None when the text does not fit."""
    spots = fits(parse_query(query), at=DAY, by="Ada", text=text)
    return None if spots is None else excerpt(text, spots)[1::2]


@pytest.mark.parametrize(
    "query, text, marked",
    [
        ("hello", "Hello, hello!", ["Hello", "hello"]),
        ("world hello", "Hello big world", ["Hello", "world"]),
        ("hello world", "hello", None),
        ("pancake", "two Pancakes", ["Pancakes"]),
        ("pancake from:ada", "two pancakes", ["pancakes"]),
        ("pancake two", "two pancakes", None),
        ("two pancake", "two pancakes", ["two", "pancakes"]),
        ('"pancake"', "two pancakes", None),
        ("ancake", "two pancakes", None),
        ("go", "good", None),
        ("go*", "good", ["good"]),
        ("foo.ba", "foo.bar", None),
        ("foo.bar", "foo.barred", ["foo.barred"]),
        ("hel*", "hello help shell", ["hello", "help"]),
        ('"big world"', "the big  world", ["big world"]),
        ('"big world"', "world big", None),
        ("foo.bar", "see foo.bar", ["foo.bar"]),
        ('"big wor*"', "big world", None),
        ("grusse", "Grüße", ["Grüße"]),
        ("GRÜSSE", "grusse", ["grusse"]),
        ("ёж", "Еж", ["Еж"]),
        ("я", "я и ты, моя", ["я"]),
        ("好", "你好吗", ["好"]),
        ("你好", "你好吗，你好", ["你好", "你好"]),
        ("你吗", "你好吗", None),
        ("你好吗", "你好", None),
        ("ガ", "ｶﾞｽ", ["ｶﾞｽ"]),
        ("😀", "so 😀😀", ["😀", "😀"]),
        ("Ada小明", "Ada小明请看", ["Ada小明"]),
        ("Ada明", "Ada小明", None),
        ('"小 hello"', "大小 hello", ["小 hello"]),
        ("ab bc", "abc ab bc", ["ab", "bc"]),
        ("hello hel*", "hello", ["hello"]),
        ("⭐", "a ⭐ in the night", ["⭐"]),
        ("▶️", "▶ and ▶️", ["▶", "▶️"]),
        ("#️⃣", "#️⃣ is no #", ["#️⃣"]),
        ("\U0001fabf", "a \U0001fabf\U0001fabf", ["\U0001fabf", "\U0001fabf"]),
        ("⭐", "star", None),
        ("5€", "5€ or 5 €", ["5€", "5 €"]),
        ("lodz", "Łódź", ["Łódź"]),
        ("Łódź", "lodz", ["lodz"]),
        ("smorrebrod", "smørrebrød", ["smørrebrød"]),
        ("strasse aether", "straße æther", ["straße", "æther"]),
        ('"a b c d e f g h i j"', "a b c d e f g h i j", ["a b c d e f g h i j"]),
        ('"小 x y 大"', "大小 x y 大小", ["小 x y 大"]),
        ("from:ada", "anything", []),
        ("from:ben", "anything", None),
        ("has:link", "see https://x.example", []),
        ("has:link", "see http:// nothing", None),
        ("before:2026-01-01", "x", None),
        ("before:2026-01-02", "x", []),
        ("after:2026-01-01", "x", []),
        ("after:2026-01-02", "x", None),
    ],
)
def test_what_fits_is_marked(query: str, text: str, marked: list[str] | None) -> None:
    assert found(query, text) == marked


def test_filters_are_those_of_the_documentation_in_any_case() -> None:
    query = parse_query("FROM:Ada In:#General After:2025-12-31 before:2026-01-01 has:LINK tea")
    assert (query.by, query.room, query.link) == ("Ada", "General", True)
    assert (query.since, query.until) == (DAY - 86_400_000, DAY)
    assert len(query.terms) == 1


def test_what_looks_like_a_filter_can_be_quoted() -> None:
    assert parse_query('"from:ada"').by is None


@pytest.mark.parametrize(
    "raw",
    [
        "",
        '""',
        "*",
        "⟨ in:R",
        "tea ?",
        '"…" tea',
        "\ue000",
        "from:",
        "has:",
        "in: x",
        "before:2026-13-01",
        "from:a from:b",
        "after:x",
    ],
)
def test_what_is_no_query_is_refused(raw: str) -> None:
    with pytest.raises(BadMessage):
        parse_query(raw)


def test_a_term_that_cannot_be_searched_for_is_named() -> None:
    """Were it dropped, ``? in:General`` would find everything."""
    with pytest.raises(BadMessage, match=r'^"\?\?" cannot be searched for'):
        parse_query("tea ?? in:General")
    assert len(parse_query('tea "" in:General').terms) == 1, "of an empty phrase nothing is dropped"


def test_a_query_has_a_limit_of_words() -> None:
    parse_query(" ".join(map(str, range(MAX_TERMS))))
    with pytest.raises(BadMessage, match=str(MAX_TERMS)):
        parse_query("x " * (MAX_TERMS + 1))


@pytest.mark.parametrize(
    "text, pieces",
    [
        ("so hello to you", ["so ", "hello", " to you"]),
        ("hello", ["", "hello", ""]),
        ("a\n\nhello\tb", ["a ", "hello", " b"]),
        (
            "x" * 100 + " hello " + "y" * 200,
            ["…" + "x" * 59 + " ", "hello", " " + "y" * (EXCERPT_CHARS - 66) + "…"],
        ),
        ("x" * 300 + " hello", ["…" + "x" * (EXCERPT_CHARS - 6) + " ", "hello", ""]),
    ],
)
def test_an_excerpt_is_plain_and_marked_in_turn(text: str, pieces: list[str]) -> None:
    spots = fits(parse_query("hello"), at=0, by="ada", text=text)
    assert spots is not None
    assert excerpt(text, spots) == pieces


@given(st.text(max_size=400), st.text(max_size=20))
def test_an_excerpt_is_short_and_begins_with_plain_text(text: str, sought: str) -> None:
    try:
        query = parse_query(f"{sought} x*")
    except ChatError:
        return
    spots = fits(query, at=0, by="ada", text=text)
    if spots is not None:
        pieces = excerpt(text, spots)
        assert len(pieces) % 2 == 1
        assert len("".join(pieces)) <= EXCERPT_CHARS + 2
        assert all(pieces[1::2])


@given(st.text(max_size=60), st.data())
def test_a_text_is_found_by_each_of_its_words(text: str, data: st.DataObject) -> None:
    from hubbub.domain.words import words

    here = list(words(text))
    if here:
        word = data.draw(st.sampled_from(here))
        assert found(f'"{text[word.start : word.end]}"', text)


def test_a_link_has_something_behind_it() -> None:
    assert has_link("HTTP://x")
    assert not has_link("https:// x")
