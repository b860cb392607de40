from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest

from hubbub.domain.errors import BadMessage, NameTaken, RateLimited
from hubbub.domain.events import AnyEvent, Event, Joined, Left, Said
from hubbub.domain.ids import UserId
from hubbub.domain.replies import (
    Ack,
    Announced,
    AnyReply,
    BanList,
    Challenge,
    Device,
    DeviceList,
    DirectRoom,
    Done,
    Events,
    FactorOffered,
    Found,
    Goodbye,
    Invitation,
    Labelled,
    Limits,
    Members,
    Messages,
    Page,
    PeopleHere,
    Person,
    PersonHere,
    Pong,
    Presence,
    ProfileChanged,
    QueueList,
    ReadUpTo,
    RecoveryCodes,
    Refused,
    Reply,
    Result,
    RoomDeleted,
    RoomInfo,
    RoomJoined,
    RoomLeft,
    RoomList,
    RoomMoved,
    RoomStanding,
    Signalled,
    SomeoneTyping,
    Standing,
    TicketGiven,
    TicketList,
    Version,
    VersionList,
    Warned,
    WaysInTold,
    Welcome,
)
from hubbub.domain.rules import (
    CurrentBan,
    HistoryFor,
    Newcomers,
    Profile,
    Queued,
    QueueItem,
    Role,
    RoomAccess,
    Speakers,
    Status,
    Ticket,
)

