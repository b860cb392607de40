"""Texts as clients of IRC are shown them."""

from __future__ import annotations

import re
from functools import reduce
from operator import or_

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.domain.events import (
    AnyEvent,
    Edited,
    Joined,
    Left,
    Pinned,
    Quote,
    Reacted,
    Redacted,
    Said,
)
from hubbub.domain.files import File
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName
from hubbub.domain.reactions import Redaction
from hubbub.wire.irc.capabilities import NONE, Cap
from hubbub.wire.irc.message import MAX_BYTES, parse
from tests.wire.irc.played import NOW, Client

MODERN = Cap.MESSAGE_TAGS | Cap.SERVER_TIME | Cap.ACCOUNT_TAG | Cap.BATCH
TOGETHER = Cap.MULTILINE | Cap.BATCH | Cap.MESSAGE_TAGS
REDACTING = Cap.MESSAGE_REDACTION | Cap.MESSAGE_TAGS
TALK = RoomName.recall("@talk")
HI = Said(7, NOW, "ben", "hi", by_id=UserId("2"))
BEN = ":ben!~u@guest/"


def plain(lines: list[str]) -> list[str]:
    """Without the host of ben."""
    return [re.sub(r"ben!~u@[a-z]+/\w+ ", "ben ", line) for line in lines]


def shown(*events: object, caps: Cap = NONE) -> list[str]:
    return plain(Client(caps).shown(*events))  # type: ignore[arg-type]


def test_a_text_is_one_line() -> None:
    assert shown(HI) == [":ben PRIVMSG #General :hi"]
    assert shown(replace(HI, notice=True)) == [":ben NOTICE #General :hi"]


def test_what_clients_want_to_know_of_it_stands_before_it() -> None:
    client = Client(MODERN)
    client.world.accounts.add("ben")
    said = replace(HI, tags={"+a": "b;c", "draft/multiline-concat": "1"}, reply_to=3)
    (line,) = client.shown(said)
    assert line == (
        r"@time=2023-11-14T22:13:20.000Z;account=ben;msgid=general/7;+a=b\:c;"
        "+draft/reply=general/3 :ben!~u@user/ben PRIVMSG #General :hi"
    )
    assert shown(said) == [":ben PRIVMSG #General :hi"]
    assert shown(said, caps=Cap.SERVER_TIME) == [
        "@time=2023-11-14T22:13:20.000Z :ben PRIVMSG #General :hi"
    ]


def test_what_somebody_does_is_an_action() -> None:
    waves = ":ben PRIVMSG #General :\x01ACTION waves\x01"
    assert shown(replace(HI, text="*ben waves*")) == [waves]
    assert shown(replace(HI, text="/me waves")) == [waves]
    for text in ("*ada waves*", "*ben*", "*ben waves* all day", "*ben waves*\n*ben waves*"):
        assert "\x01" not in "".join(shown(replace(HI, text=text)))
    (line,) = shown(replace(HI, text="*ben is _so_ glad*"))
    assert line.endswith(":\x01ACTION is \x1dso\x1d glad\x01")


def test_markup_looks_as_it_is_meant() -> None:
    assert shown(replace(HI, text="a *b* c")) == [":ben PRIVMSG #General :a \x02b\x02 c"]


def test_no_text_is_a_query_of_a_program() -> None:
    (line,) = shown(replace(HI, text="\x01VERSION\x01"))
    assert line == ":ben PRIVMSG #General :␁VERSION␁"


def test_several_lines_come_one_by_one_and_the_first_has_the_id() -> None:
    said = replace(HI, text="\none\n\ntwo", tags={"+a": ""})
    assert shown(said) == [":ben PRIVMSG #General :one", ":ben PRIVMSG #General :two"]
    assert shown(said, caps=Cap.MESSAGE_TAGS) == [
        "@msgid=general/7;+a :ben PRIVMSG #General :one",
        "@+a :ben PRIVMSG #General :two",
    ]


