from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubbub.domain.errors import ChatError
from hubbub.domain.events import Event, Joined, Left, Quote, Said
from hubbub.domain.names import RoomName
from hubbub.domain.replies import SomeoneTyping
from hubbub.domain.text import parse_text
from hubbub.wire.line.format import LineFormat, harmless, text_lines

GENERAL = RoomName.parse("General")
FORMAT = LineFormat(lambda at: f"T{at}")
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    "event, lines",
    [
        (Said(1, 7, "ada", "hello"), ["[T7] ada: hello"]),
        (Said(1, 7, "ada", "hello", reply_to=3), ["[T7] ada: hello"]),
        (
            Said(4, 7, "ben", "one\ntwo", 3, Quote("ada", "what?\x1b[2J\nx")),
            [f"[T7] ben: {x}" for x in ("> ada: what?␛[2J␊x", "one", "two")],
        ),
        (Said(1, 7, "ada", "  é ☕"), ["[T7] ada:   é ☕"]),
        (Said(1, 7, "ada", "a\tb"), ["[T7] ada: a\tb"]),
        (
            Said(1, 7, "ada", "one\ntwo\n\nthree"),
            [f"[T7] ada: {x}" for x in ("one", "two", "", "three")],
        ),
        (Joined(1, 7, "ada"), ["[T7] ada has joined the chat!"]),
        (Left(1, 7, "ada"), ["[T7] ada has left the chat!"]),
        (Left(1, 7, "ada", gone=True, reason="see you"), ["[T7] ada has left the chat: see you"]),
        (Joined(1, 7, "Anna-Maria", "Anna\x1b"), ["[T7] Anna␛ is now Anna-Maria."]),
        (Left(1, 7, "Anna", "Anna-Maria"), []),
        (Event(1, 7, "ada"), []),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_event_is_a_line(event: Event, lines: list[str], newline: str) -> None:
    format = LineFormat(lambda at: f"T{at}", newline)
    assert format.lines(event) == lines
    shown = format.events(GENERAL, [event, event])  # type: ignore[list-item]
    assert shown.decode() == "".join(line + newline for line in [*lines, *lines])


def test_nothing_is_no_line() -> None:
    assert FORMAT.events(GENERAL, []) == b""


def test_a_notice_is_no_line() -> None:
    assert FORMAT.notice(SomeoneTyping(room="General", by="ada")) == b""


@pytest.mark.parametrize(
    "text, shown",
    [
        ("\x1b[2J\x1b]0;title\x07", "␛[2J␛]0;title␇"),
        ("\x9b2J", "\ufffd2J"),
        ("a\x08\x7f\0", "a␈␡␀"),
        ("a\x85b", "a\ufffdb"),
        ("a\rb", "a␍b"),
        ("a\nb", "a␊b"),
        ("a\tb", "a\tb"),
        ("\u2028\u2029", "\ufffd\ufffd"),
        (BIDI, "\ufffd" * len(BIDI)),
        ("👨\u200d👩", "👨\u200d👩"),
        ("שלום\u200f!", "שלום\u200f!"),
        ("\xa0\xad", "\xa0\xad"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(text: str, shown: str) -> None:
    assert harmless(text) == shown


@pytest.mark.parametrize("end", [*"\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", "\r\n"])
def test_a_text_cannot_forge_a_line_of_someone_else(end: str) -> None:
    said = Said(1, 7, "eve", f"hm{end}[T7] ada: I agree")
    assert FORMAT.lines(said) == ["[T7] eve: hm", "[T7] eve: [T7] ada: I agree"]


HOSTILE = st.text(
    st.characters()
    | st.sampled_from(f"\n\r\t\x0b\x0c\x1b\x1c\x85\x9b\x7f\0\u2028{BIDI}\ud800 :[]"),
    max_size=60,
)


@given(HOSTILE)
@example("\ud800")
@example("a\n\nb")
@settings(max_examples=400, deadline=None)
def test_whatever_is_said_every_line_is_its_speaker_s_and_only_text(text: str) -> None:
    shown = FORMAT.events(GENERAL, [Said(1, 7, "eve", text)]).decode()
    lines = shown.splitlines()
    assert lines == shown.removesuffix("\n").split("\n") if shown else not text
    assert all(line.startswith("[T7] eve: ") for line in lines)
    obeyed = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *BIDI, "\u2028", "\u2029"}
    assert not (obeyed - {"\t"}) & set("".join(lines))


@given(
    st.text(st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("\n\t :"), max_size=60)
)
@settings(max_examples=300, deadline=None)
def test_what_is_said_can_be_read_back_from_its_lines(raw: str) -> None:
    try:
        text = parse_text(raw, 60)
    except ChatError:
        return
    shown = FORMAT.events(GENERAL, [Said(1, 7, "ada", text)]).decode()
    read = [line.removeprefix("[T7] ada: ") for line in shown.split("\n")[:-1]]
    assert "\n".join(read) == text


@given(HOSTILE)
@settings(deadline=None)
def test_text_that_is_shown_stays_as_it_is_when_shown_again(text: str) -> None:
    for line in text_lines(text):
        assert text_lines(line) == [line]