LIMITS = {
    "text": 4000,
    "line": 32768,
    "rate": 10.0,
    "burst": 50,
    "rooms": 50,
    "history": 200,
    "lines": 200,
    "edit": 0.0,
}
SAID = {"kind": "said", "seq": 7, "at": 5, "by": "ada", "text": "hi"}
SHAPES: list[tuple[Reply, dict[str, Any]]] = [
    (
        Welcome(
            re=1,
            user="ada",
            token="secret",
            server="Hubbub",
            log="0a",
            limits=Limits(4000, 32768, 10.0, 50, 50, 200),
            features=["who"],
        ),
        {
            "type": "welcome",
            "re": 1,
            "user": "ada",
            "token": "secret",
            "server": "Hubbub",
            "log": "0a",
            "limits": LIMITS,
            "features": ["who"],
        },
    ),
    (
        RoomList(rooms=[RoomInfo("General", 2, 7, at=5), RoomInfo("Tea", 0, 0)]),
        {
            "type": "rooms",
            "rooms": [
                {"name": "General", "users": 2, "head": 7, "at": 5},
                {"name": "Tea", "users": 0, "head": 0},
            ],
        },
    ),
    (
        RoomJoined(room="General", users=["ada", "ben"], head=7, after=0),
        {"type": "joined", "room": "General", "users": ["ada", "ben"], "head": 7, "after": 0},
    ),
    (
        RoomJoined(room="Lunch", users=["ada"], head=1, after=0, new=True),
        {"type": "joined", "room": "Lunch", "users": ["ada"], "head": 1, "after": 0, "new": True},
    ),
    (RoomLeft(room="General"), {"type": "left", "room": "General"}),
    (RoomDeleted(room="General"), {"type": "deleted", "room": "General"}),
    (
        Events(room="General", events=[Said(7, 5, "ada", "hi")]),
        {"type": "events", "room": "General", "events": [SAID]},
    ),
    (
        Ack(re="x", room="General", seq=7, at=5, nonce="n"),
        {"type": "ack", "re": "x", "room": "General", "seq": 7, "at": 5, "nonce": "n"},
    ),
    (
        Page(room="General", events=[Said(7, 5, "ada", "hi")], head=9),
        {"type": "history", "room": "General", "events": [SAID], "head": 9},
    ),
    (
        Messages(re=1, room="General", events=[Said(7, 5, "ada", "hi")], head=9, more=True),
        {
            "type": "messages",
            "re": 1,
            "room": "General",
            "events": [SAID],
            "head": 9,
            "more": True,
        },
    ),
    (
        VersionList(room="General", target=7, versions=[Version(5, "hi"), Version(6, "ho")]),
        {
            "type": "versions",
            "room": "General",
            "target": 7,
            "versions": [{"at": 5, "text": "hi"}, {"at": 6, "text": "ho"}],
        },
    ),
    (
        Members(room="General", users=["ada"]),
        {"type": "who", "room": "General", "users": ["ada"]},
    ),
    (
        ReadUpTo(re=1, room="General", seq=7, unread=0, mentions=0),
        {"type": "read", "re": 1, "room": "General", "seq": 7, "unread": 0, "mentions": 0},
    ),
    (
        Found(re=1, results=[Result("General", 7, 5, "ada", ["", "hello", "!"], 3)], next="7"),
        {
            "type": "found",
            "re": 1,
            "results": [
                {
                    "room": "General",
                    "seq": 7,
                    "at": 5,
                    "by": "ada",
                    "excerpt": ["", "hello", "!"],
                    "reply_to": 3,
                }
            ],
            "next": "7",
        },
    ),
    (Done(re=1), {"type": "done", "re": 1}),
    (
        FactorOffered(re=1, secret="ABC", uri="otpauth://totp/x"),
        {"type": "factor", "re": 1, "secret": "ABC", "uri": "otpauth://totp/x"},
    ),
    (RecoveryCodes(codes=["a-b"]), {"type": "recovery-codes", "codes": ["a-b"]}),
    (
        TicketGiven(room="General", code="abc", ticket=Ticket("t1", "ada", 30, until=9)),
        {
            "type": "ticket",
            "room": "General",
            "code": "abc",
            "ticket": {"id": "t1", "by": "ada", "uses": 30, "until": 9},
        },
    ),
    (
        TicketList(room="General", tickets=[Ticket("t1", "ada")]),
        {"type": "tickets", "room": "General", "tickets": [{"id": "t1", "by": "ada"}]},
    ),
    (
        DeviceList(re=1, devices=[Device("d1", "page", "::1", 5, 9, current=True, connected=2)]),
        {
            "type": "devices",
            "re": 1,
            "devices": [
                {
                    "id": "d1",
                    "client": "page",
                    "address": "::1",
                    "since": 5,
                    "seen": 9,
                    "current": True,
                    "connected": 2,
                }
            ],
        },
    ),
    (
        BanList(
            re=1,
            room="General",
            bans=[CurrentBan(7, "ada", "eve", UserId("e3"), until=9, reason="spam")],
            muted={"ben": None, "cleo": 9},
            filters=["spam*"],
            invited=["dan"],
        ),
        {
            "type": "bans",
            "re": 1,
            "room": "General",
            "bans": [
                {
                    "seq": 7,
                    "by": "ada",
                    "user": "eve",
                    "user_id": "e3",
                    "until": 9,
                    "reason": "spam",
                }
            ],
            "muted": {"ben": None, "cleo": 9},
            "filters": ["spam*"],
            "invited": ["dan"],
        },
    ),
    (
        QueueList(
            re=1,
            room="General",
            items=[
                QueueItem(7, Queued.REPORT, 5, "ben", about=3, user="eve", reason="spam"),
                QueueItem(8, Queued.HELD, 6, "dan", UserId("d4"), "hello", reply_to=3),
            ],
        ),
        {
            "type": "queue",
            "re": 1,
            "room": "General",
            "items": [
                {
                    "seq": 7,
                    "kind": "report",
                    "at": 5,
                    "by": "ben",
                    "about": 3,
                    "user": "eve",
                    "reason": "spam",
                },
                {
                    "seq": 8,
                    "kind": "held",
                    "at": 6,
                    "by": "dan",
                    "by_id": "d4",
                    "text": "hello",
                    "reply_to": 3,
                },
            ],
        },
    ),
    (
        Person(re=1, user="ben", user_id=UserId("b2"), here=True, account=True, seen=5),
        {
            "type": "person",
            "re": 1,
            "user": "ben",
            "user_id": "b2",
            "here": True,
            "account": True,
            "seen": 5,
        },
    ),
    (
        Presence(room="General", user="ben", here=False, status=Status.AWAY, note="lunch"),
        {
            "type": "presence",
            "room": "General",
            "user": "ben",
            "here": False,
            "status": "away",
            "note": "lunch",
        },
    ),
    (
        ProfileChanged(profile=Profile(5, "verse", blocked={UserId("e3"): "eve"})),
        {
            "type": "profile",
            "profile": {"registered": 5, "about": "verse", "blocked": {"e3": "eve"}},
        },
    ),
    (
        RoomStanding(
            room="General",
            standing=Standing(newcomers=Newcomers.HELD, newcomer=True, waiting=2),
        ),
        {
            "type": "standing",
            "room": "General",
            "standing": {"newcomers": "held", "newcomer": True, "waiting": 2},
        },
    ),
    (
        DirectRoom(re=1, room="@a1-b2", users=["ben"], head=1, new=True),
        {"type": "direct", "re": 1, "room": "@a1-b2", "users": ["ben"], "head": 1, "new": True},
    ),
    (Warned(message="The disk fills up."), {"type": "warning", "message": "The disk fills up."}),
    (
        Announced(by="root", text="We close."),
        {"type": "announcement", "by": "root", "text": "We close."},
    ),
    (
        PeopleHere(
            re=1,
            people=[
                PersonHere("ada", here=False),
                PersonHere(
                    "ben",
                    here=True,
                    user_id=UserId("b2"),
                    account=True,
                    role=Role.OWNER,
                    status=Status.AWAY,
                    note="tea",
                ),
            ],
        ),
        {
            "type": "here",
            "re": 1,
            "people": [
                {"user": "ada", "here": False},
                {
                    "user": "ben",
                    "here": True,
                    "user_id": "b2",
                    "account": True,
                    "role": "owner",
                    "status": "away",
                    "note": "tea",
                },
            ],
        },
    ),
    (Invitation(room="Tea", by="ada"), {"type": "invitation", "room": "Tea", "by": "ada"}),
    (RoomMoved(room="Tea", name="Coffee"), {"type": "moved", "room": "Tea", "name": "Coffee"}),
    (
        RoomStanding(room="Tea", standing=Standing()),
        {"type": "standing", "room": "Tea", "standing": {}},
    ),
    (
        RoomJoined(
            room="Tea",
            users=["ada"],
            head=1,
            after=0,
            standing=Standing(
                access=RoomAccess.MEMBERS,
                role=Role.OWNER,
                speak=Speakers.VOICES,
                slow=5,
                guests=False,
                history=HistoryFor.SINCE,
                archived=True,
                owned=True,
                muted=True,
                roles={"ada": Role.OWNER},
                people=["ben"],
            ),
        ),
        {
            "type": "joined",
            "room": "Tea",
            "users": ["ada"],
            "head": 1,
            "after": 0,
            "standing": {
                "access": "members",
                "role": "owner",
                "speak": "voices",
                "slow": 5,
                "guests": False,
                "history": "since",
                "archived": True,
                "owned": True,
                "muted": True,
                "roles": {"ada": "owner"},
                "people": ["ben"],
            },
        },
    ),
    (SomeoneTyping(room="General", by="ada"), {"type": "typing", "room": "General", "by": "ada"}),
    (
        Signalled(room="General", by="ada", by_id=UserId("7"), tags={"+x": "1"}, text="VERSION"),
        {
            "type": "signal",
            "room": "General",
            "by": "ada",
            "by_id": "7",
            "tags": {"+x": "1"},
            "text": "VERSION",
        },
    ),
    (Pong(re=4), {"type": "pong", "re": 4}),
    (
        Goodbye(reason="bye", message="Goodbye."),
        {"type": "bye", "reason": "bye", "message": "Goodbye."},
    ),
    (
        Refused(re=2, code="name-taken", message="Taken.", suggestion="ada2"),
        {
            "type": "error",
            "re": 2,
            "code": "name-taken",
            "message": "Taken.",
            "suggestion": "ada2",
        },
    ),
]


