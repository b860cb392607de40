"""Links: where a code stands in one, and what is read from a link that was pasted."""

from __future__ import annotations

import secrets

import pytest

from hubbub.domain.tickets import (
    CODE_CHARS,
    RoomLink,
    fragment,
    invitation_code,
    is_code,
    room_link,
)

CODE = "0123456789abcdefABCDEF-_"


def test_what_the_server_makes_looks_like_a_code() -> None:
    for _ in range(50):
        assert is_code(secrets.token_urlsafe(CODE_CHARS * 3 // 4))


@pytest.mark.parametrize("word", ["", CODE[1:], f"{CODE}x", CODE.replace("-", " "), CODE + "\n"])
def test_other_words_do_not(word: str) -> None:
    assert not is_code(word)


@pytest.mark.parametrize(
    "room, user, expected",
    [
        ("Lab", None, f"#?room=Lab&invite={CODE}"),
        ("Küche&Bad", None, f"#?room=K%C3%BCche%26Bad&invite={CODE}"),
        ("/server", None, f"#?invite={CODE}"),
        ("/server", "ada", f"#?user=ada&reset={CODE}"),
    ],
)
def test_a_code_stands_in_the_fragment_which_no_server_is_told(
    room: str, user: str | None, expected: str
) -> None:
    assert fragment(room, CODE, user) == expected


@pytest.mark.parametrize("room", ["Lab", "Küche&Bad", "c#", "50%+"])
@pytest.mark.parametrize("before", ["", "http://127.0.0.1:8080/", " https://chat.example.org/x/"])
def test_a_link_that_is_pasted_leads_into_its_room(before: str, room: str) -> None:
    assert room_link(f"{before}{fragment(room, CODE)} ") == RoomLink(room, CODE)


@pytest.mark.parametrize(
    "typed",
    [
        *("Lab", "c#", "why?", "", f"#?invite={CODE}", f"#?room=&invite={CODE}"),
        *(f"#?user=ada&reset={CODE}", "#?room=Lab", f"#?room=Lab&invite={CODE} now"),
    ],
)
def test_anything_else_is_no_link_into_a_room(typed: str) -> None:
    assert room_link(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        f" {CODE} ",
        f"https://chat.example/#?invite={CODE}\n",
        f"http://127.0.0.1:8080/{fragment('Lab', CODE)}",
    ],
)
def test_an_invitation_is_given_by_its_code_or_by_the_whole_link(typed: str) -> None:
    assert invitation_code(typed) == CODE


def test_what_is_no_link_is_a_code_as_it_was_typed() -> None:
    assert invitation_code("what? #?invite= now") == "what? #?invite= now"
