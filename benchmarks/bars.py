"""What a figure has to reach: a number, or a multiple of what another server needs here and now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.samples import Medians, quantity


@dataclass(frozen=True)
class Bar:
    """A bound for a median. ``limit`` raises KeyError when what it depends on was not measured."""

    words: str
    limit: Callable[[Medians], float]
    at_least: bool = False
    relative: bool = True

    def holds(self, value: float, medians: Medians) -> bool | None:
        """Whether ``value`` is within the bound; None if that cannot be told."""
        try:
            limit = self.limit(medians)
        except KeyError:
            return None
        return value >= limit if self.at_least else value <= limit

    def shown(self, medians: Medians) -> str:
        """The bound in words, with the number that it comes to here."""
        if not self.relative:
            return self.words
        try:
            return f"{self.words} = {quantity(self.limit(medians))}"
        except KeyError:
            return self.words


def at_most(limit: float, unit: str = "") -> Bar:
    """The median is to be ``limit`` or less."""
    return Bar(f"≤ {limit:,g} {unit}".rstrip(), lambda _: limit, relative=False)


def at_least(limit: float, unit: str = "") -> Bar:
    """The median is to be ``limit`` or more."""
    return Bar(f"≥ {limit:,g} {unit}".rstrip(), lambda _: limit, at_least=True, relative=False)


def at_most_times(factor: float, contestant: str, label: str, metric: str) -> Bar:
    """The median is to be ``factor`` times that of another contestant, or less."""
    return Bar(f"≤ {factor:.1f} × {label}", lambda found: factor * found[contestant][metric])
