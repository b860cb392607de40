"""Pauses before another attempt."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client import backoff
from hubbub.client.backoff import Backoff

FIRST = (0.2, 0.5)
CAP = 30.0


@pytest.fixture(autouse=True)
def _real_pauses(monkeypatch: pytest.MonkeyPatch, _no_pauses: None) -> None:
    monkeypatch.setattr(backoff, "FIRST_SECONDS", FIRST)
    monkeypatch.setattr(backoff, "CAP_SECONDS", CAP)


@pytest.mark.parametrize("seed", range(50))
def test_the_first_pause_is_short_and_none_is_longer_than_the_cap(seed: int) -> None:
    pauses = Backoff(random.Random(seed).uniform)
    first, *others = [pauses.pause() for _ in range(50)]
    assert FIRST[0] <= first <= FIRST[1]
    assert all(FIRST[0] <= pause <= CAP for pause in others)


def test_pauses_grow() -> None:
    pauses = Backoff(lambda _, high: high)
    assert [pauses.pause() for _ in range(6)] == [0.5, 1.5, 4.5, 13.5, 30.0, 30.0]


def test_clients_that_were_cut_off_at_once_do_not_come_back_at_once() -> None:
    def third_pause(seed: int) -> float:
        pauses = Backoff(random.Random(seed).uniform)
        return [pauses.pause() for _ in range(3)][2]

    times = sorted(map(third_pause, range(200)))
    assert times[-1] - times[0] > 1
    assert len(set(times)) == 200


@given(st.floats(0, 100))
def test_only_a_stable_connection_makes_the_next_pause_short_again(lifetime: float) -> None:
    pauses = Backoff(lambda _, high: high)
    for _ in range(4):
        pauses.pause()
    pauses.connected_for(lifetime)
    assert (pauses.pause() == 0.5) == (lifetime >= backoff.STABLE_SECONDS)


@pytest.mark.parametrize("seconds", [None, -1.0, math.nan, math.inf, -math.inf])
def test_a_server_that_does_not_say_when_it_is_back_leaves_the_pause_to_us(
    seconds: float | None,
) -> None:
    assert Backoff().planned(seconds) is None


@pytest.mark.parametrize("seconds, pause", [(1.5, 1.5), (0.0, 0.2), (1e9, 60.0)])
def test_a_server_that_restarts_says_when_it_is_back_within_bounds(
    seconds: float, pause: float
) -> None:
    assert Backoff().planned(seconds) == pause


def test_a_server_that_restarts_again_and_again_is_met_with_pauses_that_grow() -> None:
    pauses = Backoff(lambda _, high: high)
    assert pauses.planned(0.0) == FIRST[0]
    assert pauses.planned(0.0) is None
    assert pauses.pause() == 1.5
    pauses.connected_for(10.0)
    assert pauses.planned(0.0) == FIRST[0]
