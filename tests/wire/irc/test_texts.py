"""Saying something by IRC: what the hub is asked, and what the client is told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hubbub.domain.commands import Direct, Join, Ping, React, Redact, Say, Signal, Typing
from hubbub.domain.errors import (
    BadMessage,
    LogUnavailable,
    NoSuchRoom,
    NoSuchUser,
    NotAllowed,
    RateLimited,
)
from hubbub.domain.events import Reacted, Redacted, Said
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import (
    Ack,
    DirectRoom,
    Pong,
    Refused,
    RoomJoined,
    Signalled,
    SomeoneTyping,
)
from hubbub.domain.state import RoomFacts
from hubbub.wire.irc.capabilities import NONE, Cap
from hubbub.wire.irc.showing import show
from hubbub.wire.irc.targets import MAX_TARGETS
from hubbub.wire.irc.wire import MAX_UNANSWERED
from tests.wire.irc.played import GENERAL, NOW, Client

TALK = RoomName.recall("@talk")
KITCHEN = RoomName.parse("Kitchen")
ECHO = Cap.ECHO_MESSAGE
LABELS = Cap.LABELED_RESPONSE | Cap.BATCH | Cap.ECHO_MESSAGE
TAGS = Cap.MESSAGE_TAGS
ADA = UserId("1")


def said(text: str, room: RoomName = GENERAL, **fields: object) -> Say:
    return replace(Say(room=room, text=text, outside=True), **fields)


def client(caps: Cap = NONE, *, talk: bool = False) -> Client:
    """ada's; with ``talk`` she and ben write to each other already."""
    made = Client(caps)
    made.world.talks["@talk"] = ("ada", "ben")
    if talk:
        made.sends("PRIVMSG ben :first")
        found(made)
        made.answered(joined())
        made.answered(Ack(room=TALK, seq=2, at=NOW))
        made.lines()
    return made


def found(ada: Client, head: int = 1) -> list[object]:
    return list(ada.answered(DirectRoom(room=TALK, users=["ben"], head=head)))


def joined() -> RoomJoined:
    return RoomJoined(room=TALK, users=["ada", "ben"], head=1, after=1)


def echoed(ada: Client, event: Said | Reacted | Redacted, room: RoomName = GENERAL) -> list[str]:
    """What the client is shown of its own."""
    return show(ada.wire, room, [event], [event.seq]).decode().split("\r\n")[:-1]


def event(text: str) -> Said:
    return Said(9, NOW, "ada", text, by_id=ADA)


# Rooms


def test_a_text_goes_to_the_room_and_is_not_waited_for() -> None:
    ada = client()
    assert ada.sends("PRIVMSG #General :one\r\nNOTICE #general :two") == [
        said("one"),
        said("two", notice=True),
    ]
    assert ada.lines() == []


def test_a_refused_text_is_told_whatever_was_said_meanwhile() -> None:
    ada = client()
    ada.sends("PRIVMSG #General :one\r\nPRIVMSG #General :two")
    ada.told(replace(Refused.of(RateLimited("Too fast.", retry_after=1)), re=ada.asked[0].id))
    assert ada.lines() == [":hub.chat 404 ada #General :Too fast."]


def test_nothing_is_kept_of_what_is_answered_and_little_of_what_never_is() -> None:
    ada = client(TAGS)
    for number in range(400):
        ada.sends(f"PRIVMSG #General :{number}")
        ada.answered(Ack(room=GENERAL, seq=number + 1, at=NOW))
    assert not ada.wire._sent
    for _ in range(400):
        ada.sends("@+typing=active TAGMSG #General")
    assert len(ada.wire._sent or ()) <= MAX_UNANSWERED


def test_a_notice_that_is_against_the_rules_is_answered_by_nothing() -> None:
    ada = client()
    ada.sends("NOTICE #General :one")
    ada.answered(NotAllowed("Only people with a role may speak."))
    assert ada.sends("NOTICE #nowhere :two") == []
    assert ada.lines() == []
    ada.sends("NOTICE #General :three")
    ada.answered(LogUnavailable("It could not be saved."))
    assert ada.lines() == [":hub.chat 404 ada #General :It could not be saved."]


