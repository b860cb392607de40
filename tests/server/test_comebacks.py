"""When clients come back to a server that takes over."""

from __future__ import annotations

import random

import pytest

from hubbub.server.handover.comebacks import SOONEST_SECONDS, all_back, comebacks, last


def test_few_come_back_soon() -> None:
    assert comebacks(0) == []
    assert all(SOONEST_SECONDS <= seconds <= 0.3 for seconds in comebacks(3))


@pytest.mark.parametrize("seed", range(10))
def test_a_thousand_do_not_come_in_one_moment(seed: int) -> None:
    times = comebacks(1000, random.Random(seed).uniform)
    assert len(set(times)) > 900
    assert max(times) <= last(1000) < all_back(1000)
    for moment in range(50):
        begin = SOONEST_SECONDS + moment / 10
        assert sum(begin <= time < begin + 0.1 for time in times) <= 22  # of 20 that are due


def test_however_many_there_are_the_last_one_does_not_wait_long() -> None:
    assert last(1_000_000) <= 31
    assert max(comebacks(20_000)) <= 31
