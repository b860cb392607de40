"""Amendments give a message its present form, in whatever order and however often they come."""

from __future__ import annotations

import json
from functools import reduce
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.domain.events import (
    FORMER_MEMBER,
    AnyEvent,
    AuthorForgotten,
    Event,
    Joined,
    Quote,
    Said,
    Trimmed,
)
from hubbub.domain.ids import user_id
from hubbub.domain.kinds import TRAITS
from hubbub.domain.projection import (
    amended,
    forgetting,
    present,
    requoted,
    target_of,
    without_past,
)
from hubbub.wire.json import decode_event
from tests.amending import edited

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "amendments.json").read_text("utf-8"))

FIRST: AnyEvent = Said(1, 0, "ada", "first")
ADA, BEN = user_id(1), user_id(2)


def read(event: dict[str, Any]) -> AnyEvent:
    """An event of a vector."""
    return decode_event(json.dumps(event).encode())  # type: ignore[return-value]


def after(event: AnyEvent, later: AnyEvent) -> AnyEvent:
    """``event`` as ``later``, another one of its room, leaves it."""
    if isinstance(later, AuthorForgotten):
        return forgetting(event, later)
    if isinstance(later, Trimmed):
        return without_past(later.floor, event)
    return amended(event, later) if target_of(later) == event.seq else requoted(event, later)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["about"])
def test_what_comes_later_gives_an_event_its_form(vector: dict[str, Any]) -> None:
    later = [read(one) for one in vector["later"]]
    event = read(vector["event"])
    form = reduce(after, later, event)
    assert form == read(vector["after"])
    assert reduce(after, later, form) == form, "twice"
    if all(target_of(one) == event.seq for one in later):
        assert reduce(after, reversed(later), form) == form, "late"


def test_every_kind_that_changes_earlier_events_is_in_a_vector() -> None:
    kinds = {one["kind"] for vector in VECTORS for one in vector["later"]}
    for kind in get_args(AnyEvent):
        traits = TRAITS[kind]
        if traits.amends or traits.forgets or traits.trims:
            assert kind.__struct_config__.tag in kinds


def test_an_amendment_changes_its_target_and_leaves_its_number() -> None:
    assert amended(FIRST, edited(1, "better", seq=5)) == Said(
        1, 0, "ada", "better", rev=5, edited_at=0
    )


def test_an_amendment_that_is_not_newer_changes_nothing() -> None:
    shown = amended(FIRST, edited(1, "better", seq=5))
    for seq in (4, 5):
        assert amended(shown, edited(1, "late", seq=seq)) is shown


@given(st.lists(st.integers(2, 9), max_size=12))
def test_late_and_repeated_amendments_give_the_same_as_those_in_order(seqs: list[int]) -> None:
    as_they_come = [edited(1, f"edit {seq}", seq=seq) for seq in seqs]
    in_order = [edited(1, f"edit {seq}", seq=seq) for seq in sorted(set(seqs))]
    assert reduce(amended, as_they_come, FIRST) == reduce(amended, in_order, FIRST)


@pytest.mark.parametrize("other", [Said(7, 0, "ada", "a text"), Event(7, 0, "ada")])
def test_an_event_of_another_kind_amends_nothing(other: AnyEvent) -> None:
    assert target_of(other) is None
    assert amended(FIRST, other) is FIRST


def test_only_messages_are_amended() -> None:
    join = Joined(1, 0, "ada")
    assert amended(join, edited(1, "better", seq=5)) is join


def test_each_of_several_events_gets_its_own_amendments() -> None:
    events: list[AnyEvent] = [Joined(1, 0, "ada"), Said(2, 0, "ada", "b"), Said(3, 0, "ada", "c")]
    changes = [edited(2, "B", seq=4), edited(9, "?", seq=5), edited(2, "BB", seq=6)]
    assert present(events, changes) == [
        events[0],
        Said(2, 0, "ada", "BB", rev=6, edited_at=0),
        events[2],
    ]
    assert present(events, [Said(4, 0, "ada", "d")]) == events


def test_a_reply_quotes_the_amended_text_and_stays_as_it_is_otherwise() -> None:
    reply = Said(3, 0, "ben", "why?", 1, Quote("ada", "first", user_id(1)))
    change = edited(1, "better\nthan before", seq=4)
    again = requoted(reply, change)
    assert again == Said(3, 0, "ben", "why?", 1, Quote("ada", "better than before", user_id(1)))
    assert requoted(again, change) == again


@pytest.mark.parametrize(
    "event",
    [
        Said(3, 0, "ben", "why?", 2, Quote("ada", "first")),
        Said(3, 0, "ben", "why?", 1),
        Said(3, 0, "ben", "why?"),
        Joined(3, 0, "ben"),
        edited(1, "first", seq=3),
    ],
)
def test_what_does_not_quote_the_amended_text_stays_as_it_is(event: AnyEvent) -> None:
    assert requoted(event, edited(1, "better", seq=4)) is event
    assert requoted(event, Said(4, 0, "ada", "text")) is event


def test_the_name_of_who_is_forgotten_goes_and_the_text_if_so_decided() -> None:
    kept, emptied = (
        AuthorForgotten(9, 9, FORMER_MEMBER, by_id=ADA, emptied=e) for e in (False, True)
    )
    said = Said(3, 3, "ada", "hi", by_id=ADA)
    assert forgetting(said, kept) == Said(3, 3, FORMER_MEMBER, "hi", by_id=ADA)
    gone = Said(3, 3, FORMER_MEMBER, "", rev=9, by_id=ADA)
    assert forgetting(said, emptied) == gone
    assert forgetting(gone, emptied) == gone
    assert forgetting(Joined(1, 1, "ada", by_id=ADA), emptied) == Joined(
        1, 1, FORMER_MEMBER, by_id=ADA
    )


def test_quotes_of_who_is_forgotten_go_as_well() -> None:
    reply = Said(4, 4, "ben", "yes", 3, Quote("ada", "hi", ADA), by_id=BEN)
    forgotten = AuthorForgotten(9, 9, FORMER_MEMBER, by_id=ADA, emptied=True)
    assert forgetting(reply, forgotten) == replace(reply, quote=Quote(FORMER_MEMBER, "", ADA))


def test_what_others_say_and_what_comes_later_is_not_forgotten() -> None:
    forgotten = AuthorForgotten(9, 9, FORMER_MEMBER, by_id=ADA, emptied=True)
    for event in (Said(4, 4, "ben", "yes", by_id=BEN), Said(10, 9, "ada", "hi", by_id=ADA)):
        assert forgetting(event, forgotten) is event