@pytest.mark.parametrize(
    "line, number",
    [
        ("PRIVMSG", "411"),
        ("PRIVMSG #General", "412"),
        ("PRIVMSG #General :", "412"),
        ("PRIVMSG #nowhere :hi", "403 ada #nowhere"),
        ("PRIVMSG #a/b :hi", "403 ada #a/b"),
        ("PRIVMSG no!body :hi", "401 ada no!body"),
        ("TAGMSG #General", "421 ada TAGMSG"),
        ("BATCH +1 draft/multiline #General", "421 ada BATCH"),
        ("REDACT #General general/1", "421 ada REDACT"),
    ],
)
def test_what_says_nothing_or_to_nobody_is_refused(line: str, number: str) -> None:
    ada = client()
    assert ada.sends(line) == []
    assert [told.startswith(f":hub.chat {number} ") for told in ada.lines()] == [True]


def test_no_room_is_made_by_a_text() -> None:
    ada = client()
    ada.world.rooms.add("kitchen")
    assert ada.sends("PRIVMSG #Kitchen :hi") == [said("hi", KITCHEN)]
    assert ada.answered(NoSuchRoom('There is no room "Kitchen". Joining it would make it.')) == []
    ada.sends("PRIVMSG #Kitchem :hi")
    hidden, missing = ada.lines()
    assert hidden.replace("Kitchen", "Kitchem") == missing


def test_who_is_not_in_the_room_is_shown_the_own_text_all_the_same() -> None:
    ada = client(ECHO)
    ada.world.rooms.add("kitchen")
    ada.sends("PRIVMSG #Kitchen :hi *you*")
    ada.answered(Ack(room=KITCHEN, seq=3, at=NOW))
    (line,) = ada.lines()
    assert line.startswith(":ada!~ada@")
    assert line.endswith(" PRIVMSG #Kitchen :hi \x02you\x02")


def test_several_are_told_one_after_the_other_and_who_does_not_get_it_is_named() -> None:
    ada = client()
    assert ada.sends("PRIVMSG #General,#nowhere,#General :hi") == [said("hi")]
    assert ada.answered(Ack(room=GENERAL, seq=3, at=NOW)) == []
    (line,) = ada.lines()
    assert line.startswith(":hub.chat 403 ada #nowhere :")
    assert ada.sends("PRIVMSG #General,ben :hi") == [said("hi")]
    assert ada.answered(NotAllowed("Not now.")) == [Direct(users=(UserName.parse("ben"),))]
    assert ada.answered(NoSuchUser("Nobody.")) == []
    assert ada.lines() == [":hub.chat 404 ada #General :Not now.", ":hub.chat 401 ada ben Nobody."]


def test_nobody_tells_the_same_to_very_many_at_once() -> None:
    ada = client()
    targets = ",".join(f"#r{number}" for number in range(MAX_TARGETS + 1))
    assert ada.sends(f"PRIVMSG {targets} :hi") == []
    assert ada.lines()[0].startswith(f":hub.chat 407 ada #r{MAX_TARGETS} :")


# What it looks like


def test_the_looks_of_irc_are_markup() -> None:
    assert client().sends("PRIVMSG #General :a \x02b\x02 c") == [said("a *b* c")]


def test_what_somebody_does_is_a_text() -> None:
    ada = client()
    assert ada.sends("PRIVMSG #General :\x01ACTION waves \x02a lot\x02\x01") == [
        said("*ada waves a lot*")
    ]
    line = echoed(client(ECHO), event("*ada waves a lot*"))[0]
    assert line.endswith(" PRIVMSG #General :\x01ACTION waves a lot\x01")


# To people


