"""Who came, went and took another name, in one line. The page passes the same vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubbub.domain.events import Event, Joined, Left
from hubbub.terminal.comings import folded

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "comings.json").read_text("utf-8"))
TIME = 1_690_729_205_000


def event_of(kind: str, **people: Any) -> Event:
    return (Joined if kind == "joined" else Left)(seq=1, at=TIME, **people)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["told"] for vector in VECTORS])
def test_what_happened_is_told_for_each_person(vector: dict[str, Any]) -> None:
    happened = folded([event_of(**event) for event in vector["events"]])
    assert " · ".join(one.words() for one in happened) == vector["told"]
