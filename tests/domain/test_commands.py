from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from hubbub.domain.commands import (
    MAX_HISTORY,
    MAX_ID_CHARS,
    MAX_NONCE_CHARS,
    Accept,
    Amend,
    Announce,
    AnyCommand,
    Audit,
    Ban,
    Bans,
    BeginFactor,
    Block,
    Bye,
    ChangePassword,
    CloseAccount,
    Command,
    ConfirmFactor,
    Conversation,
    Delete,
    Devices,
    Direct,
    Edit,
    EndFactor,
    EndInvitation,
    EndTicket,
    Exempt,
    Formerly,
    GiveRole,
    Hello,
    Here,
    History,
    Invite,
    Join,
    Kick,
    Knock,
    Leave,
    MakeTicket,
    Mute,
    Operate,
    Own,
    Pin,
    Ping,
    Pins,
    Queue,
    React,
    Read,
    Redact,
    Register,
    Rename,
    RenameRoom,
    Report,
    ResetPassword,
    Revoke,
    Rooms,
    Say,
    Search,
    SetFilter,
    SetProfile,
    SetRules,
    Settle,
    SetTopic,
    SetWayIn,
    Signal,
    Tickets,
    Timeline,
    Typing,
    Unban,
    Unmute,
    Versions,
    Watch,
    WaysIn,
    Who,
    Whois,
    Write,
)
from hubbub.domain.durations import MAX_SECONDS
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.numbers import MAX_EXACT
from hubbub.domain.patterns import MAX_PATTERN_CHARS
from hubbub.domain.rules import (
    MAX_IN_DIRECT,
    MAX_SLOW_SECONDS,
    Exemption,
    HistoryFor,
    Newcomers,
    Role,
    RoomAccess,
    Speakers,
    Status,
    Topics,
)