def test_a_text_to_somebody_goes_to_the_conversation_with_them() -> None:
    ada = client()
    assert ada.sends("PRIVMSG Ben :hi") == [Direct(users=(UserName.parse("Ben"),))]
    assert found(ada, 4) == [Join(room=TALK, after=4)]
    assert ada.answered(joined()) == [said("hi", TALK)]
    assert ada.answered(Ack(room=TALK, seq=5, at=NOW)) == []
    assert ada.lines() == []
    ada.sends("PRIVMSG ben :again")
    assert found(ada, 5) == [said("again", TALK)]


def test_who_is_away_says_so_to_who_asks() -> None:
    ada = client(talk=True)
    ada.world.absent["ben"] = "tea"
    ada.sends("NOTICE ben :fyi")
    found(ada)
    ada.answered(Ack(room=TALK, seq=3, at=NOW))
    assert ada.lines() == []
    ada.sends("PRIVMSG ben :are you there?")
    found(ada)
    ada.answered(Ack(room=TALK, seq=4, at=NOW))
    assert ada.lines() == [":hub.chat 301 ada ben tea"]


def test_who_does_not_want_to_be_written_to_is_not() -> None:
    ada = client(talk=True)
    ada.sends("PRIVMSG ben :hi")
    found(ada)
    ada.answered(NotAllowed("ben does not take messages from you alone."))
    assert ada.lines() == [":hub.chat 531 ada ben :ben does not take messages from you alone."]


def test_somebody_writes_first_and_the_client_listens_from_there() -> None:
    ada = client()
    ada.told(DirectRoom(room=TALK, users=["ben"], head=6))
    ada.told(DirectRoom(room=TALK, users=["ben"], head=7))
    assert ada._commands() == [Join(room=TALK, after=6)]
    assert ada.answered(joined()) == []
    assert ada.lines() == []


def test_a_ping_is_answered_behind_what_somebody_has_written_first() -> None:
    ada = client()
    assert ada.sends("PING x") == [Ping()]
    ada.told(DirectRoom(room=TALK, users=["ben"], head=6))
    assert ada.answered(Pong()) == [Join(room=TALK, after=6)]
    assert ada.answered(joined()) == [Ping()]
    assert ada.lines() == []
    assert ada.answered(Pong()) == []
    assert ada.lines() == [":hub.chat PONG hub.chat x"]
    assert ada.sends("PING y") == [Ping()]
    assert ada.answered(Pong()) == []
    assert ada.lines() == [":hub.chat PONG hub.chat y"]


def test_a_ping_is_answered_also_where_what_is_written_may_not_be_read() -> None:
    ada = client()
    ada.sends("PING x")
    ada.told(DirectRoom(room=TALK, users=["ben"], head=6))
    ada.answered(Pong())
    assert ada.answered(NotAllowed("No.")) == [Ping()]
    ada.answered(Pong())
    assert ada.lines()[-1] == ":hub.chat PONG hub.chat x"


def test_a_line_is_as_long_as_one_may_be() -> None:
    ada = client()
    first, second = ada.shown(event("x" * 600))
    assert len(f"{first}\r\n") == 512
    assert first.count("x") + second.count("x") == 600


def test_nothing_is_missed_that_is_said_while_one_writes() -> None:
    ada = client()
    ada.sends("PRIVMSG ben :hi")
    ada.told(DirectRoom(room=TALK, users=["ben"], head=6))
    assert found(ada, 7) == [Join(room=TALK, after=6)]
    assert ada.answered(joined()) == [said("hi", TALK)]
    assert ada.answered(Ack(room=TALK, seq=8, at=NOW)) == []


def test_what_one_says_to_oneself_one_is_told() -> None:
    ada = client()
    assert ada.sends("PRIVMSG ADA :hi") == []
    (line,) = ada.lines()
    assert line.endswith(" PRIVMSG ada :hi")
    told = client(LABELS)
    told.sends("@label=x PRIVMSG ada :hi")
    told.answered(Pong())
    first, second = told.lines()
    assert first.startswith(":ada!")
    assert second.startswith("@label=x :ada!")