def test_who_understands_it_is_shown_several_lines_as_one_text() -> None:
    said = replace(HI, text="\none\n" + "x" * 500)
    start, *lines, end = shown(said, caps=TOGETHER)
    assert start == "@msgid=general/7 :ben BATCH +m7 draft/multiline #General"
    assert end == ":hub.chat BATCH -m7"
    assert lines[:2] == [
        "@batch=m7 :ben PRIVMSG #General :",
        "@batch=m7 :ben PRIVMSG #General :one",
    ]
    assert lines[2].startswith("@batch=m7 :ben PRIVMSG #General :xxx")
    assert lines[3].startswith("@batch=m7;draft/multiline-concat :ben PRIVMSG #General :xxx")
    assert len(lines) == 4
    assert shown(HI, caps=TOGETHER) == ["@msgid=general/7 :ben PRIVMSG #General :hi"]


def test_lines_are_cut_where_the_authors_client_has_cut_them() -> None:
    said = replace(HI, text="a\nhow is everyone?", tags={"draft/multiline-concat": "9"})
    assert [line.rpartition(" :")[2] for line in shown(said)] == ["a", "how is ", "everyone?"]
    for odd in ("", "x", "99", "0,2,18", "-3", "9" * 400, "1,²"):
        lines = shown(replace(said, tags={"draft/multiline-concat": odd}))
        assert [line.rpartition(" :")[2] for line in lines] == ["a", "how is everyone?"]
    edited = replace(said, text="another text that is longer", edited_at=NOW)
    assert len(shown(edited)) == 1


def test_files_are_lines_with_a_name_a_size_and_a_link() -> None:
    file = File("f1", "tea.png", 2000, "image/png")
    assert shown(replace(HI, text="", files=(file,))) == [
        ":ben PRIVMSG #General :tea.png (2.0 KiB) https://hub.chat/files/f1"
    ]
    assert len(shown(replace(HI, text="look\nhere", files=(file, file)))) == 4


def test_what_a_text_answers_is_shown_to_clients_that_do_not_know_of_it() -> None:
    answer = replace(HI, reply_to=3, quote=Quote("ada", "tea?"))
    assert shown(answer) == [":ben PRIVMSG #General :> ada: tea?", ":ben PRIVMSG #General :hi"]
    assert shown(answer, caps=Cap.MESSAGE_TAGS) == [
        "@msgid=general/7;+draft/reply=general/3 :ben PRIVMSG #General :hi"
    ]
    by_irc = replace(answer, tags={"+draft/reply": "general/3"})
    assert shown(by_irc) == [":ben PRIVMSG #General :hi"]


def test_reactions_are_tags_or_calm_lines() -> None:
    quote = Quote("ada", "tea?")
    event = Reacted(9, NOW, "ben", 3, emoji="👍", quote=quote, count=1, by_id=UserId("2"))
    assert shown(event) == [":hub.chat NOTICE #General :ben reacts with 👍 to ada: tea?"]
    assert shown(replace(event, count=4)) == []
    assert shown(event, caps=Cap.MESSAGE_TAGS) == [
        "@msgid=general/9;+draft/react=👍;+draft/reply=general/3 :ben TAGMSG #General"
    ]
    assert shown(replace(event, on=False)) == []
    (line,) = shown(replace(event, on=False), caps=Cap.MESSAGE_TAGS)
    assert "+draft/unreact=👍" in line


def test_what_is_taken_back_is_told_as_clients_understand_it() -> None:
    event = Redacted(9, NOW, "ben", 7, author="ben", author_id=UserId("2"), by_id=UserId("2"))
    assert shown(event) == [":hub.chat NOTICE #General :ben has taken back a message."]
    assert shown(event, caps=REDACTING) == ["@msgid=general/9 :ben REDACT #General general/7"]
    gone = replace(HI, text="", redacted=Redaction(NOW, "ben"), rev=9)
    assert shown(gone) == [":ben PRIVMSG #General :(taken back by ben)"]
    assert shown(gone, caps=REDACTING) == []


def test_edits_are_calm_lines() -> None:
    event = Edited(9, NOW, "ben", 7, "hello\nyou", by_id=UserId("2"))
    assert shown(event) == [
        ":hub.chat NOTICE #General :ben has changed a message: hello",
        ":hub.chat NOTICE #General :ben has changed a message: you",
    ]


