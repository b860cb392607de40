"""What repeated measurements say: the median, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple, Self

Measures = Mapping[str, float]
"""What one attempt found, by the name of the metric."""

Samples = Mapping[str, Mapping[str, Sequence[float]]]
"""By contestant and metric: one value of each repeat."""

Medians = Mapping[str, Mapping[str, float]]
"""By contestant and metric."""


class Sample(NamedTuple):
    """Several measurements of one thing. ``low`` and ``high`` are the farthest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """At least one value."""
        return cls(median(values), min(values), max(values))


def medians(samples: Samples) -> Medians:
    """The median of everything that was measured at least once."""
    return {
        contestant: {metric: median(values) for metric, values in metrics.items() if values}
        for contestant, metrics in samples.items()
    }


def quantity(value: float) -> str:
    """``value`` for people: three digits that count, all digits of a large number.

    >>> quantity(0.03312), quantity(1.7249), quantity(12345.6)
    ('0.0331', '1.72', '12,346')
    """
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if size >= 1 or size == 0:
        return f"{value:.2f}"
    return f"{value:.3g}"


def spread(sample: Sample) -> str:
    """The median and, if there is more than one value, the farthest ones."""
    if sample.low == sample.high:
        return quantity(sample.median)
    return f"{quantity(sample.median)} ({quantity(sample.low)}–{quantity(sample.high)})"