# Labels


def test_the_own_text_is_shown_with_its_label() -> None:
    ada = client(LABELS)
    assert ada.sends("@label=x PRIVMSG #General :hi") == [Ping()]
    assert ada.answered(Pong()) == [said("hi")]
    assert [line.partition(" ")[0] for line in echoed(ada, event("hi"))] == ["@label=x"]
    ada.answered(Ack(room=GENERAL, seq=9, at=NOW))
    assert ada.lines() == []
    assert not echoed(ada, event("more"))[0].startswith("@")


def test_who_sees_no_own_texts_is_told_that_it_is_said() -> None:
    ada = client(LABELS & ~ECHO)
    ada.sends("@label=x PRIVMSG #General :hi")
    ada.answered(Pong())
    assert echoed(ada, event("hi")) == []
    ada.answered(Ack(room=GENERAL, seq=9, at=NOW))
    assert ada.lines() == ["@label=x :hub.chat ACK"]


def test_a_refused_text_is_told_with_its_label_a_notice_too() -> None:
    for verb in ("PRIVMSG", "NOTICE"):
        ada = client(LABELS)
        ada.sends(f"@label=x {verb} #General :hi")
        ada.answered(Pong())
        ada.answered(NotAllowed("No."))
        assert ada.lines() == ["@label=x :hub.chat 404 ada #General No."]
    ada = client(LABELS)
    ada.sends("@label=y NONSENSE")
    assert ada.lines()[0].startswith("@label=y :hub.chat 421 ")


def test_several_lines_of_an_own_text_are_one_answer() -> None:
    ada = client(LABELS)
    ada.sends("@label=x PRIVMSG #General :hi")
    ada.answered(Pong())
    start, one, two, end = echoed(ada, event("hi\nthere"))
    assert start.startswith("@label=x :hub.chat BATCH +")
    assert one.startswith("@batch=")
    assert two.endswith(" :there")
    assert end.startswith(":hub.chat BATCH -")
    ada.answered(Ack(room=GENERAL, seq=9, at=NOW))
    assert ada.lines() == []


def test_own_texts_to_several_are_one_answer() -> None:
    ada = client(LABELS)
    ada.world.rooms.add("kitchen")
    ada.sends("@label=x PRIVMSG #General,#Kitchen :hi")
    ada.answered(Pong())
    assert echoed(ada, event("hi")) == []
    ada.answered(Ack(room=GENERAL, seq=9, at=NOW))
    ada.answered(Ack(room=KITCHEN, seq=3, at=NOW))
    start, one, two, _ = ada.lines()
    assert start.startswith("@label=x :hub.chat BATCH +")
    assert one.endswith(" PRIVMSG #General :hi")
    assert two.endswith(" PRIVMSG #Kitchen :hi")


def test_a_text_without_a_label_is_not_given_that_of_another_command() -> None:
    ada = client(LABELS)
    ada.sends("PRIVMSG #General :hi")
    ada.sends("@label=x JOIN #Kitchen")
    assert not echoed(ada, event("hi"))[0].startswith("@label")


# Tags


def test_tags_of_clients_go_with_a_text() -> None:
    ada = client(TAGS)
    assert ada.sends("@+a=b;c=d PRIVMSG #General :hi") == [said("hi", tags={"+a": "b"})]
    assert client().sends("@+a=b PRIVMSG #General :hi") == [said("hi")]


def test_an_answer_to_a_message_of_the_room_is_one_for_all_protocols() -> None:
    ada = client(TAGS)
    tags = {"+draft/reply": "general/4"}
    assert ada.sends("@+draft/reply=general/4 PRIVMSG #General :me") == [
        said("me", tags=tags, reply_to=4)
    ]
    assert ada.answered(BadMessage("There is no event 4 in General.")) == [said("me", tags=tags)]
    ada.answered(Ack(room=GENERAL, seq=9, at=NOW))
    for other in ("kitchen/4", "general/x", "general/0", "abc"):
        (command,) = ada.sends(f"@+draft/reply={other} PRIVMSG #General :me")
        assert command == said("me", tags={"+draft/reply": other})
        ada.answered(Ack(room=GENERAL, seq=9, at=NOW))