@pytest.mark.parametrize("reply, shape", SHAPES)
def test_a_reply_has_the_shape_that_the_protocol_says(reply: Reply, shape: dict[str, Any]) -> None:
    assert msgspec.to_builtins(reply) == shape
    assert msgspec.json.decode(msgspec.json.encode(shape), type=AnyReply) == reply


def test_every_reply_is_in_the_union_and_has_a_shape_here() -> None:
    not_in_json = {Challenge, Labelled, WaysInTold}
    replies = set(Reply.__subclasses__()) - not_in_json
    assert set(get_args(AnyReply)) == replies
    assert {type(reply) for reply, _ in SHAPES} == replies


@pytest.mark.parametrize(
    "event, shape",
    [
        (Said(7, 5, "ada", "hi"), SAID),
        (Said(7, 5, "ada", "hi", reply_to=3), {**SAID, "reply_to": 3}),
        (
            Said(7, 5, "ada", "hi", notice=True, tags={"+x": "1"}),
            {**SAID, "notice": True, "tags": {"+x": "1"}},
        ),
        (Joined(1, 5, "ada"), {"kind": "joined", "seq": 1, "at": 5, "by": "ada"}),
        (Left(2, 5, "ada"), {"kind": "left", "seq": 2, "at": 5, "by": "ada"}),
    ],
)
def test_an_event_has_the_shape_that_the_protocol_says(event: Event, shape: dict[str, Any]) -> None:
    assert msgspec.to_builtins(event) == shape
    assert msgspec.json.decode(msgspec.json.encode(shape), type=AnyEvent) == event


def test_every_kind_of_event_is_in_the_union() -> None:
    assert set(get_args(AnyEvent)) == set(kinds_below(Event))


def kinds_below(base: type[Event]) -> Iterator[type[Event]]:
    """The kinds themselves: not what several of them are built on."""
    for kind in base.__subclasses__():
        if kind.__module__ != base.__module__:
            continue
        if kind.__subclasses__():
            yield from kinds_below(kind)
        else:
            yield kind


def test_a_refusal_tells_all_that_an_error_knows() -> None:
    assert Refused.of(BadMessage("What?")) == Refused(code="bad-message", message="What?")
    assert Refused.of(NameTaken("Taken.", suggestion="ada2"), 4) == Refused(
        re=4, code="name-taken", message="Taken.", suggestion="ada2"
    )
    assert Refused.of(
        RateLimited("Too fast.", retry_after=0.5), "x", room="General", nonce="n"
    ) == Refused(
        re="x",
        code="rate-limited",
        message="Too fast.",
        retry_after=0.5,
        room="General",
        nonce="n",
    )
