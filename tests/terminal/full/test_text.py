"""What a text looks like on cells: harmless, of agreed width, wrapped, marked, copied."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from hubbub.domain.events import Joined, Left
from hubbub.terminal.full.model.display import char_width, cut, fitted, lines_of, shown, width
from hubbub.terminal.full.model.lines import Look, event_rows
from hubbub.terminal.full.model.rows import Role, Run, copied, rows_of
from hubbub.terminal.full.model.sought import highlighted, places
from hubbub.terminal.full.model.wrap import wrap
from hubbub.terminal.full.model.written import written

TRICKY = (
    "aé漢🎉\u0301\u200d\ufe0f\U0001f3fd\U0001f1e9\U0001f1ea\x1b\x9b\u202e\u2066\u200f"
    "\t\r\nกำनि한\u1112\u1161\u00ad\ufeff "
)
texts = st.text(st.one_of(st.characters(), st.sampled_from(TRICKY)), max_size=60)
pieces = st.one_of(st.sampled_from("*_~`>\n ada"), st.sampled_from(TRICKY))
marked_texts = st.lists(st.one_of(pieces, st.just("https://x.y/")), max_size=60).map("".join)


@given(texts)
def test_nothing_that_is_shown_is_a_control_or_turns_the_direction(text: str) -> None:
    for line in lines_of(text):
        assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in line)
        assert not set(line) & set(
            "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        )
        line.encode()


@given(texts)
def test_all_agree_on_the_width_of_what_is_shown(text: str) -> None:
    for line in lines_of(text):
        assert width(line) == cell_len(line) == sum(map(cell_len, line))


@given(texts)
def test_what_is_shown_is_shown_as_it_is(text: str) -> None:
    line = shown(text)
    assert shown(line) == line


@pytest.mark.parametrize(
    "text, expected",
    [
        ("\x1b[2J", "␛[2J"),
        ("tab\there", "tab    here"),
        ("👩‍👩‍👧", "👩👩👧"),
        ("👍🏽", "👍"),
        ("❤️", "❤"),
        ("🇩🇪🇫🇷", "🇩🇪🇫🇷"),
        ("🇩🇪🇫", "🇩🇪F"),
        ("e\u0301", "é"),
        ("z" + "\u0310" * 40, "z" + "\u0310" * 8),
        ("\u0310a", "◌\u0310a"),
        ("\u1112\u1161\u11ab", "한"),
        ("safe\u202eevil", "safe\ufffdevil"),
    ],
)
def test_sequences_are_cut_to_sense(text: str, expected: str) -> None:
    assert shown(text) == expected


@given(texts, st.integers(0, 30))
def test_what_is_cut_fits(text: str, cells: int) -> None:
    line = shown(text)
    assert width(cut(line, cells)) <= cells
    assert width(fitted(line, cells)) == cells


@given(texts, st.integers(1, 40), st.integers(1, 40))
def test_rows_fit_and_lose_nothing_but_the_spaces_they_end_at(
    text: str, first: int, rest: int
) -> None:
    line = shown(text)
    spans = wrap(line, first, rest)
    last = 0
    for number, (start, end) in enumerate(spans):
        assert line[last:start].strip(" ") == ""
        assert start - last <= 1
        limit = first if number == 0 else rest
        cells = width(line[start:end])
        assert cells <= max(limit, 2) or sum(map(bool, map(char_width, line[start:end]))) == 1
        last = end
    assert line[last:].strip(" ") == ""


def test_words_stay_whole_and_wide_letters_may_part() -> None:
    assert _rows("one two three", 8) == ["one two", "three"]
    assert _rows("漢字漢字", 5) == ["漢字", "漢字"]
    assert _rows("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def _rows(text: str, cells: int) -> list[str]:
    return [text[start:end] for start, end in wrap(text, cells, cells)]


@given(texts, st.integers(10, 40))
def test_a_copy_of_all_rows_is_the_text(text: str, cells: int) -> None:
    lines = lines_of(text)
    rows = rows_of([[Run(line, Role.TEXT)] for line in lines], cells)
    assert all(width(row.plain) <= cells for row in rows)
    copy = copied([(row, 0, None) for row in rows])
    assert [line.rstrip(" ") for line in copy.split("\n")] == [line.rstrip(" ") for line in lines]


@pytest.mark.parametrize(
    "text, links",
    [
        ("see https://example.org/.", ["https://example.org/"]),
        ("(https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        (
            "HTTP://EXAMPLE.ORG and http://b.example?q=1&r=2!",
            ["HTTP://EXAMPLE.ORG", "http://b.example?q=1&r=2"],
        ),
        ("*https://example.org/a*", ["https://example.org/a"]),
        ("javascript:alert(1) file:///etc/passwd ftp://x.example", []),
        ("xhttps://example.org", []),
    ],
)
def test_only_web_addresses_are_links(text: str, links: list[str]) -> None:
    (line,) = written(text, None)
    assert [run.key for run in line if run.role is Role.LINK] == links


@given(marked_texts, st.sampled_from(["ada", "a", "漢", "İ"]))
def test_markup_changes_no_letter(text: str, me: str) -> None:
    lines = written(text, me)
    assert len(lines) == len(lines_of(text))
    for runs, line in zip(lines, lines_of(text), strict=True):
        # A mark that a piece begins with has something below it.
        assert "".join(run.text for run in runs).replace("◌", "") == line.replace("◌", "")
        plain = "".join(run.text for run in runs)
        assert "".join(run.text for run in highlighted(runs, me.casefold())) == plain


@given(marked_texts)
def test_nothing_of_what_is_written_reaches_the_terminal_unshown(text: str) -> None:
    for line in written(text, "ada"):
        for run in line:
            assert shown(run.text) == run.text
            assert shown(run.key) == run.key


@pytest.mark.parametrize(
    "text, runs",
    [
        ("plain", ["TEXT:plain"]),
        ("*b _i_*", ["MARK:*", "TEXT*:b ", "MARK:_", "TEXT*_:i", "MARK:_", "MARK:*"]),
        ("~ada~!", ["MARK:~", "MENTION~:ada", "MARK:~", "TEXT:!"]),
        ("`*ada*`", ["MARK:`", "CODE:*ada*", "MARK:`"]),
        ("> so *b*", ["MARK:> ", "QUOTE:so ", "MARK:*", "QUOTE*:b", "MARK:*"]),
        ("```py\n*a*\n```", ["MARK:```py", "CODE_BLOCK:*a*", "MARK:```"]),
        ("```\nnever closed", ["TEXT:```", "TEXT:never closed"]),
        ("a_b_c 2*3*4", ["TEXT:a_b_c 2*3*4"]),
        ("", []),
    ],
)
def test_the_grammar_is_shown_with_its_marks(text: str, runs: list[str]) -> None:
    lines = written(text, "ada")
    assert [f"{run.role.name}{run.within}:{run.text}" for line in lines for run in line] == runs


@given(marked_texts, st.integers(10, 40))
def test_a_copy_of_marked_text_has_its_marks(text: str, cells: int) -> None:
    rows = rows_of(written(text, "ada"), cells)
    assert all(width(row.plain) <= cells for row in rows)
    copy = copied([(row, 0, None) for row in rows]).replace("◌", "")
    lines = [line.rstrip(" ") for line in lines_of(text.replace("◌", ""))]
    assert [line.rstrip(" ") for line in copy.split("\n")] == [
        line.replace("◌", "") for line in lines
    ]


def test_what_is_sought_is_found_whatever_the_case_and_over_runs() -> None:
    assert places("STRASSE Straße", "strasse") == [(0, 7), (8, 14)]
    runs = [Run("ab", Role.TEXT), Run("cd", Role.LINK, "x")]
    assert [(run.text, run.role) for run in highlighted(runs, "bc")] == [
        ("a", Role.TEXT),
        ("b", Role.MATCH),
        ("c", Role.MATCH),
        ("d", Role.LINK),
    ]


def test_a_new_name_is_one_line_and_the_leave_of_the_former_one_none() -> None:
    (row,) = event_rows(Joined(7, 0, "Anna-Maria", was="Anna"), Look(local=time.gmtime))
    assert row.plain.endswith("Anna is now Anna-Maria.")
    assert event_rows(Left(8, 0, "Anna", now="Anna-Maria"), Look(local=time.gmtime)) == []
