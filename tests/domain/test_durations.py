from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.durations import (
    MAX_SECONDS,
    in_words,
    left,
    parse_duration,
    split_duration,
)
from hubbub.domain.errors import BadMessage

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "durations.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS["parsed"], ids=lambda vector: vector["text"])
def test_a_time_is_read_as_people_type_it(vector: dict[str, Any]) -> None:
    try:
        read = {"seconds": parse_duration(vector["text"])}
    except BadMessage as error:
        read = {"error": error.message}  # type: ignore[dict-item]
    assert {"text": vector["text"], **read} == vector


@pytest.mark.parametrize("vector", VECTORS["split"], ids=lambda vector: vector["text"])
def test_a_time_may_stand_before_a_reason(vector: dict[str, Any]) -> None:
    try:
        seconds, reason = split_duration(vector["text"])
        read: dict[str, Any] = {"seconds": seconds, "reason": reason}
    except BadMessage as error:
        read = {"error": error.message}
    assert {"text": vector["text"], **read} == vector


@pytest.mark.parametrize("vector", VECTORS["words"], ids=lambda vector: vector["words"])
def test_a_time_is_told_in_words(vector: dict[str, Any]) -> None:
    assert in_words(vector["seconds"]) == vector["words"]


@given(st.integers(1, 999), st.sampled_from(["second", "minute", "hour", "day"]))
def test_what_was_typed_is_told_exactly(count: int, unit: str) -> None:
    seconds = parse_duration(f"{count}{unit}s")
    assert seconds is not None
    number, _, told = in_words(seconds).partition(" ")
    assert parse_duration(number + told) == seconds


@given(st.integers(1, MAX_SECONDS))
def test_what_is_told_is_near_the_truth(seconds: int) -> None:
    number, _, unit = in_words(seconds).partition(" ")
    told = parse_duration(number + unit)
    assert told is not None
    assert abs(told - seconds) <= 0.25 * seconds


@pytest.mark.parametrize(
    "until, words",
    [
        (None, ""),
        (1, " for 1 second"),
        (61_000, " for 61 seconds"),
        (179_500, " for 3 minutes"),
        (599_000, " for 10 minutes"),
        (7_199_999, " for 2 hours"),
        (2 * 86_400_000 - 1000, " for 2 days"),
        (130 * 60_000, " for 2 hours"),
        (30 * 86_400_000 - 1, " for 30 days"),
    ],
)
def test_what_is_left_of_a_time_is_rounded(until: int | None, words: str) -> None:
    assert left(until, 0) == words
