"""Rooms that somebody may have meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubbub.domain.alike import MOST, alike

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "alike.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["typed"])
def test_a_slip_of_the_keyboard_is_recognised(vector: dict[str, Any]) -> None:
    assert alike(vector["typed"], vector["names"]) == vector["alike"]


def test_no_more_are_told_than_anybody_reads() -> None:
    assert len(alike("tea", [f"tea{number}" for number in range(10)])) == MOST