ADA = UserName.parse("ada")
BEN = UserName.parse("ben")
GENERAL = RoomName.parse("General")
SHAPES: list[tuple[Command, dict[str, Any]]] = [
    (Hello(user=ADA), {"type": "hello", "user": "ada"}),
    (
        Hello(id=1, user=ADA, token="secret", client="bot 1.0", v=2),
        {"type": "hello", "id": 1, "user": "ada", "token": "secret", "client": "bot 1.0", "v": 2},
    ),
    (
        Formerly(user=ADA, token="secret"),
        {"type": "formerly", "user": "ada", "token": "secret"},
    ),
    (Rooms(), {"type": "rooms"}),
    (Join(room=GENERAL), {"type": "join", "room": "General"}),
    (Join(room=GENERAL, after=0), {"type": "join", "room": "General", "after": 0}),
    (Leave(id="x", room=GENERAL), {"type": "leave", "id": "x", "room": "General"}),
    (Delete(room=GENERAL), {"type": "delete", "room": "General"}),
    (Say(room=GENERAL, text="hi"), {"type": "say", "room": "General", "text": "hi"}),
    (
        Say(room=GENERAL, text="hi", nonce="n", reply_to=3),
        {"type": "say", "room": "General", "text": "hi", "nonce": "n", "reply_to": 3},
    ),
    (
        Say(room=GENERAL, text="hi", outside=True),
        {"type": "say", "room": "General", "text": "hi", "outside": True},
    ),
    (
        Edit(room=GENERAL, target=7, text="hi", nonce="n"),
        {"type": "edit", "room": "General", "target": 7, "text": "hi", "nonce": "n"},
    ),
    (Edit(room=GENERAL, text="hi"), {"type": "edit", "room": "General", "text": "hi"}),
    (Redact(room=GENERAL, user=ADA), {"type": "redact", "room": "General", "user": "ada"}),
    (
        React(room=GENERAL, target=7, emoji="👍"),
        {"type": "react", "room": "General", "target": 7, "emoji": "👍"},
    ),
    (
        React(room=GENERAL, emoji="👍", on=False),
        {"type": "react", "room": "General", "emoji": "👍", "on": False},
    ),
    (Pin(room=GENERAL, target=7), {"type": "pin", "room": "General", "target": 7}),
    (Pin(room=GENERAL, on=False), {"type": "pin", "room": "General", "on": False}),
    (Pins(room=GENERAL), {"type": "pins", "room": "General"}),
    (Versions(room=GENERAL, target=7), {"type": "versions", "room": "General", "target": 7}),
    (
        Conversation(room=GENERAL, target=7),
        {"type": "conversation", "room": "General", "target": 7},
    ),
    (
        SetTopic(room=GENERAL, topic="Verse", nonce="n1"),
        {"type": "topic", "room": "General", "topic": "Verse", "nonce": "n1"},
    ),
    (History(room=GENERAL), {"type": "history", "room": "General"}),
    (
        History(room=GENERAL, before=9, limit=200),
        {"type": "history", "room": "General", "before": 9, "limit": 200},
    ),
    (
        Timeline(room=GENERAL, around=9, limit=200),
        {"type": "timeline", "room": "General", "around": 9, "limit": 200},
    ),
    (Who(room=GENERAL), {"type": "who", "room": "General"}),
    (Read(room=GENERAL, seq=7), {"type": "read", "room": "General", "seq": 7}),
    (
        Search(query="hello from:ada", before="9", limit=5),
        {"type": "search", "query": "hello from:ada", "before": "9", "limit": 5},
    ),
    (Typing(room=GENERAL), {"type": "typing", "room": "General"}),
    (
        Signal(room=GENERAL, tags={"+x": "1"}, text="VERSION", notice=True),
        {
            "type": "signal",
            "room": "General",
            "tags": {"+x": "1"},
            "text": "VERSION",
            "notice": True,
        },
    ),
    (
        Say(room=GENERAL, text="hi", notice=True, tags={"+x": "1"}),
        {"type": "say", "room": "General", "text": "hi", "notice": True, "tags": {"+x": "1"}},
    ),
    (
        Hello(user=ADA, password="secret", code="123456"),
        {"type": "hello", "user": "ada", "password": "secret", "code": "123456"},
    ),
    (Join(room=GENERAL, password="x"), {"type": "join", "room": "General", "password": "x"}),
    (Register(password="secret"), {"type": "register", "password": "secret"}),
    (
        ChangePassword(old="secret", new="hidden"),
        {"type": "password", "old": "secret", "new": "hidden"},
    ),
    (Devices(), {"type": "devices"}),
    (Revoke(), {"type": "revoke"}),
    (Revoke(device="d1"), {"type": "revoke", "device": "d1"}),
    (Rename(user=BEN), {"type": "rename", "user": "ben"}),
    (CloseAccount(password="secret"), {"type": "close-account", "password": "secret"}),
    (Own(code="abc"), {"type": "own", "code": "abc"}),
    (BeginFactor(password="secret"), {"type": "factor", "password": "secret"}),
    (ConfirmFactor(code="123456"), {"type": "confirm-factor", "code": "123456"}),
    (EndFactor(password="secret"), {"type": "end-factor", "password": "secret"}),
    (
        ResetPassword(user=ADA, code="abc", password="secret"),
        {"type": "reset", "user": "ada", "code": "abc", "password": "secret"},
    ),
    (
        MakeTicket(room=GENERAL, uses=30, seconds=60, user=ADA, factor=True),
        {
            "type": "make-ticket",
            "room": "General",
            "uses": 30,
            "seconds": 60,
            "user": "ada",
            "factor": True,
        },
    ),
    (MakeTicket(room=GENERAL), {"type": "make-ticket", "room": "General"}),
    (Tickets(room=GENERAL), {"type": "tickets", "room": "General"}),
    (
        EndTicket(room=GENERAL, ticket="t1"),
        {"type": "end-ticket", "room": "General", "ticket": "t1"},
    ),
    (
        Register(password="secret", user=ADA, invite="abc"),
        {"type": "register", "password": "secret", "user": "ada", "invite": "abc"},
    ),
    (Join(room=GENERAL, invite="abc"), {"type": "join", "room": "General", "invite": "abc"}),
    (
        SetRules(
            room=GENERAL,
            access=RoomAccess.LOCKED,
            speak=Speakers.VOICES,
            slow=30,
            guests=False,
            archived=True,
            password="x",
        ),
        {
            "type": "rules",
            "room": "General",
            "access": "locked",
            "speak": "voices",
            "slow": 30,
            "guests": False,
            "archived": True,
            "password": "x",
        },
    ),
    (
        RenameRoom(room=GENERAL, name=RoomName.parse("Tea"), nonce="n"),
        {"type": "rename-room", "room": "General", "name": "Tea", "nonce": "n"},
    ),
    (Invite(room=GENERAL, user=BEN), {"type": "invite", "room": "General", "user": "ben"}),
    (
        GiveRole(room=GENERAL, user=BEN, role=Role.VOICE),
        {"type": "role", "room": "General", "user": "ben", "role": "voice"},
    ),
    (
        Kick(room=GENERAL, user=BEN, reason="spam"),
        {"type": "kick", "room": "General", "user": "ben", "reason": "spam"},
    ),
    (
        Mute(room=GENERAL, user=BEN, seconds=600, reason="loud"),
        {"type": "mute", "room": "General", "user": "ben", "seconds": 600, "reason": "loud"},
    ),
    (Unmute(room=GENERAL, user=BEN), {"type": "unmute", "room": "General", "user": "ben"}),
    (
        Ban(room=GENERAL, user=BEN, network=True, seconds=600, reason="spam"),
        {
            "type": "ban",
            "room": "General",
            "user": "ben",
            "network": True,
            "seconds": 600,
            "reason": "spam",
        },
    ),
    (
        Ban(room=GENERAL, pattern="spam*"),
        {"type": "ban", "room": "General", "pattern": "spam*"},
    ),
    (Unban(room=GENERAL, ban=7), {"type": "unban", "room": "General", "ban": 7}),
    (Unban(room=GENERAL, user="spam*"), {"type": "unban", "room": "General", "user": "spam*"}),
    (Exempt(room=GENERAL, user=BEN), {"type": "exempt", "room": "General", "user": "ben"}),
    (
        Exempt(room=GENERAL, pattern="pal*", of=Exemption.INVITATIONS, on=False),
        {
            "type": "exempt",
            "room": "General",
            "pattern": "pal*",
            "of": "invitations",
            "on": False,
        },
    ),
    (
        SetRules(room=GENERAL, topics=Topics.MODERATORS, outside=False, most=5, signals=False),
        {
            "type": "rules",
            "room": "General",
            "topics": "moderators",
            "outside": False,
            "most": 5,
            "signals": False,
        },
    ),
    (Bans(room=GENERAL), {"type": "bans", "room": "General"}),
    (Audit(room=GENERAL, before=9), {"type": "audit", "room": "General", "before": 9}),
    (Direct(users=(ADA, BEN)), {"type": "direct", "users": ["ada", "ben"]}),
    (
        SetRules(room=GENERAL, history=HistoryFor.SINCE, newcomers=Newcomers.HELD),
        {"type": "rules", "room": "General", "history": "since", "newcomers": "held"},
    ),
    (
        CloseAccount(password="secret", empty=True),
        {"type": "close-account", "password": "secret", "empty": True},
    ),
    (
        SetProfile(about="verse", status=Status.BUSY, note="in a lesson", hides_seen=True),
        {
            "type": "profile",
            "about": "verse",
            "status": "busy",
            "note": "in a lesson",
            "hides_seen": True,
        },
    ),
    (Block(user=BEN), {"type": "block", "user": "ben"}),
    (Block(user=BEN, on=False), {"type": "block", "user": "ben", "on": False}),
    (Accept(user=BEN), {"type": "accept", "user": "ben"}),
    (Accept(user=BEN, on=False), {"type": "accept", "user": "ben", "on": False}),
    (SetProfile(accounts_only=True), {"type": "profile", "accounts_only": True}),
    (Whois(user=BEN), {"type": "whois", "user": "ben"}),
    (Watch(users=(ADA, BEN)), {"type": "watch", "users": ["ada", "ben"]}),
    (Watch(users=(), on=False), {"type": "watch", "users": [], "on": False}),
    (Here(users=(BEN,)), {"type": "here", "users": ["ben"]}),
    (
        Operate(user=ADA, password="secret", code="1"),
        {"type": "operate", "user": "ada", "password": "secret", "code": "1"},
    ),
    (Operate(on=False), {"type": "operate", "on": False}),
    (Announce(text="We close."), {"type": "announce", "text": "We close."}),
    (Hello(user=ADA, again=True), {"type": "hello", "user": "ada", "again": True}),
    (
        Leave(room=GENERAL, reason="see you"),
        {"type": "leave", "room": "General", "reason": "see you"},
    ),
    (Bye(reason="see you"), {"type": "bye", "reason": "see you"}),
    (
        EndInvitation(room=GENERAL, user=BEN),
        {"type": "end-invitation", "room": "General", "user": "ben"},
    ),
    (
        SetFilter(room=GENERAL, pattern="spam*"),
        {"type": "filter", "room": "General", "pattern": "spam*"},
    ),
    (
        SetFilter(room=GENERAL, pattern="spam*", on=False),
        {"type": "filter", "room": "General", "pattern": "spam*", "on": False},
    ),
    (Knock(room=GENERAL, text="please"), {"type": "knock", "room": "General", "text": "please"}),
    (
        Report(room=GENERAL, seq=7, reason="spam"),
        {"type": "report", "room": "General", "seq": 7, "reason": "spam"},
    ),
    (Report(room=GENERAL, user=BEN), {"type": "report", "room": "General", "user": "ben"}),
    (Queue(room=GENERAL), {"type": "queue", "room": "General"}),
    (
        Settle(room=GENERAL, item=7, approve=True),
        {"type": "settle", "room": "General", "item": 7, "approve": True},
    ),
    (Ping(), {"type": "ping"}),
    (Bye(), {"type": "bye"}),
]


