from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.filenames import parse_file_name, spoken_size, too_large
from hubbub.domain.files import MAX_FILE_NAME_CHARS


@pytest.mark.parametrize(
    "raw, name",
    [
        ("cat.png", "cat.png"),
        ("Übersicht 2026.pdf", "Übersicht 2026.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\cat.png", "cat.png"),
        ("folder/", "folder"),
        ("", "file"),
        ("..", "file"),
        (" . ", "file"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\0b\r\nSet-Cookie: x", "ab Set-Cookie_ x"),
        ('"quoted"<b>.html', "_quoted__b_.html"),
        ("\ud83d.txt", "?.txt".replace("?", "_")),
        ("e\u0301.txt", "é.txt"),
        ("👩\u200d🚀.gif", "👩\u200d🚀.gif"),
        (".htaccess", "htaccess"),
        ("\u200d", "file"),
        ("\u3164 \u2800\ufe0f", "file"),
    ],
)
def test_a_name_is_one_part_of_a_path_that_shows_what_it_is(raw: str, name: str) -> None:
    assert parse_file_name(raw) == name


def test_a_long_name_keeps_its_ending() -> None:
    name = parse_file_name("a" * 1000 + ".jpeg")
    assert len(name) == MAX_FILE_NAME_CHARS
    assert name.endswith("a.jpeg")
    assert parse_file_name("." + "a" * 1000) == "a" * MAX_FILE_NAME_CHARS


@given(st.text())
def test_a_name_can_be_shown_and_served_whatever_it_was(raw: str) -> None:
    name = parse_file_name(raw)
    assert 1 <= len(name) <= MAX_FILE_NAME_CHARS
    assert not set(name) & set('/\\\r\n\0"<>')
    assert parse_file_name(name) == name
    assert unicodedata.normalize("NFC", name) == name
    name.encode()


@pytest.mark.parametrize(
    "size, said",
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (12_345, "12 KiB"),
        (2**20 - 1, "1.0 MiB"),
        (3_565_158, "3.4 MiB"),
        (26_214_400, "25 MiB"),
        (5 * 2**30, "5.0 GiB"),
        (3000 * 2**30, "3000 GiB"),
    ],
)
def test_a_size_is_said_in_few_digits(size: int, said: str) -> None:
    assert spoken_size(size) == said


def test_who_has_hardly_too_much_is_told_how_much() -> None:
    most = 25 * 1024 * 1024
    assert too_large(2 * most, most) == "This file has 50 MiB; 25 MiB are allowed."
    assert too_large(most + 1, most) == "This file has 26,214,401 bytes; 26,214,400 are allowed."