def test_of_the_past_only_that_is_told_which_messages_do_not_show() -> None:
    edited = replace(HI, text="hello", edited_at=NOW, rev=9)
    events: list[AnyEvent] = [
        edited,
        Edited(9, NOW, "ben", 7, "hello"),
        Edited(10, NOW, "ben", 2, "tea"),
    ]
    client = Client()
    past = client.wire.format.events(RoomName.parse("General"), events, past=True).decode()
    assert plain(past.splitlines()) == [
        ":ben PRIVMSG #General :hello",
        ":hub.chat NOTICE #General :ben has changed a message: tea",
    ]


def talk(*events: object) -> list[str]:
    client = Client()
    client.world.talks["@talk"] = ("ada", "ben")
    return plain(client.wire.format.events(TALK, events).decode().splitlines())  # type: ignore[arg-type]


def test_in_a_conversation_of_two_a_text_is_to_the_other_one() -> None:
    assert talk(HI) == [":ben PRIVMSG ada :hi"]
    (line,) = talk(replace(HI, by="ada", by_id=UserId("1")))
    assert line.startswith(":ada!")
    assert line.endswith(" PRIVMSG ben :hi")


def test_nobody_comes_or_goes_there() -> None:
    ben = UserId("2")
    assert talk(Joined(8, NOW, "ben", by_id=ben), Left(9, NOW, "ben", by_id=ben)) == []


def test_what_becomes_of_a_text_there_is_told_by_who_has_done_it() -> None:
    ben = UserId("2")
    quote = Quote("ada", "tea")
    assert talk(
        Edited(9, NOW, "ben", 7, "hello", by_id=ben),
        Pinned(10, NOW, "ben", target=7, quote=quote, by_id=ben),
    ) == [
        ":ben NOTICE ada :has changed a message: hello",
        ":ben NOTICE ada :has pinned a message of ada: tea",
    ]


CAPS = st.lists(st.sampled_from([*Cap]), max_size=6).map(lambda caps: reduce(or_, caps, NONE))
TEXTS = st.text(
    st.sampled_from("ab *_~`\n\r\x01\x02\x0f\x1b:漢👩\u200d\u0301 ")
    | st.characters(exclude_categories=["Cs"]),
    max_size=300,
).filter(lambda text: "\0" not in text)


@given(TEXTS, CAPS, st.booleans(), st.dictionaries(st.text(max_size=5), TEXTS, max_size=2))
def test_every_text_is_lines_that_a_client_reads(
    text: str, caps: Cap, notice: bool, tags: dict[str, str]
) -> None:
    said = replace(HI, text=text * 3, notice=notice, tags=tags)
    data = Client(caps).wire.format.events(RoomName.parse("General"), [said])
    lines = data.decode().split("\r\n")
    assert lines.pop() == ""
    assert lines
    verb = "NOTICE" if notice else "PRIVMSG"
    for line in lines:
        assert not set(line) & {"\r", "\n", "\0"}
        message = parse(line)
        assert message is not None
        assert message.command in (verb, "BATCH")
        without_tags = line.partition(" ")[2] if line.startswith("@") else line
        assert len(without_tags.encode()) + 2 <= MAX_BYTES
        shown_text = message[1]
        assert (
            message.command == "BATCH"
            or not shown_text.startswith("\x01")
            or (shown_text.startswith("\x01ACTION ") and shown_text.endswith("\x01"))
        )


@pytest.mark.parametrize("caps", [NONE, MODERN])
def test_a_line_is_as_long_as_it_may_be(caps: Cap) -> None:
    source = len(Client().shown(HI)[0].encode()) - len("hi")
    most = MAX_BYTES - 2 - source
    (line,) = Client(caps).shown(replace(HI, text="x" * most))
    assert line.endswith("x" * most)
    assert len(Client(caps).shown(replace(HI, text="x" * (most + 1)))) == 2
    assert len(Client(caps).shown(replace(HI, text="é" * (most // 2)))) == 1
    assert len(Client(caps).shown(replace(HI, text="é" * (most // 2 + 1)))) == 2
