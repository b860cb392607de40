"""The pace of commands against a token bucket as the server has it, behind a bad network."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.pace import UNLIMITED_WINDOW, Pace


class Bucket:
    """The server's: full at first, and the hello was taken from it."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst, self.tokens, self.stamp = rate, burst, float(burst - 1), 0.0

    def take(self, now: float) -> bool:
        self.tokens = min(float(self.burst), self.tokens + (now - self.stamp) * self.rate)
        self.stamp = now
        self.tokens -= 1
        return self.tokens >= 0


@given(
    rate=st.sampled_from([0.5, 1, 5, 10, 100]),
    burst=st.integers(2, 60),
    # Each step: so much time passes, the client wants to send, the network delivers so many.
    steps=st.lists(
        st.tuples(st.sampled_from([0.0, 0.01, 0.1, 1, 30]), st.integers(0, 40), st.integers(0, 40)),
        max_size=80,
    ),
)
def test_the_server_never_finds_a_command_too_fast(
    rate: float, burst: int, steps: list[tuple[float, int, int]]
) -> None:
    pace, bucket = Pace(rate, burst, 0.0), Bucket(rate, burst)
    under_way: deque[int] = deque()
    answers: deque[int] = deque()
    now, number = 0.0, 0
    for seconds, wanted, delivered in steps:
        now += seconds
        for _ in range(wanted):
            if pace.wait(now) == 0.0:
                number += 1
                pace.sent(number, now)
                under_way.append(number)
        for _ in range(min(delivered, len(under_way))):
            assert bucket.take(now)
            answers.append(under_way.popleft())
        for _ in range(min(delivered, len(answers))):
            pace.answered(answers.popleft())


def test_a_steady_sender_gets_nearly_the_whole_rate() -> None:
    pace = Pace(10, 50, 0.0)
    now, sent = 0.0, 0
    while now < 100:
        wait = pace.wait(now)
        assert wait is not None
        now += wait
        if wait == 0.0:
            sent += 1
            pace.sent(sent, now)
            pace.answered(sent)
    assert sent == pytest.approx(1000, rel=0.05)


def test_so_many_may_be_under_way_and_no_more() -> None:
    pace = Pace(0, 0, 0.0)
    for number in range(UNLIMITED_WINDOW):
        assert pace.wait(0.0) == 0.0
        pace.sent(number, 0.0)
    assert pace.wait(0.0) is None
    pace.answered(0)
    assert pace.wait(0.0) == 0.0


def test_an_answer_tells_that_all_before_it_have_arrived() -> None:
    pace = Pace(0, 0, 0.0)
    for number in range(UNLIMITED_WINDOW):
        pace.sent(number, 0.0)
    pace.answered(UNLIMITED_WINDOW - 2)
    for number in range(UNLIMITED_WINDOW - 1):
        assert pace.wait(0.0) == 0.0
        pace.sent(1000 + number, 0.0)
    assert pace.wait(0.0) is None


@pytest.mark.parametrize("burst", [0, 1, 2, 3])
def test_even_the_smallest_burst_lets_commands_through(burst: int) -> None:
    pace = Pace(1, burst, 0.0)
    now = 0.0
    for number in range(5):
        wait = pace.wait(now)
        assert wait is not None
        now += wait
        assert pace.wait(now) == 0.0
        pace.sent(number, now)
        pace.answered(number)
