from __future__ import annotations

from benchmarks.bars import Bar, at_least, at_most, at_most_times

FOUND = {"ngircd": {"cpu_us": 2.0}, "limit": {"p50_ms": 1.0}, "disk": {"p50_ms": 3.0}}


def test_a_bar_is_reached_by_the_value_itself() -> None:
    assert at_most(1.8, "µs").holds(1.8, {})
    assert at_least(10_000).holds(10_000, {})


def test_a_bar_is_missed_on_its_other_side() -> None:
    assert at_most(1.8).holds(1.81, {}) is False
    assert at_least(10_000).holds(9_999, {}) is False


def test_a_bar_may_depend_on_another_server() -> None:
    bar = at_most_times(1.0, "ngircd", "ngircd", "cpu_us")
    assert bar.holds(2.0, FOUND)
    assert bar.holds(2.1, FOUND) is False
    assert bar.shown(FOUND) == "≤ 1.0 × ngircd = 2.00"


def test_without_the_other_server_nobody_can_tell() -> None:
    bar = at_most_times(1.0, "ngircd", "ngircd", "cpu_us")
    assert bar.holds(2.0, {}) is None
    assert bar.shown({}) == "≤ 1.0 × ngircd"


def test_a_bar_may_be_made_of_several_measurements() -> None:
    bar = Bar("both", lambda found: found["limit"]["p50_ms"] + found["disk"]["p50_ms"])
    assert bar.holds(4.0, FOUND)
    assert bar.shown(FOUND) == "both = 4.00"


def test_a_number_is_shown_with_its_unit() -> None:
    assert at_most(0.3, "µs").shown({}) == "≤ 0.3 µs"
    assert at_least(10_000, "messages/s").shown({}) == "≥ 10,000 messages/s"
