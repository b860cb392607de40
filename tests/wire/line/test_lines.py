from __future__ import annotations

import re
from collections.abc import Iterator
from time import process_time

import pytest

from hubbub.domain.errors import LineTooLong
from hubbub.wire.line import lines
from hubbub.wire.line.editing import edited
from hubbub.wire.line.lines import LineReader

LIMIT = 10


def read(reader: LineReader) -> Iterator[str]:
    """All lines that are there; ``!`` for one over the limit."""
    while True:
        try:
            line = reader.next()
        except LineTooLong:
            yield "!"
            continue
        if line is None:
            return
        yield line


def lines_of(*pieces: bytes) -> list[str]:
    reader = LineReader(LIMIT)
    found: list[str] = []
    for piece in pieces:
        reader.feed(piece)
        found += read(reader)
    return found


@pytest.mark.parametrize(
    "data, found",
    [
        (b"", []),
        (b"ada", []),
        (b"ada\n", ["ada"]),
        (b"ada\r\n", ["ada"]),
        (b"ada\r\r\n", ["ada"]),
        (b"ada\nben\r\neve", ["ada", "ben"]),
        (b" ada \n", [" ada "]),
        (b"a\rb\n", ["a\rb"]),
        (b"\n\r\n \t\r\n\x0b\x0c\x1c\nada\n\n\n", ["ada"]),
        (b"a\0b\n", ["a\0b"]),
        ("\ufeffé\n\ufeffada\n".encode(), ["é", "\ufeffada"]),
        ("\n\ufeffada\n".encode(), ["ada"]),
        (b"ada\r\0ben\r\0\r\0", ["ada", "ben"]),
        (b"x" * 50 + b"\r\0ben\r\0", ["!", "ben"]),
        (b"adx\x7fa\n", ["ada"]),
        (b"ben\b\b\b\bada\r\0", ["ada"]),
        ("aé\b\bada\n".encode(), ["ada"]),
        ("e\u0301\bada\n".encode(), ["ada"]),
        (b"\xe9\n", ["\ufffd"]),
        (b"x" * LIMIT + b"\nben\n", ["x" * LIMIT, "ben"]),
        (b"x" * LIMIT + b"\r\nben\n", ["x" * LIMIT, "ben"]),
        (b"x" * (LIMIT + 1) + b"\nben\n", ["!", "ben"]),
        (b"x" * (LIMIT + 1) + b"\r\nben\r\n", ["!", "ben"]),
        (b"x" * LIMIT + b"\rx\nben\n", ["!", "ben"]),
        (b"x" * 500 + b"\n\n" + b"y" * 500 + b"\nben\n", ["!", "!", "ben"]),
        (b"x" * 500, ["!"]),
        ("é".encode() * 5 + b"\n", ["é" * 5]),
        ("é".encode() * 6 + b"\n", ["!"]),
        (b"\xff\xf1" * 50 + b"ada\n", ["ada"]),
    ],
)
def test_lines_are_the_same_whole_and_byte_by_byte(data: bytes, found: list[str]) -> None:
    assert lines_of(data) == found
    assert lines_of(*(bytes([byte]) for byte in data)) == found


@pytest.mark.parametrize(
    "seen",
    [
        "é",
        "e\u0301\u0302",
        "\U0001f44d\U0001f3fd",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "❤\ufe0f",
    ],
)
@pytest.mark.parametrize("backspace", ["\b", "\x7f"])
def test_a_backspace_takes_what_a_person_sees_as_one(seen: str, backspace: str) -> None:
    assert edited(f"a{seen}{backspace}b") == "ab"
    assert edited(f"{seen}{backspace}{backspace}b") == "b"


def test_a_byte_order_mark_is_no_part_of_a_first_line_that_a_pause_ends() -> None:
    reader = LineReader(LIMIT)
    reader.feed("\ufeffada".encode())
    reader.pause()
    assert list(read(reader)) == ["ada"]


@pytest.mark.parametrize(
    "piece, end",
    [
        (b" ", b"x\n"),
        (b"\t", b"\n"),
        (b" \n", b"x\n"),
        (b"x", b"\n"),
        (b"x\b", b"\n"),
        (b"\r", b"\0"),
    ],
)
def test_bytes_that_come_one_by_one_cost_in_proportion(piece: bytes, end: bytes) -> None:
    """What is looked at again with each of them is short, or looked at by the C library."""

    def cost(count: int) -> float:
        reader = LineReader(64 * 1024)
        began = process_time()
        for _ in range(count):
            reader.feed(piece)
            list(read(reader))
        reader.feed(end)
        list(read(reader))
        return process_time() - began

    assert min(cost(24_000) for _ in range(2)) < 0.7


def test_the_sentence_for_a_long_line_tells_the_limit() -> None:
    reader = LineReader(32 * 1024)
    reader.feed(b"x" * 40_000)
    with pytest.raises(LineTooLong, match=r"longer than 32,768 bytes\. It was not sent"):
        reader.next()


