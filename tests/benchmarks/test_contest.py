from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Figure, Plot, hold
from benchmarks.contestants import HUBBUB, LIMIT, NGIRCD, WEBSOCKET
from benchmarks.errors import Failed
from benchmarks.load.tools import Tools
from benchmarks.machine import Processors
from benchmarks.quiet import Patience
from benchmarks.record import Result
from benchmarks.samples import Measures

NOWHERE = Path("/nowhere")


def run(attempts: Mapping[str, Attempt], repeat: int) -> Result:
    tools = Tools(NOWHERE, NOWHERE, NOWHERE)
    bench = Bench(tools, Processors(0, 0), NOWHERE, ngircd=None, connections=100, quick=True)
    contest = Contest("fanout", "", lambda _: attempts)
    return hold(contest, bench, repeat, Patience(0), lambda _: None)


def test_contestants_take_turns() -> None:
    order: list[str] = []

    def attempt(name: str) -> Attempt:
        def measure() -> Measures:
            order.append(name)
            return {"cpu_us": float(len(order))}

        return measure

    result = run({HUBBUB: attempt("ours"), LIMIT: attempt("bare")}, 2)
    assert order == ["ours", "bare", "ours", "bare"]
    assert result.samples == {HUBBUB: {"cpu_us": [1.0, 3.0]}, LIMIT: {"cpu_us": [2.0, 4.0]}}


def test_who_fails_is_noted_and_drops_out() -> None:
    tries: list[str] = []

    def fail() -> Measures:
        tries.append("ngircd")
        raise Failed("is not installed")

    result = run({HUBBUB: lambda: {"cpu_us": 1.0}, NGIRCD: fail}, 3)
    assert tries == ["ngircd"]
    assert result.failed == [NGIRCD]
    assert result.notes == ["ngircd: is not installed"]
    assert result.samples == {HUBBUB: {"cpu_us": [1.0, 1.0, 1.0]}}


def test_a_figure_is_one_metric_of_one_contestant() -> None:
    figure = Figure("", "µs", HUBBUB, "cpu_us", ())
    assert figure.value({HUBBUB: {"cpu_us": [1.0, 3.0]}}) == (2.0, 1.0, 3.0)
    assert figure.value({LIMIT: {"cpu_us": [1.0]}}) is None


def test_a_ratio_is_of_what_was_measured_in_the_same_turn() -> None:
    figure = Figure("", "×", WEBSOCKET, "cpu_us", (), per=HUBBUB)
    samples = {HUBBUB: {"cpu_us": [1.0, 2.0]}, WEBSOCKET: {"cpu_us": [1.5, 2.0]}}
    assert figure.value(samples) == (1.25, 1.0, 1.5)


def test_a_curve_is_made_of_the_metrics_that_are_numbers() -> None:
    points = Plot.points({"100": [3.0], "10": [2.0, 4.0], "others": [0.1]})
    assert points == [(10, (3.0, 2.0, 4.0)), (100, (3.0, 3.0, 3.0))]


def test_what_was_disturbed_is_measured_again_while_patience_lasts() -> None:
    patience = Patience(10)
    assert patience.again(others=0.01, seconds=6) is False
    assert patience.again(others=1.0, seconds=6)
    assert patience.again(others=1.0, seconds=6)
    assert patience.again(others=1.0, seconds=6) is False