def test_a_message_has_the_same_id_when_the_room_was_renamed() -> None:
    ada = client(TAGS)
    ada.world.holds = RoomFacts(former=("Hall",))
    (command,) = ada.sends("@+draft/reply=hall/4 PRIVMSG #General :me")
    assert isinstance(command, Say)
    assert command.reply_to == 4


# What programs tell programs


def test_queries_are_signals_and_told_as_queries() -> None:
    ada = client()
    (signal, ping) = ada.sends("PRIVMSG #General :\x01VERSION\x01")
    assert isinstance(signal, Signal)
    assert (signal.text, signal.notice, ping) == ("VERSION", False, Ping())
    ada.answered(Pong())
    assert ada.lines() == []
    (signal, _) = ada.sends("NOTICE #General :\x01VERSION hub")
    assert isinstance(signal, Signal)
    assert (signal.text, signal.notice) == ("VERSION hub", True)
    told = Signalled(room=GENERAL, by="ben", by_id=UserId("2"), text="PING 1\x01\r\nQUIT")
    line = ada.wire.format.notice(told).decode()
    assert line.endswith(" PRIVMSG #General :\x01PING 1   QUIT\x01\r\n")


def test_a_query_is_one_line_that_fits() -> None:
    client = Client()
    client.told(Signalled(room="General", by="ben", by_id=UserId("2"), text="é" * 500))
    (line,) = client.lines()
    assert line.endswith("é\x01")
    assert len(line.encode()) <= 510


def test_where_programs_tell_each_other_nothing_a_query_is_refused() -> None:
    ada = client(LABELS)
    ada.sends("@label=x PRIVMSG #General :\x01VERSION\x01")
    signal, _ = ada.answered(Pong())
    assert isinstance(signal, Signal)
    ada.told(replace(Refused.of(NotAllowed("Not here.")), re=ada.asked[0].id))
    assert ada.lines() == ["@label=x :hub.chat 404 ada #General :Not here."]
    ada.told(Pong(re=ada.asked[1].id))
    assert ada.lines() == []


def test_tags_alone_are_told_to_who_understands_them() -> None:
    ada = client(TAGS | ECHO)
    signal, _ = ada.sends("@+a=b;c=d TAGMSG #General")
    assert isinstance(signal, Signal)
    assert signal.tags["+a"] == "b"
    assert set(signal.tags) == {"+a", "msgid"}
    ada.answered(Pong())
    (echo,) = ada.lines()
    assert echo.startswith(f"@msgid={signal.tags['msgid']};+a=b :ada!")
    told = Signalled(room=GENERAL, by="ada", by_id=ADA, tags=signal.tags)
    assert client(TAGS).wire.format.notice(told).decode() == f"{echo}\r\n"
    assert client(Cap.SERVER_TIME).wire.format.notice(told) == b""


def test_tags_that_are_not_of_clients_are_told_to_nobody() -> None:
    assert client(TAGS).sends("@a=b TAGMSG #General") == []


def test_who_is_typing_is_told_in_all_protocols() -> None:
    ada = client(TAGS | ECHO)
    assert ada.sends("@+typing=active TAGMSG #General") == [Typing(room=GENERAL), Ping()]
    ada.answered(Pong())
    assert ada.lines()[0].endswith(" TAGMSG #General")
    signal, _ = ada.sends("@+typing=done TAGMSG #General")
    assert isinstance(signal, Signal)
    notice = ada.wire.format.notice(SomeoneTyping(room=GENERAL, by="ben"))
    assert notice.startswith(b"@+typing=active :ben!")
    assert client().wire.format.notice(SomeoneTyping(room=GENERAL, by="ben")) == b""