@pytest.mark.parametrize("data, crlf", [(b"ada\r\nben\n", True), (b"ada\nben\r\n", False)])
@pytest.mark.parametrize("before", [b"", b"\xff\xfd\x01"])
def test_the_first_line_tells_the_client_s_line_end(before: bytes, data: bytes, crlf: bool) -> None:
    reader = LineReader(LIMIT)
    reader.feed(before + data)
    assert list(read(reader)) == ["ada", "ben"]
    assert reader.crlf is crlf


@pytest.mark.parametrize("end, crlf", [(b"\n", False), (b"\r\n", True)])
@pytest.mark.parametrize("line", [b"", b"  ", b"x" * LIMIT, b"x" * 50])
def test_an_empty_or_long_first_line_tells_it_as_well(line: bytes, end: bytes, crlf: bool) -> None:
    for cut in range(len(line + end)):
        reader = LineReader(LIMIT)
        for piece in (line + end)[:cut], (line + end)[cut:]:
            reader.feed(piece)
            assert len(list(read(reader))) <= 1
        reader.feed(b"ada\n")
        assert list(read(reader)) == ["ada"]
        assert reader.crlf is crlf


@pytest.mark.parametrize(
    "data, unread, partial",
    [
        (b"", "all", False),
        (b"ada", "all", True),
        (b"ada\n", "all", False),
        (b"ada\nben", "all", True),
        (b"ada\nben", "nothing", True),
        (b"ada\nben\n", "nothing", False),
        (b"x" * 50, "all", True),
        (b"x" * 50 + b"\n", "all", False),
    ],
)
def test_a_line_without_an_end_is_known_as_such(data: bytes, unread: str, partial: bool) -> None:
    """Whether or not the lines before it have been read: a pause or the end has to end it."""
    reader = LineReader(LIMIT)
    reader.feed(data)
    if unread == "all":
        list(read(reader))
    assert reader.partial is partial


def test_the_end_ends_the_last_line_also_when_others_wait_before_it() -> None:
    reader = LineReader(LIMIT)
    reader.feed(b"ada\nben")
    reader.finish()
    reader.finish()
    assert list(read(reader)) == ["ada", "ben"]


def test_a_pause_ends_a_first_segment_of_two_characters_and_those_that_follow() -> None:
    reader = LineReader(LIMIT)
    found: list[str] = []
    for segment in (b"ad", b"b", b"", b"c\nd", b"e\n", b"x" * 50, b"f"):
        reader.feed(segment)
        found += read(reader)
        reader.pause()
        found += read(reader)
        assert reader.segments
    assert found == ["ad", "b", "c", "d", "e", "!", "f"]


@pytest.mark.parametrize(
    "pieces",
    [
        [b"a"],
        ["é".encode()],
        [b"a", b"d"],
        [b"\xc3", b"\xa9"],
        [b" a "],
        [b"\xff\xfb\x1fa"],
        [b"\n", b"ada"],
        [b"\xff\xfb\x1f\r\n", b"ada"],
        [b"ben\n", b"ada"],
        [b"ben\nada"],
        [b"x" * 50 + b"\n", b"ada"],
    ],
)
def test_a_pause_does_not_end_the_line_of_who_types_or_has_ended_one(pieces: list[bytes]) -> None:
    reader = LineReader(LIMIT)
    for piece in pieces:
        reader.feed(piece)
        list(read(reader))
        reader.pause()
        assert list(read(reader)) == []
    assert not reader.segments
    assert reader.partial


def test_a_pause_before_the_lines_are_read_does_not_end_the_last_one() -> None:
    reader = LineReader(LIMIT)
    reader.feed(b"ben\nada")
    reader.pause()
    assert list(read(reader)) == ["ben"]
    assert not reader.segments


class Counted:
    """A pattern that counts how often it is asked."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self.pattern = pattern
        self.count = 0

    def match(self, data: bytes, start: int) -> re.Match[bytes] | None:
        self.count += 1
        return self.pattern.match(data, start)


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \t\r\n", b"\x0b\n"])
def test_a_flood_of_blank_lines_is_one_step(monkeypatch: pytest.MonkeyPatch, blank: bytes) -> None:
    counted = Counted(lines._BLANK_LINES)
    monkeypatch.setattr(lines, "_BLANK_LINES", counted)
    reader = LineReader(LIMIT)
    reader.feed(blank * 50_000 + b"ada\n")
    assert reader.next() == "ada"
    assert counted.count == 1


def test_a_line_over_the_limit_is_not_kept() -> None:
    reader = LineReader(LIMIT)
    for _ in range(100):
        reader.feed(b"x" * 1000)
        list(read(reader))
    assert len(reader._buffer) == 0
