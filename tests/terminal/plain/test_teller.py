"""What a person is told of each update."""

from __future__ import annotations

import time

from hubbub.client import (
    Announced,
    Connected,
    Disconnected,
    Entered,
    Happened,
    Held,
    Joined,
    NameRefused,
    PresenceChanged,
    Profile,
    Role,
    RoomLost,
    RoomReset,
    Said,
    SomeoneIsTyping,
    Standing,
    StandingChanged,
    Status,
    Update,
)
from hubbub.client.me import Me
from hubbub.domain.errors import NameTaken, NotInRoom, TooManyRooms
from hubbub.domain.events import Edited, Reacted
from hubbub.domain.ids import user_id
from hubbub.domain.replies import Limits
from hubbub.domain.sentences import TAKEN_AWAY
from hubbub.terminal.plain.folding import Folding
from hubbub.terminal.plain.teller import BACK, LOST, Teller, misses_new

LIMITS = Limits(4000, 32768, 10, 50, 50, 200)
FIRST = Connected("ada", "Hubbub", "log", LIMITS)
AGAIN = Connected("ada", "Hubbub", "log", LIMITS, again=True)
ENTERED = Entered("tea", ("ada",), 1, 0)
ENTERED_AGAIN = Entered("tea", ("ada",), 1, 1, again=True)
HI = Happened("tea", Said(2, 1_690_729_205_000, "ben", "hi"))


def told(*updates: Update) -> list[str]:
    teller = Teller(time.gmtime)
    return [line for update in updates for line in teller.tell(update)]


def test_a_room_welcomes_once_and_then_its_events_are_told() -> None:
    assert told(FIRST, ENTERED, HI) == ["Welcome to room tea!", "[2023-07-30 15:00:05] ben: hi"]


def test_of_the_past_only_that_is_told_that_its_messages_do_not_show() -> None:
    at = 1_690_729_205_000
    past = [
        Said(6, at, "ben", "better", rev=7, edited_at=1),
        Edited(7, at, "ben", 6, "better"),
        Edited(8, at, "ben", 3, "long ago"),
        Reacted(9, at, "eve", 3, emoji="🎉"),
    ]
    new = [Edited(10, at, "ben", 6, "best"), Reacted(11, at, "eve", 6, emoji="🎉", count=1)]
    entered = Entered("tea", ("ada",), 9, 5)
    updates = [Happened("tea", event) for event in (*past, *new)]
    lines = [
        "[2023-07-30 15:00:05] ben: better (edited)",
        "[2023-07-30 15:00:05] ben has changed a message: long ago",
        "[2023-07-30 15:00:05] ben has changed a message: best",
        "[2023-07-30 15:00:05] eve reacts with 🎉 to a message.",
    ]
    assert told(entered, *updates) == ["Welcome to room tea!", *lines]
    # Back after a lost connection: what was shown before was not shown as it is now.
    back = Entered("tea", ("ada",), 9, 6, again=True)
    assert told(entered, updates[0], back, *updates[1:]) == [
        "Welcome to room tea!",
        lines[0],
        "[2023-07-30 15:00:05] ben has changed a message: better",
        *lines[1:],
    ]


def test_only_the_room_that_was_entered_last_is_told_of() -> None:
    other = Entered("General", ("ada",), 0, 0)
    assert told(ENTERED, other, HI) == ["Welcome to room tea!", "Welcome to room General!"]


def test_a_lost_connection_is_told_once_however_many_attempts_it_takes() -> None:
    def attempt(number: int) -> Disconnected:
        return Disconnected("It broke.", "lost", 0.2, number)

    lost = [attempt(1), attempt(2), attempt(3)]
    back = [AGAIN, ENTERED_AGAIN]
    assert told(*lost, *back, *lost, *back) == [LOST, BACK, LOST, BACK]


def test_a_server_that_comes_back_with_another_key_is_warned_of_once() -> None:
    restarts = Disconnected("It restarts.", "restarting", 0.2, 1, planned=True)
    changed = Disconnected("WARNING: another key.", "certificate-changed", 0.2, 2)
    assert told(restarts, changed, changed) == [LOST, "WARNING: another key."]


def test_a_server_that_restarts_is_worth_no_word_unless_it_stays_away() -> None:
    restarts = Disconnected("It restarts.", "restarting", 0.2, 1, planned=True)
    away = Disconnected("Nobody is there.", "unreachable", 0.2, 2)
    assert told(restarts, AGAIN, ENTERED_AGAIN) == []
    assert told(restarts, away, AGAIN, ENTERED_AGAIN) == [LOST, BACK]
    lost = Disconnected("It broke.", "lost", 0.2, 1)
    assert told(restarts, AGAIN, lost, AGAIN) == [LOST, BACK]


def test_a_name_that_was_taken_meanwhile_is_told_with_what_to_do() -> None:
    refused = NameRefused("ada", NameTaken('The name "ada" is in use.'), 1.0)
    lines = told(refused, refused, AGAIN)
    assert lines[0].endswith('as ada again: The name "ada" is in use.')
    assert "/nick" in lines[1]
    assert lines[2:] == [BACK, "You are ada now."]


