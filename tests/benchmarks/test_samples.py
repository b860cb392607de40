from __future__ import annotations

import pytest

from benchmarks.samples import Sample, medians, quantity, spread


def test_a_sample_is_its_median_and_its_farthest_values() -> None:
    assert Sample.of([5.0, 1.0, 2.0]) == (2.0, 1.0, 5.0)


def test_medians_leave_out_what_was_never_measured() -> None:
    assert medians({"hubbub": {"p50_ms": [3.0, 1.0, 2.0], "held": []}}) == {
        "hubbub": {"p50_ms": 2.0}
    }


@pytest.mark.parametrize(
    "value, shown",
    [
        (12345.6, "12,346"),
        (100.0, "100"),
        (12.34, "12.3"),
        (1.7249, "1.72"),
        (0.9, "0.9"),
        (0.03312, "0.0331"),
        (0.0, "0.00"),
        (-250.4, "-250"),
    ],
)
def test_a_quantity_has_three_digits_that_count(value: float, shown: str) -> None:
    assert quantity(value) == shown


def test_a_single_value_has_no_spread() -> None:
    assert spread(Sample.of([2.0])) == "2.00"


def test_a_spread_is_the_farthest_values() -> None:
    assert spread(Sample.of([2.0, 3.0, 1.0])) == "2.00 (1.00–3.00)"
