"""How long things take, and how many there are at once: counts by ranges of values."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

COMMIT_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Ranges of what a commit takes: half a millisecond without a sync, some for one, seconds when
the disk is in trouble."""

COMMIT_ENTRIES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Ranges of how many entries a commit saves."""

LAG_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Ranges of how late the event loop comes to something: nobody notices 20 ms."""


EXAMINATION_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)
"""Ranges of how long a program looks at a file that was uploaded: it has to start, too."""


class Histogram:
    """Values, counted by ranges: ``bounds`` are the upper ends, and what is above all counts, too.

    To observe one takes half a microsecond, and no memory.
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0
        """The sum of all values."""

    def observe(self, value: float) -> None:
        """Counts ``value``."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def cumulative(self) -> Iterator[tuple[str, int]]:
        """The upper ends as Prometheus writes them, and how many values are not above each."""
        count = 0
        for bound, more in zip((*self.bounds, None), self.counts, strict=True):
            count += more
            yield "+Inf" if bound is None else str(float(bound)), count


def quantile(share: float, bounds: Sequence[float], counts: Sequence[int]) -> float | None:
    """The value below which that ``share`` of all lies, about; None when there are none.

    Within a range values count as evenly spread, and what is above all ranges as their end.
    """
    left = share * sum(counts)
    if not left:
        return None
    low = 0.0
    for bound, count in zip(bounds, counts, strict=False):
        if left <= count:
            return low + (bound - low) * left / count
        left -= count
        low = bound
    return low