def test_another_log_and_a_lost_room_and_a_full_disk_are_told() -> None:
    lost = RoomLost("tea", TooManyRooms("You are in too many rooms."))
    lines = told(ENTERED, RoomReset("tea"), Held("The disk is full.", 1.0), lost, HI)
    assert "tea has a different history now" in lines[1]
    assert lines[2:] == [
        "The disk is full. What you wrote is kept, and tried again.",
        "You are not in tea any more: You are in too many rooms.",
    ]


def test_who_is_put_out_is_told_so_once() -> None:
    lost = RoomLost("tea", NotInRoom("You were put out of tea."))
    assert told(ENTERED, lost)[-1] == "You were put out of tea."


def test_what_everybody_is_told_is_a_line() -> None:
    assert told(Announced("root", "We close.")) == ["root tells everybody: We close."]


def test_what_is_of_no_use_as_a_line_is_not_told() -> None:
    assert told(FIRST, SomeoneIsTyping("tea", "ben"), RoomReset("elsewhere")) == []


def test_how_much_is_new_is_told_with_the_welcome() -> None:
    near = Entered("tea", ("ada",), 50, 10, read=20, unread=28, mentions=1)
    assert told(near)[1:] == ["28 new since you were here, 1 mentions you."]
    far = Entered("tea", ("ada",), 150, 50, read=40, unread=94, mentions=2)
    assert told(far)[1:] == ["94 new since you were here, 2 mention you. /history 110 shows them."]
    assert misses_new(far)
    assert not misses_new(near)
    assert told(Entered("tea", ("ada",), 50, 10, read=50, unread=0, mentions=0))[1:] == []


def came(seq: int, name: str) -> Happened:
    return Happened("tea", Joined(seq, 1_690_729_205_000, name))


def test_who_follows_is_held_until_somebody_says_something_or_it_is_time() -> None:
    folding = Folding(Teller(time.gmtime))
    folding.tell([ENTERED], Me("ada"))
    first = folding.tell([came(2, "ben")], Me("ada"))
    assert first == ["[2023-07-30 15:00:05] ben has joined the chat!"]
    assert folding.holding
    for number in range(3, 8):
        assert folding.tell([came(number, f"guest-{number}")], Me("ada")) == []
    lines = folding.tell([HI, came(8, "eve")], Me("ada"))
    assert [line[22:] for line in lines] == [
        "guest-3 and 4 others joined",
        "ben: hi",
        "eve has joined the chat!",
    ]
    assert folding.tell([came(9, "cleo"), came(10, "dan")], Me("ada")) == []
    assert [line[22:] for line in folding.flush()] == [
        "cleo has joined the chat!",
        "dan has joined the chat!",
    ]
    assert not folding.holding


def test_our_own_coming_has_a_line_of_its_own() -> None:
    folding = Folding(Teller(time.gmtime))
    folding.tell([ENTERED], Me("ada"))
    others = [came(number, f"guest-{number}") for number in range(2, 6)]
    lines = folding.tell([*others, came(6, "ada")], Me("ada"))
    assert [line[22:] for line in lines] == [
        "guest-2, guest-3, guest-4 and guest-5 joined",
        "ada has joined the chat!",
    ]


def test_our_own_coming_is_not_that_of_whoever_had_the_name() -> None:
    folding = Folding(Teller(time.gmtime))
    me = Me("ada", user_id(1))
    folding.tell([ENTERED], me)
    others = [Happened("tea", Joined(seq, 0, "ada", by_id=user_id(seq))) for seq in range(2, 6)]
    assert len(folding.tell([*others, came(6, "ben")], me)) == 1


# People


def test_moderators_are_told_of_what_waits_when_they_come_and_when_more_does() -> None:
    def standing(waiting: int, room: str = "tea") -> StandingChanged:
        return StandingChanged(room, Standing(role=Role.MODERATOR, waiting=waiting))

    entered = Entered("tea", ("ada",), 1, 0, standing=Standing(waiting=2))
    more = (standing(2), standing(1), standing(3), standing(9, "elsewhere"), standing(0))
    assert told(entered, *more) == [
        "Welcome to room tea!",
        "2 things wait for you: /queue",
        "3 things wait for you: /queue",
    ]


def test_it_is_told_who_is_away_or_busy_and_is_back_and_not_who_comes_and_goes() -> None:
    updates = [
        PresenceChanged("tea", "ben"),
        PresenceChanged("tea", "ben", status=Status.AWAY, note="lunch"),
        PresenceChanged("elsewhere", "ben"),
        PresenceChanged("tea", "ben", here=False),
        PresenceChanged("tea", "eve", status=Status.BUSY),
        PresenceChanged("tea", "ben"),
        PresenceChanged("tea", "ben"),
    ]
    assert told(ENTERED, *updates)[1:] == [
        "ben is away: lunch",
        "eve is busy, and not to be disturbed.",
        "ben is back.",
    ]


def test_who_comes_in_is_reminded_of_being_busy() -> None:
    busy = Connected("ada", "Hubbub", "log", LIMITS, profile=Profile(status=Status.BUSY))
    here = Connected("ada", "Hubbub", "log", LIMITS, profile=Profile())
    assert told(busy, here) == ["You are shown as busy. To end it: /back"]


def test_a_text_that_was_taken_away_says_so() -> None:
    emptied = Happened("tea", Said(2, 1_690_729_205_000, "former member", ""))
    assert told(ENTERED, emptied)[1:] == [
        f"[2023-07-30 15:00:05] former member: {TAKEN_AWAY}",
    ]
