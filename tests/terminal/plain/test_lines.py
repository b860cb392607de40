"""Events and rooms as lines."""

from __future__ import annotations

import time

import pytest

from hubbub.client import Event, Joined, Left, Said
from hubbub.domain.events import Edited, Pinned, Quote, Reacted, Redacted
from hubbub.domain.files import File
from hubbub.domain.reactions import Reaction, Redaction
from hubbub.domain.replies import Found, Result, RoomInfo
from hubbub.domain.rules import RoomAccess
from hubbub.terminal.plain.lines import event_lines, found_lines, room_lines

AT = 1_690_729_205_999


@pytest.mark.parametrize(
    "event, expected",
    [
        (Said(1, AT, "ada", "hi"), ["[2023-07-30 15:00:05] ada: hi"]),
        (
            Said(4, AT, "ben", "one\ntwo", 3, Quote("ada", "what?\x1b[2J")),
            [f"[2023-07-30 15:00:05] ben: {x}" for x in ("> ada: what?␛[2J", "one", "two")],
        ),
        (Joined(1, AT, "ada"), ["[2023-07-30 15:00:05] ada has joined the chat!"]),
        (Left(1, AT, "ada"), ["[2023-07-30 15:00:05] ada has left the chat!"]),
        (Joined(1, AT, "eve", was="ada"), ["[2023-07-30 15:00:05] ada is now eve."]),
        (Left(1, AT, "ada", now="eve"), []),
        (Event(1, AT, "ada"), []),
        (
            Said(1, AT, "eve", "hi\n[2023-07-30 15:00:06] ben: I agree"),
            [
                "[2023-07-30 15:00:05] eve: hi",
                "[2023-07-30 15:00:05] eve: [2023-07-30 15:00:06] ben: I agree",
            ],
        ),
        (
            Said(1, AT, "eve\nben", "\x1b[2K\u202e"),
            ["[2023-07-30 15:00:05] eve␊ben: ␛[2K\ufffd"],
        ),
    ],
)
def test_an_event_is_shown_with_its_time_and_who_it_was(event: Event, expected: list[str]) -> None:
    assert event_lines(event, time.gmtime) == expected


HI = Quote("ada", "hi\x1b[2J")
LIKES = (Reaction("\N{THUMBS UP SIGN}", ["ben", "eve"], ["", ""]),)  # type: ignore[list-item]


@pytest.mark.parametrize(
    "event, lines",
    [
        (
            Edited(9, AT, "ada", 3, "one\n[2023] ben: \x1b[2J"),
            ["ada has changed a message: one", "ada has changed a message: [2023] ben: ␛[2J"],
        ),
        (Redacted(9, AT, "ben", 3, author="ada"), ["ben has taken back a message of ada."]),
        (Reacted(9, AT, "ben", 3, emoji="🎉", quote=HI), ["ben reacts with 🎉 to ada: hi␛[2J"]),
        (Reacted(9, AT, "ben", 3, emoji="🎉", quote=HI, count=4), []),
        (Pinned(9, AT, "ben", target=3, quote=HI), ["ben has pinned a message of ada: hi␛[2J"]),
        (
            Said(3, AT, "ada", "a\nb", rev=9, edited_at=8, reactions=LIKES),
            ["ada: a", "ada: b (edited) [👍 2]"],
        ),
        (Said(3, AT, "ada", "", rev=9, redacted=Redaction(8, "ben")), ["ada: (taken back by ben)"]),
        (
            Said(3, AT, "ada", "", rev=9, files=(File("f", "a\x1b.png", 3000, "image/png"),)),
            ["ada: a␛.png (2.9 KiB)"],
        ),
        (
            Said(3, AT, "ada", "x", rev=9, edited_at=8, files=(File("f", "a", 3, "text/plain"),)),
            ["ada: x (edited)", "ada: a (3 B)"],
        ),
    ],
)
def test_what_becomes_of_a_message_is_told(event: Event, lines: list[str]) -> None:
    assert event_lines(event, time.gmtime) == [f"[2023-07-30 15:00:05] {line}" for line in lines]


def test_an_edit_of_more_lines_than_servers_accept_is_cut() -> None:
    lines = event_lines(Edited(9, AT, "eve", 3, "x\n" * 5000), time.gmtime)
    assert len(lines) == 1001
    assert lines[-1] == "(4,000 more lines)"


@pytest.mark.parametrize("at", [-(2**63), 2**63, 10**18])
def test_a_time_beyond_all_calendars_is_no_reason_to_fail(at: int) -> None:
    (line,) = event_lines(Said(1, at, "eve", "hi"), time.gmtime)
    assert line.endswith("] eve: hi")


def test_rooms_are_listed_with_their_users() -> None:
    rooms = [RoomInfo("General", 2, 7), RoomInfo("tea", 1, 3), RoomInfo("late", 0, 1)]
    assert room_lines(rooms) == [
        "Available rooms:",
        "  General (2 users)",
        "  tea (1 user)",
        "  late (0 users)",
    ]
    assert room_lines([]) == ["There are no rooms yet."]


def test_a_member_is_told_how_much_is_new_in_a_private_room() -> None:
    open = RoomInfo("tea", 1, 3, read=1, unread=2)  # where who goes there finds it
    mine = RoomInfo("Club", 3, 9, access=RoomAccess.MEMBERS, read=6, unread=3)
    assert room_lines([open, mine])[1:] == ["  tea (1 user)", "  Club (3 users, private, 3 new)"]


def test_a_direct_conversation_is_never_called_by_its_name() -> None:
    talks = [
        RoomInfo("@x1", 2, 9, access=RoomAccess.DIRECT, people=["ben"]),
        RoomInfo("@x2", 1, 9, access=RoomAccess.DIRECT),
    ]
    assert room_lines(talks) == ["Available rooms:", "  /msg ben"]
    gone = RoomInfo("@x3", 1, 9, access=RoomAccess.DIRECT, unread=2)
    told = "  /join @x3 (2 new, of a former member)"
    assert room_lines([gone]) == ["Available rooms:", told], "or it could not be read"
    results = [Result(room, 3, AT, "ada", ["", "tea"]) for room in ("Kitchen", "@x1", "@x2")]
    people = {"@x1": ["ben", "eve"]}
    lines = found_lines(Found(results=results), lambda room: people.get(room, []), time.gmtime)
    assert lines == [
        "Kitchen #3 [2023-07-30 15:00:05] ada: tea",
        "with ben, eve #3 [2023-07-30 15:00:05] ada: tea",
        "with nobody else #3 [2023-07-30 15:00:05] ada: tea",
        "There are no more results.",
    ]
