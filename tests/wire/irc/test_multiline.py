"""Texts of several lines, as clients of IRC send them."""

from __future__ import annotations

import pytest

from hubbub.domain.commands import Ping, Say
from hubbub.domain.replies import Ack, Pong
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.commands.multiline import MAX_BYTES, MAX_LINES
from tests.wire.irc.played import GENERAL, NOW, Client

CAPS = Cap.MULTILINE | Cap.BATCH | Cap.MESSAGE_TAGS | Cap.LABELED_RESPONSE
CONCAT = "draft/multiline-concat"


def client() -> Client:
    return Client(CAPS)


def begin(ada: Client, target: str = "#General", tags: str = "") -> None:
    assert ada.sends(f"{tags}BATCH +1 draft/multiline {target}".strip()) == []


def test_lines_are_one_text_when_the_batch_is_complete() -> None:
    ada = client()
    begin(ada, tags="@+a=b;c=d ")
    assert ada.sends("@batch=1 PRIVMSG #General :one") == []
    assert ada.sends("@batch=1 PRIVMSG #General :") == []
    assert ada.sends("@batch=1 PRIVMSG #General :  two ") == []
    assert ada.sends(f"@batch=1;{CONCAT} PRIVMSG #General :three") == []
    assert ada.lines() == []
    text = "one\n\n  two three"
    tags = {"+a": "b", CONCAT: "11"}
    assert ada.sends("BATCH -1") == [Say(room=GENERAL, text=text, outside=True, tags=tags)]
    ada.answered(Ack(room=GENERAL, seq=9, at=NOW))
    assert ada.lines() == []
    assert ada.sends("PRIVMSG #General :more") == [Say(room=GENERAL, text="more", outside=True)]


def test_the_text_is_shown_again_with_the_lines_that_were_sent() -> None:
    ada = client()
    begin(ada)
    for tag, words in (("", "a"), ("", "how is "), (f";{CONCAT}", "everyone?")):
        ada.sends(f"@batch=1{tag} PRIVMSG #General :{words}")
    (command,) = ada.sends("BATCH -1")
    assert isinstance(command, Say)
    assert (command.text, command.tags) == ("a\nhow is everyone?", {CONCAT: "9"})


def test_its_answer_has_the_label_of_its_beginning() -> None:
    ada = client()
    begin(ada, tags="@label=x ")
    ada.sends("@batch=1 NOTICE #General :one")
    assert ada.lines() == []
    assert ada.sends("BATCH -1") == [Ping()]
    assert ada.answered(Pong()) == [Say(room=GENERAL, text="one", outside=True, notice=True)]
    ada.answered(Ack(room=GENERAL, seq=9, at=NOW))
    assert ada.lines() == ["@label=x :hub.chat ACK"]


def test_looks_are_markup_in_each_line() -> None:
    ada = client()
    begin(ada)
    ada.sends("@batch=1 PRIVMSG #General :\x02one\x02 two")
    ada.sends(f"@batch=1;{CONCAT} PRIVMSG #General : three")
    assert ada.sends("BATCH -1") == [
        Say(room=GENERAL, text="*one* two three", outside=True)  # where it was cut is not kept
    ]


@pytest.mark.parametrize(
    "lines, failed",
    [
        (["@batch=2 PRIVMSG #General :hi"], "MULTILINE_INVALID"),
        ([f"@batch=1;{CONCAT} PRIVMSG #General :"], "MULTILINE_INVALID"),
        (
            ["@batch=1 PRIVMSG #Kitchen :hi"],
            "MULTILINE_INVALID_TARGET #General #Kitchen",
        ),
        (
            ["@batch=1 PRIVMSG #General :hi", "@batch=1 NOTICE #General :hi"],
            "MULTILINE_INVALID",
        ),
        (["BATCH -1"], "MULTILINE_INVALID"),
        (["@batch=1 PRIVMSG #General :", "BATCH -1"], "MULTILINE_INVALID"),
        (["BATCH -2"], "MULTILINE_INVALID"),
        (["BATCH 1"], "MULTILINE_INVALID"),
        (["BATCH +2 draft/multiline #General"], "MULTILINE_INVALID"),
        (
            ["@batch=1 PRIVMSG #General :hi"] * (MAX_LINES + 1),
            f"MULTILINE_MAX_LINES {MAX_LINES}",
        ),
        (
            [f"@batch=1 PRIVMSG #General :{'x' * 400}"] * 11,
            f"MULTILINE_MAX_BYTES {MAX_BYTES}",
        ),
    ],
)
def test_a_batch_that_is_none_is_refused_once_and_nothing_of_it_is_said(
    lines: list[str], failed: str
) -> None:
    ada = client()
    begin(ada, tags="@label=x ")
    for line in lines:
        assert ada.sends(line) == []
    (told,) = ada.lines()
    assert told.startswith(f"@label=x :hub.chat FAIL BATCH {failed} :")
    if lines[-1] != "BATCH -1":
        assert ada.sends("@batch=1 PRIVMSG #General :more\r\nBATCH -1") == []
        assert ada.lines() == []
    begin(ada)
    ada.sends("@batch=1 PRIVMSG #General :again")
    assert ada.sends("BATCH -1") == [Say(room=GENERAL, text="again", outside=True)]


@pytest.mark.parametrize(
    "line, failed",
    [
        ("BATCH +1 chathistory #General", "UNKNOWN_TYPE chathistory"),
        ("BATCH +1", "UNKNOWN_TYPE *"),
        ("BATCH +1 draft/multiline", "MULTILINE_INVALID_TARGET"),
        ("BATCH +1 draft/multiline #General,#Kitchen", "MULTILINE_INVALID_TARGET"),
        ("BATCH -1", "MULTILINE_INVALID"),
        ("@batch=1 PRIVMSG #General :hi", "MULTILINE_INVALID"),
    ],
)
def test_what_begins_no_batch_is_refused(line: str, failed: str) -> None:
    ada = client()
    assert ada.sends(line) == []
    assert ada.lines()[0].startswith(f":hub.chat FAIL BATCH {failed} :")


def test_as_long_a_text_as_is_offered_is_taken() -> None:
    ada = client()
    begin(ada)
    for _ in range(MAX_LINES):
        ada.sends(f"@batch=1 PRIVMSG #General :{'x' * (MAX_BYTES // MAX_LINES - 1)}")
    (command,) = ada.sends("BATCH -1")
    assert isinstance(command, Say)
    assert len(command.text) == MAX_BYTES - 1
