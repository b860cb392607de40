"""What is measured for whoever keeps the server."""

from __future__ import annotations

import pytest

from hubbub.hub.histograms import Histogram, quantile


def test_a_histogram_counts_values_by_ranges_their_upper_ends_included() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 3.0):
        histogram.observe(value)
    assert list(histogram.cumulative()) == [("1.0", 2), ("2.0", 3), ("+Inf", 4)]
    assert histogram.total == 6.0


@pytest.mark.parametrize(
    "share, value",
    [(0.25, 1.0), (0.5, 2.0), (0.75, 4.0), (0.125, 0.5), (1.0, 4.0)],
)
def test_a_quantile_lies_in_the_range_where_its_share_is_reached(
    share: float, value: float
) -> None:
    assert quantile(share, (1.0, 2.0, 4.0), (1, 1, 1, 1)) == value


def test_of_nothing_there_is_no_quantile() -> None:
    assert quantile(0.99, (1.0,), (0, 0)) is None
