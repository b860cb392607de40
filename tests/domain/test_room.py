from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.domain.errors import BadMessage, NotInRoom
from hubbub.domain.events import UNSEQUENCED, Event, Joined, Left, Quote, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.room import Room
from hubbub.domain.state import Member

ADA, BEN, EVE = map(UserName.parse, ("Ada", "ben", "eve"))
GENERAL = RoomName.parse("General")
NOON = 1_690_711_200_000


@pytest.fixture
def room() -> Room:
    """A room in which ada is; four things have happened."""
    room = Room(name=GENERAL)
    room.apply(Joined(1, NOON, ADA))
    room.apply(Joined(2, NOON, BEN))
    room.apply(Left(3, NOON, BEN))
    room.apply(Said(4, NOON, ADA, "hello"))
    return room


def test_a_new_room_is_empty_and_at_its_beginning() -> None:
    room = Room(name=GENERAL)
    assert (room.name, room.head, room.members) == ("General", 0, {})


def test_verbs_return_drafts_of_events_and_change_nothing(room: Room) -> None:
    assert room.join(EVE, NOON) == Joined(UNSEQUENCED, NOON, "eve")
    assert room.leave(ADA, NOON) == Left(UNSEQUENCED, NOON, "Ada")
    assert room.say(ADA, "hi", NOON) == Said(UNSEQUENCED, NOON, "Ada", "hi")
    assert room.head == 4
    assert list(room.members) == ["ada"]


def test_events_of_the_log_change_who_is_in_the_room(room: Room) -> None:
    room.apply(Joined(5, NOON, EVE))
    assert room.members == {"ada": Member(ADA, None, 1), "eve": Member(EVE, None, 5)}
    room.apply(Left(6, NOON, ADA))
    assert room.members == {"eve": Member(EVE, None, 5)}
    assert room.head == 6


def test_a_member_is_one_in_every_case(room: Room) -> None:
    room.apply(Left(5, NOON, "ADA"))
    assert room.members == {}


def test_who_was_not_there_can_leave_the_log_without_harm(room: Room) -> None:
    room.apply(Left(5, NOON, EVE))
    assert (room.head, list(room.members)) == (5, ["ada"])


def test_an_event_of_an_unknown_kind_has_its_place_in_the_log(room: Room) -> None:
    room.apply(Event(5, NOON, ADA))
    assert (room.head, list(room.members)) == (5, ["ada"])


def test_only_members_speak(room: Room) -> None:
    with pytest.raises(NotInRoom, match=r"You are not in General\. Join it first\."):
        room.say(EVE, "hi", NOON)


def test_who_left_speaks_no_more(room: Room) -> None:
    with pytest.raises(NotInRoom):
        room.say(BEN, "and another thing", NOON)


def test_a_text_may_answer_another_and_quotes_it(room: Room) -> None:
    room.check_there(4)
    answer = room.say(ADA, "yes", NOON, Said(4, NOON, "ben", "Is it\nnoon?"))
    assert (answer.reply_to, answer.quote) == (4, Quote("ben", "Is it noon?"))


def test_a_text_cannot_answer_what_is_no_text(room: Room) -> None:
    for event in (Joined(1, NOON, ADA), Left(3, NOON, BEN), Event(3, NOON, BEN)):
        with pytest.raises(BadMessage, match=r"of General is not a text"):
            room.say(ADA, "yes", NOON, event)


def test_a_text_cannot_answer_what_has_not_happened(room: Room) -> None:
    with pytest.raises(BadMessage, match=r"no event 5 in General; the newest is 4"):
        room.check_there(5)


@given(st.lists(st.tuples(st.sampled_from([Joined, Left]), st.sampled_from([ADA, BEN, EVE]))))
@settings(deadline=None)
def test_members_are_those_whose_last_event_is_a_join(
    steps: list[tuple[type[Joined | Left], UserName]],
) -> None:
    room = Room(name=GENERAL)
    last: dict[str, type[Joined | Left]] = {}
    for seq, (kind, user) in enumerate(steps, 1):
        room.apply(kind(seq, NOON, user))
        last[user.key] = kind
    assert set(room.members) == {key for key, kind in last.items() if kind is Joined}
    assert room.head == len(steps)
