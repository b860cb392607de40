from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from hubbub.domain.events import AnyEvent, Event, Joined, Kicked, Left, Said, TopicSet
from hubbub.domain.kinds import TRAITS
from hubbub.domain.state import RoomState, member_changes
from hubbub.wire.json import decode_event

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "fold.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["about"])
def test_events_add_up_to_a_state(vector: dict[str, Any]) -> None:
    state = RoomState()
    for event in vector["events"]:
        state.apply(decode_event(json.dumps(event).encode()))
    assert shown(state) == vector["state"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["about"])
def test_who_comes_in_the_middle_has_the_same_in_the_end(vector: dict[str, Any]) -> None:
    events = [decode_event(json.dumps(event).encode()) for event in vector["events"]]
    for cut in range(len(events) + 1):
        before = RoomState()
        for event in events[:cut]:
            before.apply(event)
        later = RoomState(before.head, before.at, before.facts, dict(before.members))
        for event in events[cut:]:
            later.apply(event)
        assert shown(later) == vector["state"]


@pytest.mark.parametrize("kind", get_args(AnyEvent))
def test_each_kind_has_an_example(kind: type[Event]) -> None:
    kinds = {event["kind"] for vector in VECTORS for event in vector["events"]}
    assert kind.__struct_config__.tag in kinds


@pytest.mark.parametrize(
    "event",
    [
        Said(1, 2, "ada", "hi"),
        Joined(1, 2, "ada"),
        Left(1, 2, "ada"),
        Kicked(1, 2, "ada", "eve"),
        TopicSet(1, 2, "ada", "Verse"),
    ],
)
def test_only_kinds_that_may_change_members_do(event: Event) -> None:
    assert bool(member_changes(event)) is TRAITS[type(event)].membership


def shown(state: RoomState) -> dict[str, Any]:
    found = [state.members[key] for key in sorted(state.members)]
    members = [{"name": str(member.name), "id": member.id} for member in found]
    return {
        "head": state.head,
        "at": state.at,
        "silent": state.silent,
        "topic": state.topic,
        "members": members,
    }
