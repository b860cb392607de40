"""One message of IRC, parsed and written, and its lines."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubbub.domain.told import MAX_KEY_CHARS, MAX_TAGS
from hubbub.wire.irc.clienttags import client_tags, id_of_signal, shown_tags
from hubbub.wire.irc.lines import IrcReader, NotUtf8, TooLong
from hubbub.wire.irc.message import (
    MAX_CLIENT_TAG_BYTES,
    Message,
    escaped,
    parse,
    parse_tags,
    unescaped,
    written,
)

NO_LINE_END = st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])
WORD = st.text(
    st.characters(exclude_characters="\r\n\0 :", exclude_categories=["Cs"]), min_size=1, max_size=8
)
KEY = st.from_regex(r"\+?([a-z0-9.]{1,6}/)?[a-z0-9-]{1,8}", fullmatch=True)
VALUE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@pytest.mark.parametrize(
    "line, message",
    [
        ("PING", Message("PING")),
        ("ping x", Message("PING", ("x",))),
        ("PRIVMSG #a :b c", Message("PRIVMSG", ("#a", "b c"))),
        ("PRIVMSG #a ::", Message("PRIVMSG", ("#a", ":"))),
        ("PRIVMSG  #a   b ", Message("PRIVMSG", ("#a", "b"))),
        ("TOPIC #a :", Message("TOPIC", ("#a", ""))),
        (":ada!a@b NICK ben", Message("NICK", ("ben",), "ada!a@b")),
        ("@a=b;+c :ada X", Message("X", (), "ada", {"a": "b", "+c": ""})),
        (r"@a=\:\s\\\r\n\b\ X", Message("X", (), "", {"a": "; \\\r\nb"})),
        ("@;=x;a X", Message("X", (), "", {"a": ""})),
        ("@a=b", None),
        ("", None),
        (":", None),
        ("   ", None),
    ],
)
def test_a_line_is_a_message(line: str, message: Message | None) -> None:
    assert parse(line) == message


@given(VALUE)
@example("; \\\r\n")
@example("\\s")
def test_what_a_tag_says_comes_back(value: str) -> None:
    assert unescaped(escaped(value)) == value
    assert not set(escaped(value)) & set("; \r\n")


@given(st.dictionaries(KEY, VALUE, max_size=4))
def test_tags_come_back(tags: dict[str, str]) -> None:
    message = parse(written("X", tags=tags).removesuffix("\r\n"))
    assert message == Message("X", (), "", tags)


@given(
    st.from_regex(r"[A-Z]{1,8}|[0-9]{3}", fullmatch=True),
    st.lists(WORD, max_size=5),
    st.none() | st.text(NO_LINE_END, max_size=12),
    st.just("") | WORD,
    st.dictionaries(KEY, VALUE, max_size=3),
)
def test_a_message_that_is_written_is_read_as_it_was(
    command: str, middle: list[str], last: str | None, source: str, tags: dict[str, str]
) -> None:
    params = tuple(middle) if last is None else (*middle, last)
    line = written(command, *params, source=source, tags=tags)
    assert line.endswith("\r\n")
    assert parse(line[:-2]) == Message(command, params, source, tags)


@given(st.text(NO_LINE_END, max_size=60))
def test_any_line_is_a_message_or_none(line: str) -> None:
    message = parse(line)
    assert message is None or message.command


def read(*pieces: bytes) -> list[str]:
    reader, found = IrcReader(), []
    for piece in pieces:
        reader.feed(piece)
        while True:
            try:
                line = reader.next()
            except (TooLong, NotUtf8) as error:
                found.append(type(error).__name__)
                continue
            if line is None:
                break
            found.append(line)
    return found


LINES = (
    b"NICK ada\r\n\r\n\nUSER u\rPRIVMSG #a :\xc3\xa4\r\n"
    b"bad \xff\n" + b"x" * 511 + b"\n" + b"y" * 510 + b"\r\n"
)
READ = ["NICK ada", "USER u", "PRIVMSG #a :ä", "NotUtf8", "TooLong", "y" * 510]


def test_lines_are_the_same_whole_and_cut_anywhere() -> None:
    assert read(LINES) == READ
    for cut in range(len(LINES)):
        assert read(LINES[:cut], LINES[cut:]) == READ
    assert read(*(LINES[start:end] for start, end in pairwise(range(len(LINES) + 1)))) == READ


def test_no_message_has_a_nul() -> None:
    assert read(b"PI\0NG\0\n\0\n") == ["PING", ""]


def test_tags_have_their_own_room_in_a_line() -> None:
    tags = b"@" + b"a" * MAX_CLIENT_TAG_BYTES + b" "
    assert read(tags + b"x" * 510 + b"\n") == [(tags + b"x" * 510).decode()]
    assert read(tags + b"x" * 511 + b"\nPING\n") == ["TooLong", "PING"]
    assert read(b"@b" + tags[1:] + b"x\nPING\n") == ["TooLong", "PING"]


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    reader = IrcReader()
    reader.feed(b"x" * 4000)
    assert reader.next() is None
    reader.feed(b"x" * 4000)
    with pytest.raises(TooLong):
        reader.next()
    reader.feed(b"x" * 2000)
    assert reader.next() is None
    assert len(reader._buffer) == 0
    reader.feed(b"x\nPING\n")
    assert reader.next() == "PING"


def test_only_tags_of_clients_go_on_to_clients() -> None:
    tags = parse_tags("+a=1;b=2;+draft/c;+example.org/d=4;+=5;+e f=6;+x/y/z=7;time=0")
    assert client_tags(tags) == {"+a": "1", "+draft/c": "", "+example.org/d": "4"}
    assert client_tags({f"+{'k' * MAX_KEY_CHARS}": ""}) == {}
    assert len(client_tags({f"+{number}": "" for number in range(MAX_TAGS + 9)})) == MAX_TAGS


def test_what_programs_of_others_send_cannot_be_more_than_a_tag() -> None:
    assert shown_tags({"+a": "1", "time": "now", "+a;b": "", "+a b": "", "+\r\nQUIT": ""}) == {
        "+a": "1"
    }
    assert id_of_signal({"msgid": "0123-abc"}) == "0123-abc"
    for forged in ("General/3", "a b", "", "a;b", "x" * 41):
        assert id_of_signal({"msgid": forged}) == ""


@pytest.mark.parametrize("char", ["x", "é", "\N{GRINNING FACE}", "\ud800"])
def test_no_message_is_longer_than_clients_read(char: str) -> None:
    """The rest of one would be a line of its own to some, and whoever wrote it could forge any."""
    line = written("REDACT", "#tea", "tea/1", "why " + char * 600, tags={"time": "now"})
    assert line.startswith("@time=now REDACT #tea tea/1 :why ")
    assert line.endswith("\r\n")
    size = len(line.removeprefix("@time=now ").encode(errors="replace"))
    assert 512 - 4 < size <= 512
