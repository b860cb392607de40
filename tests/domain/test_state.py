from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from msgspec.structs import fields

from hubbub.domain.events import AnyEvent, Event
from hubbub.domain.kinds import TRAITS
from hubbub.domain.state import RoomFacts, RoomState
from hubbub.wire.json import decode_event

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "fold.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["about"])
def test_events_add_up_to_a_state(vector: dict[str, Any]) -> None:
    state = RoomState()
    for event in vector["events"]:
        state.apply(decode_event(json.dumps(event).encode()))
    assert told(state, vector["state"]) == vector["state"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["about"])
def test_who_comes_in_the_middle_has_the_same_in_the_end(vector: dict[str, Any]) -> None:
    events = [decode_event(json.dumps(event).encode()) for event in vector["events"]]
    for cut in range(len(events) + 1):
        before = RoomState()
        for event in events[:cut]:
            before.apply(event)
        kept = msgspec.json.decode(msgspec.json.encode(before.facts), type=RoomFacts)
        later = RoomState(before.head, before.at, kept, dict(before.members))
        for event in events[cut:]:
            later.apply(event)
        assert shown(later) == shown(folded(events))


@pytest.mark.parametrize("kind", get_args(AnyEvent))
def test_each_kind_has_an_example(kind: type[Event]) -> None:
    kinds = {event["kind"] for vector in VECTORS for event in vector["events"]}
    assert kind.__struct_config__.tag in kinds


def test_only_kinds_that_may_change_members_do() -> None:
    """And each of those does it in some example."""
    changing = set()
    for vector in VECTORS:
        state = RoomState()
        for one in vector["events"]:
            before = dict(state.members)
            event = decode_event(json.dumps(one).encode())
            state.apply(event)
            if state.members != before:
                changing.add(type(event))
    assert changing == {kind for kind, traits in TRAITS.items() if traits.membership}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["about"])
def test_facts_are_the_same_object_unless_they_have_changed(vector: dict[str, Any]) -> None:
    """What is another object is saved."""
    state = RoomState()
    for event in vector["events"]:
        before = state.facts
        state.apply(decode_event(json.dumps(event).encode()))
        assert (state.facts is before) is (state.facts == before)


def test_no_fact_is_lost_by_a_fold_over_events_that_are_kept() -> None:
    """Each field of the facts is another one than by default in some example."""
    seen = set()
    for vector in VECTORS:
        seen |= set(vector["state"])
    assert {field.name for field in fields(RoomFacts)} <= seen


def test_what_was_is_not_changed_by_what_comes() -> None:
    """A group that fails to be saved is folded from where it was."""
    for vector in VECTORS:
        state, before = RoomState(), []
        for event in vector["events"]:
            before.append((state.facts, msgspec.json.encode(state.facts)))
            state.apply(decode_event(json.dumps(event).encode()))
        assert all(msgspec.json.encode(facts) == was for facts, was in before)


def folded(events: Iterable[Event]) -> RoomState:
    state = RoomState()
    for event in events:
        state.apply(event)
    return state


def told(state: RoomState, wanted: dict[str, Any]) -> dict[str, Any]:
    """The state, with of each member what the example tells."""
    found = shown(state)
    told_of = {one["name"]: one for one in wanted["members"]}
    found["members"] = [
        {name: value for name, value in one.items() if name in told_of.get(one["name"], one)}
        for one in found["members"]
    ]
    return found


def shown(state: RoomState) -> dict[str, Any]:
    found = [state.members[key] for key in sorted(state.members)]
    members = [
        json.loads(msgspec.json.encode(member, enc_hook=str)) | {"id": member.id}
        for member in found
    ]
    facts = json.loads(msgspec.json.encode(state.facts))
    return {
        "head": state.head,
        "at": state.at,
        "silent": state.silent,
        "topic": state.topic,
        **facts,
        "members": members,
    }