def parse_name(kind: type, value: Any) -> Any:
    assert kind in (UserName, RoomName)
    return RoomName.parse(value) if kind is RoomName else UserName.parse(value)


def decode(shape: object) -> Command:
    frame = msgspec.json.encode(shape)
    command: Command = msgspec.json.decode(frame, type=AnyCommand, dec_hook=parse_name)
    return command


@pytest.mark.parametrize("command, shape", SHAPES)
def test_a_command_has_the_shape_that_the_protocol_says(
    command: Command, shape: dict[str, Any]
) -> None:
    assert msgspec.json.decode(msgspec.json.encode(command, enc_hook=str)) == shape
    assert decode(shape) == command


def test_every_command_is_in_the_union_and_has_a_shape_here() -> None:
    bases: list[type[Command]] = [Command, Write, Amend]
    not_in_json = {WaysIn, SetWayIn}
    commands = {one for base in bases for one in base.__subclasses__()} - {*bases, *not_in_json}
    assert set(get_args(AnyCommand)) == commands
    assert {type(command) for command, _ in SHAPES} == commands


def test_commands_are_values() -> None:
    assert Say(room=GENERAL, text="hi") == Say(room=GENERAL, text="hi")
    with pytest.raises(AttributeError):
        Say(room=GENERAL, text="hi").text = "ho"  # type: ignore[misc]


