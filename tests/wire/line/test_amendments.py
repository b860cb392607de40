"""What changes messages in the line protocol: the commands, and the lines that tell of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.domain.events import (
    AnyEvent,
    Edited,
    Event,
    Joined,
    Pinned,
    Quote,
    Reacted,
    Redacted,
    Said,
)
from hubbub.domain.files import File
from hubbub.domain.ids import user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.reactions import Reaction, Redaction
from hubbub.domain.sentences import TAKEN_AWAY
from hubbub.domain.state import Member
from hubbub.wire.line.format import MIN_REMEMBERED, LineFormat
from tests.wire.line.talk import TIME, Talk
from tests.wire.line.test_format import BIDI, HOSTILE

GENERAL = RoomName.parse("General")
TALK = RoomName.recall("@talk")
FORMAT = LineFormat(lambda at: f"T{at}", link=lambda file: f"https://chat/api/files/{file.id}")
ADA, BEN = user_id(1), user_id(2)
HI = Quote("ada", "hi", ADA)
LIKES = (
    Reaction("\N{THUMBS UP SIGN}", ["ben", "eve"], [BEN, user_id(3)]),
    Reaction("\N{HEAVY BLACK HEART}\ufe0f", ["ben"], [BEN]),
)
CAT = File("f1", "cat.png", 3000, "image/png")
DOG = File("f2", "d\x1bg.pdf", 12, "application/pdf")
ENTERED = [b"ada\r\n", b"General\r\n"]


@pytest.mark.parametrize(
    "typed, command",
    [
        ("/edit better", "edit General better"),
        ("/undo", "redact General"),
        ("/undo @ben", "redact General ben"),
        ("/react :thumbsup:", "react General :thumbsup:"),
        ("/react ben \N{THUMBS UP SIGN}", "react General ben \N{THUMBS UP SIGN}"),
        ("/unreact +1", "react General +1 False"),
        ("/pin", "pin General"),
        ("/unpin ben", "pin General ben False"),
        ("/pins", "pins General"),
    ],
)
def test_what_is_typed_about_a_message_is_asked_for(typed: str, command: str) -> None:
    talk = Talk.of(*ENTERED, typed.encode() + b"\r\n")
    assert talk.commands[-1] == command
    assert not talk.refusals
    byte_by_byte = Talk.of(*(bytes([one]) for one in b"".join(ENTERED) + typed.encode() + b"\r\n"))
    assert (byte_by_byte.commands, byte_by_byte.heard) == (talk.commands, talk.heard)


@pytest.mark.parametrize("typed", ["/edit x", "/undo", "/react +1", "/pin", "/pins"])
def test_who_is_in_no_room_is_told_so(typed: str) -> None:
    assert Talk.of(b"ada\n", typed.encode() + b"\n").lines[-2:] == [
        "You are not in a room yet. Type the name of one.",
        "Which room?",
    ]


def test_what_nobody_else_is_told_of_is_answered_and_the_rest_is_seen_in_the_room() -> None:
    talk = Talk.of(*ENTERED)
    for typed, answer in (
        ("/react +1", ["Your reaction is shown with the message."]),
        ("/unreact +1", ["Your reaction is taken back."]),
        ("/edit x", []),
        ("/undo", []),
        ("/pin", []),
        (
            "/react ben eve +1",
            ["With which emoji? Type: /react :thumbsup:, or /react NAME :thumbsup:"],
        ),
    ):
        before = len(talk.lines)
        assert talk.send(f"{typed}\r\n".encode()).lines[before:] == answer


def test_pins_are_listed_in_their_present_form() -> None:
    lines = Talk.of(*ENTERED, b"/pins\r\n").lines
    assert lines[-3:] == [
        "Pinned in General, the newest first:",
        f"[{TIME}] ben: be",
        f"[{TIME}] ben: kind (edited)",
    ]
    assert Talk.of(b"ada\nTea\n/pins\n").lines[-1] == "Nothing is pinned in Tea."


def test_a_client_that_ends_no_lines_can_change_what_it_said() -> None:
    talk = Talk()
    for sent in (b"ada", b"General", b"helo", b"/edit hello", b"/undo"):
        talk.send(sent).pause()
    assert talk.commands[-3:] == ["say General: helo", "edit General hello", "redact General"]


def test_who_has_spoken_in_private_last_changes_that_and_nothing_in_the_room() -> None:
    talk = Talk.of(*ENTERED, b"hello\r\n/msg ben psst\r\n/edit hush\r\n/undo\r\n/undo ben\r\n")
    assert [one for one in talk.commands if one.startswith(("edit", "redact"))] == [
        "edit @ben hush",
        "redact @ben",
        "redact General ben",
    ]
    talk.send(b"loud\r\n/edit louder\r\n")
    assert talk.commands[-1] == "edit General louder"
    talk.send(b"/msg ben psst\r\n/reply ben yes\r\n/undo\r\n/msg ben\r\n/undo\r\n")
    assert talk.commands[-1] == "redact General"


@pytest.mark.parametrize(
    "event, lines",
    [
        (Edited(9, 7, "ada", 3, "better"), ["ada has changed a message: better"]),
        (
            Edited(9, 7, "ada", 3, "one\n[T7] ben: \x1b[2J\u2028three"),
            [
                "ada has changed a message: one",
                "ada has changed a message: [T7] ben: ␛[2J",
                "ada has changed a message: three",
            ],
        ),
        (Edited(9, 7, "ada", 3, ""), ["ada has changed a message."]),
        (Redacted(9, 7, "ada", 3, author="ada"), ["ada has taken back a message."]),
        (Redacted(9, 7, "ben", 3, author="a\x1bda"), ["ben has taken back a message of a␛da."]),
        (Reacted(9, 7, "ben", 3, emoji="🎉", quote=HI, count=1), ["ben reacts with 🎉 to ada: hi"]),
        (
            Reacted(9, 7, "ben", 3, emoji="🎉", quote=HI, count=5),
            ["ben and 4 others react with 🎉 to ada: hi"],
        ),
        (Reacted(9, 7, "ben", 3, emoji="🎉", quote=HI, count=4), []),
        (Reacted(9, 7, "ben", 3, emoji="🎉", quote=HI, count=1, on=False), []),
        (
            Pinned(9, 7, "ada", target=3, quote=Quote("ben", "x")),
            ["ada has pinned a message of ben: x"],
        ),
        (Pinned(9, 7, "ada", target=3, on=False), ["ada has unpinned a message."]),
    ],
)
def test_what_changes_a_message_is_told_in_lines(event: AnyEvent, lines: list[str]) -> None:
    assert FORMAT.lines(event) == [f"[T7] {line}" for line in lines]
    assert FORMAT.events(GENERAL, [event]).decode() == "".join(f"[T7] {line}\n" for line in lines)


@pytest.mark.parametrize(
    "said, lines",
    [
        (Said(3, 7, "ada", "better", rev=9, edited_at=8), ["better (edited)"]),
        (Said(3, 7, "ada", "a\nb", rev=9, edited_at=8), ["a", "b (edited)"]),
        (Said(3, 7, "ada", "hi", rev=9, reactions=LIKES), ["hi [👍 2 ❤️ 1]"]),
        (Said(3, 7, "ada", "x", rev=9, edited_at=8, reactions=LIKES), ["x (edited) [👍 2 ❤️ 1]"]),
        (Said(3, 7, "ada", "", rev=9, redacted=Redaction(8, "b\nen")), ["(taken back by b", "en)"]),
        (Said(3, 7, "ada", "", rev=9), [TAKEN_AWAY]),
        (
            Said(3, 7, "ada", "", 1, Quote("ben", "so?"), rev=9, redacted=Redaction(8, "ada")),
            ["> ben: so?", "(taken back by ada)"],
        ),
        (
            Said(3, 7, "ada", "see", files=(CAT, DOG)),
            [
                "see",
                "cat.png (2.9 KiB) https://chat/api/files/f1",
                "d␛g.pdf (12 B) https://chat/api/files/f2",
            ],
        ),
        (
            Said(3, 7, "ada", "see", rev=9, files=(CAT,), reactions=LIKES),
            ["see [👍 2 ❤️ 1]", "cat.png (2.9 KiB) https://chat/api/files/f1"],
        ),
        (
            Said(3, 7, "ada", "", rev=9, files=(CAT,), reactions=LIKES),
            ["cat.png (2.9 KiB) https://chat/api/files/f1 [👍 2 ❤️ 1]"],
        ),
    ],
)
def test_in_the_past_a_message_shows_what_became_of_it(said: Said, lines: list[str]) -> None:
    assert FORMAT.lines(said) == [f"[T7] ada: {line}" for line in lines]


def test_a_server_that_knows_no_links_shows_files_without() -> None:
    said = Said(3, 7, "ada", "", files=(CAT,))
    assert LineFormat(lambda at: "T").lines(said) == ["[T] ada: cat.png (2.9 KiB)"]


@pytest.mark.parametrize("crowd", [0, MIN_REMEMBERED])
def test_of_the_past_only_that_is_told_that_its_messages_do_not_show(crowd: int) -> None:
    said = Said(3, 7, "ada", "best", rev=8, edited_at=7, reactions=LIKES)
    past: list[AnyEvent] = [
        said,
        *(Joined(4, 7, "eve") for _ in range(crowd)),
        Edited(5, 7, "ada", 3, "better"),
        Edited(6, 7, "ben", 1, "what I said long ago"),
        Reacted(7, 7, "ben", 1, emoji="🎉", quote=HI),
        Edited(8, 7, "ada", 3, "best"),
        Pinned(9, 7, "ben", target=3, quote=Quote("ada", "best")),
    ]
    told = FORMAT.events(GENERAL, past, past=True).decode().splitlines()
    assert [line for line in told if "joined" not in line] == [
        "[T7] ada: best (edited) [👍 2 ❤️ 1]",
        "[T7] ben has changed a message: what I said long ago",
        "[T7] ben has pinned a message of ada: best",
    ]
    assert len(FORMAT.events(GENERAL, past).decode().splitlines()) == 6 + crowd


def test_a_storm_of_reactions_is_a_dozen_lines() -> None:
    storm: list[AnyEvent] = [
        Reacted(n, 7, f"user{n}", 3, emoji="🎉", quote=HI, count=n - 9) for n in range(10, 1010)
    ]
    told = FORMAT.events(GENERAL, storm).decode().splitlines()
    assert len(told) == 11
    assert told[-1] == "[T7] user1009 and 999 others react with 🎉 to ada: hi"


def test_what_changes_a_private_message_says_whose_conversation_it_is() -> None:
    people = [Member(UserName.parse(name), id) for name, id in (("ada", ADA), ("ben", BEN))]
    format = LineFormat(lambda at: "T", people=lambda room: people)
    told = format.events(
        TALK,
        [
            Said(3, 7, "ada", "hi", by_id=ADA),
            Edited(4, 7, "ada", 3, "a\nb", by_id=ADA),
            Reacted(5, 7, "ben", 3, emoji="🎉", quote=HI, by_id=BEN, count=1),
            Pinned(6, 7, "ben", target=3, quote=HI, by_id=BEN),
            Redacted(7, 7, "ada", 3, by_id=ADA, author="ada", author_id=ADA),
        ],
    )
    assert told.decode().splitlines() == [
        "[T] ada to ben (private): hi",
        "[T] ada (private with ben) has changed a message: a",
        "[T] ada (private with ben) has changed a message: b",
        "[T] ben (private with ada) reacts with 🎉 to ada: hi",
        "[T] ben (private with ada) has pinned a message of ada: hi",
        "[T] ada (private with ben) has taken back a message.",
    ]


def test_a_kind_of_a_later_version_is_no_line() -> None:
    assert FORMAT.events(GENERAL, [Event(9, 7, "ada")], past=True) == b""  # type: ignore[list-item]


@given(HOSTILE, HOSTILE, st.booleans())
@settings(deadline=None)
def test_whatever_is_in_it_every_line_is_of_who_did_it_and_only_text(
    text: str, other: str, past: bool
) -> None:
    quote = Quote(other, text)
    file = File("f1", other, 3, "image/png", alt=text)
    events: list[AnyEvent] = [
        Edited(9, 7, "eve", 1, text),
        Redacted(9, 7, "eve", 1, author=other),
        Reacted(9, 7, "eve", 1, emoji="🎉", quote=quote),
        Pinned(9, 7, "eve", target=1, quote=quote),
        Said(3, 7, "eve", text, 1, quote, rev=9, edited_at=9, files=(file,), reactions=LIKES),
        Said(4, 7, "eve", "", rev=9, redacted=Redaction(8, other)),
    ]
    shown = FORMAT.events(GENERAL, events, past=past).decode()
    lines = shown.splitlines()
    assert lines == shown.removesuffix("\n").split("\n")
    assert all(line.startswith("[T7] eve") for line in lines)
    obeyed = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *BIDI, "\u2028", "\u2029"}
    assert not (obeyed - {"\t"}) & set("".join(lines))
