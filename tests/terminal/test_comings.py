"""Who came, went and took another name, in one line. The page passes the same vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hubbub.domain.events import Joined, Left
from hubbub.terminal.comings import folded

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "comings.json").read_text("utf-8"))
TIME = 1_690_729_205_000


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["told"] for vector in VECTORS])
def test_what_happened_is_told_for_each_person(vector: dict[str, Any]) -> None:
    events = [{"seq": 1, "at": TIME, **event} for event in vector["events"]]
    happened = folded(msgspec.convert(events, list[Joined | Left]))
    assert " · ".join(one.words() for one in happened) == vector["told"]