def test_names_in_a_command_are_parsed() -> None:
    join = decode({"type": "join", "room": "#General"})
    assert isinstance(join, Join)
    assert isinstance(join.room, RoomName)
    assert join.room.key == "general"


@pytest.mark.parametrize(
    "field, allowed, refused",
    [
        ("after", [0, MAX_EXACT], [-1, MAX_EXACT + 1]),
        ("before", [0, MAX_EXACT], [-1, MAX_EXACT + 1]),
        ("around", [0, MAX_EXACT], [-1, MAX_EXACT + 1]),
        ("limit", [1, MAX_HISTORY], [0, -1, MAX_HISTORY + 1]),
        (
            "id",
            [None, "", "x" * MAX_ID_CHARS, -MAX_EXACT, MAX_EXACT],
            ["x" * (MAX_ID_CHARS + 1), MAX_EXACT + 1, -MAX_EXACT - 1, True, 1.5, [], {}],
        ),
    ],
)
def test_numbers_and_ids_have_bounds(
    field: str, allowed: list[object], refused: list[object]
) -> None:
    shape = {"type": "history", "room": "General"}
    for value in allowed:
        assert getattr(decode({**shape, field: value}), field) == value
    for value in refused:
        with pytest.raises(msgspec.ValidationError, match=rf"\$\.{field}"):
            decode({**shape, field: value})


@pytest.mark.parametrize(
    "field, allowed, refused",
    [
        ("nonce", [None, "n", "n" * MAX_NONCE_CHARS], ["", "n" * (MAX_NONCE_CHARS + 1), 5]),
        ("reply_to", [None, 1, MAX_EXACT], [0, -1, MAX_EXACT + 1, "1"]),
    ],
)
def test_a_say_has_a_short_nonce_and_answers_an_event(
    field: str, allowed: list[object], refused: list[object]
) -> None:
    shape = {"type": "say", "room": "General", "text": "hi"}
    for value in allowed:
        assert getattr(decode({**shape, field: value}), field) == value
    for value in refused:
        with pytest.raises(msgspec.ValidationError, match=rf"\$\.{field}"):
            decode({**shape, field: value})


@pytest.mark.parametrize(
    "shape, field, allowed, refused",
    [
        ({"type": "mute", "user": "ben"}, "seconds", [1, MAX_SECONDS], [0, -1, MAX_SECONDS + 1]),
        (
            {"type": "ban"},
            "pattern",
            ["x" * MAX_PATTERN_CHARS],
            ["", "x" * (MAX_PATTERN_CHARS + 1)],
        ),
        ({"type": "rules"}, "slow", [0, MAX_SLOW_SECONDS], [-1, MAX_SLOW_SECONDS + 1]),
        ({"type": "rules"}, "access", [], ["secret", 1]),
        ({"type": "role", "user": "ben"}, "role", [], ["admin", None]),
    ],
)
def test_what_moderators_say_has_bounds(
    shape: dict[str, Any], field: str, allowed: list[object], refused: list[object]
) -> None:
    shape = {**shape, "room": "General"}
    for value in allowed:
        assert getattr(decode({**shape, field: value}), field) == value
    for value in refused:
        with pytest.raises(msgspec.ValidationError, match=rf"\$\.{field}"):
            decode({**shape, field: value})


def test_a_direct_conversation_is_of_two_to_nine_people() -> None:
    for count in (1, MAX_IN_DIRECT - 1):
        names = [f"user{number}" for number in range(count)]
        assert isinstance(decode({"type": "direct", "users": names}), Direct)
    for wrong in ([], [f"user{number}" for number in range(MAX_IN_DIRECT)]):
        with pytest.raises(msgspec.ValidationError, match=r"\$\.users"):
            decode({"type": "direct", "users": wrong})