def test_no_conversation_is_begun_by_typing_alone() -> None:
    ada = client(TAGS)
    assert ada.sends("@+typing=active TAGMSG ben") == [Direct(users=(UserName.parse("ben"),))]
    new = client(TAGS)
    new.world.talks.clear()
    assert new.sends("@+typing=active TAGMSG ben") == []
    assert new.lines() == []


def test_reactions_are_reactions_in_all_protocols() -> None:
    ada = client(LABELS | TAGS)
    ada.sends("@label=x;+draft/react=👍;+draft/reply=general/4 TAGMSG #General")
    assert ada.answered(Pong()) == [React(room=GENERAL, target=4, emoji="👍")]
    reacted = Reacted(9, NOW, "ada", 4, emoji="👍", by_id=ADA)
    (echo,) = echoed(ada, reacted)
    assert echo.startswith("@label=x;msgid=general/9;+draft/react=👍;+draft/reply=general/4 :ada!")
    ada.answered(Ack(room=GENERAL, seq=9, at=NOW))
    assert ada.lines() == []
    plain = client(TAGS)
    assert plain.sends("@+draft/unreact=👍;+draft/reply=general/4 TAGMSG #General") == [
        React(room=GENERAL, target=4, emoji="👍", on=False)
    ]


def test_what_is_no_emoji_or_about_no_message_is_told_to_programs() -> None:
    for tags in ("+draft/react=lalala;+draft/reply=general/4", "+draft/react=👍"):
        signal, _ = client(TAGS).sends(f"@{tags} TAGMSG #General")
        assert isinstance(signal, Signal)
    ada = client(TAGS)
    ada.sends("@+draft/react=👍;+draft/reply=general/4 TAGMSG #General")
    signal, _ = ada.answered(BadMessage("There is no event 4."))
    assert isinstance(signal, Signal)


# Taking back


def test_a_message_is_taken_back_by_its_id() -> None:
    ada = client(Cap.MESSAGE_REDACTION | TAGS | ECHO)
    assert ada.sends("REDACT #General general/4 :wrong room") == [
        Redact(room=GENERAL, target=4, reason="wrong room")
    ]
    redacted = Redacted(9, NOW, "ada", 4, by_id=ADA)
    (echo,) = echoed(ada, redacted)
    assert echo.endswith(" REDACT #General general/4")
    (echo,) = echoed(ada, replace(redacted, reason="wrong room"))
    assert echo.endswith(" REDACT #General general/4 :wrong room")
    ada.answered(Ack(room=GENERAL, seq=9, at=NOW))
    assert ada.lines() == []


def test_why_a_message_is_not_taken_back_is_told_in_a_word() -> None:
    ada = client(Cap.MESSAGE_REDACTION | TAGS)
    for line, code in (
        ("REDACT #General kitchen/4", "UNKNOWN_MSGID #General kitchen/4"),
        ("REDACT #Kitchen kitchen/4", "INVALID_TARGET #Kitchen"),
        ("REDACT ben general/4", "INVALID_TARGET ben"),
    ):
        assert ada.sends(line) == []
        assert ada.lines()[0].startswith(f":hub.chat FAIL REDACT {code} :")
    for error, code in (
        (NotAllowed("Not yours."), "REDACT_FORBIDDEN"),
        (BadMessage("No event 4."), "UNKNOWN_MSGID"),
    ):
        ada.sends("REDACT #General general/4")
        ada.answered(error)
        assert ada.lines()[0].startswith(f":hub.chat FAIL REDACT {code} #General general/4 :")


def test_what_one_has_written_to_somebody_is_taken_back_there() -> None:
    ada = client(Cap.MESSAGE_REDACTION | TAGS)
    assert ada.sends("REDACT ben @talk/2") == [Join(room=TALK, after=0)]
    assert ada.answered(joined()) == [Redact(room=TALK, target=2)]
