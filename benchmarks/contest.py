"""Servers under the same load in turn, in one sitting, and the figures that come of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.bars import Bar
from benchmarks.bench import Bench
from benchmarks.contestants import LABELS
from benchmarks.errors import Failed
from benchmarks.quiet import Patience
from benchmarks.record import Result
from benchmarks.samples import Measures, Sample, Samples

Attempt = Callable[[], Measures]
"""Measures one contestant once. Raises `Failed`."""


@dataclass(frozen=True)
class Figure:
    """A row of the table: one metric of one contestant, and what it has to reach.

    With ``per`` it is the ratio to what that contestant needed in the same repeat.
    """

    title: str
    unit: str
    contestant: str
    metric: str
    bars: tuple[Bar, ...]
    per: str | None = None

    def value(self, samples: Samples) -> Sample | None:
        """What was found; None if it was not measured."""
        values = samples.get(self.contestant, {}).get(self.metric, ())
        if self.per is not None:
            others = samples.get(self.per, {}).get(self.metric, ())
            values = [ours / other for ours, other in zip(values, others, strict=False) if other]
        return Sample.of(values) if values else None


@dataclass(frozen=True)
class Plot:
    """How a contest whose metrics are numbers (of members, of bytes …) is drawn."""

    title: str
    x_label: str
    y_label: str

    @staticmethod
    def points(metrics: Mapping[str, Sequence[float]]) -> list[tuple[int, Sample]]:
        """One contestant's curve; metrics that are no numbers are beside it."""
        return sorted(
            (int(place), Sample.of(values)) for place, values in metrics.items() if place.isdigit()
        )


@dataclass(frozen=True)
class Contest:
    """``attempts`` gives one function for each contestant that this machine has.

    ``on_request``: only run when it is named.
    """

    name: str
    about: str
    attempts: Callable[[Bench], Mapping[str, Attempt]]
    figures: tuple[Figure, ...] = ()
    plot: Plot | None = None
    repeat: int = 3
    on_request: bool = False


def hold(
    contest: Contest, bench: Bench, repeat: int, patience: Patience, say: Callable[[str], None]
) -> Result:
    """Runs ``contest``, every contestant in turn, ``repeat`` times.

    A contestant that fails is noted and takes no further part.
    """
    began = time.monotonic()
    notes: list[str] = []
    bench.notes = notes
    samples: dict[str, dict[str, list[float]]] = {}
    failed: set[str] = set()
    attempts = contest.attempts(bench)
    for turn in range(repeat):
        for name, attempt in attempts.items():
            if name in failed:
                continue
            try:
                measures = _measure(attempt, patience)
            except Failed as error:
                failed.add(name)
                notes.append(f"{LABELS[name]}: {error}")
                say(f"{contest.name} {turn + 1}/{repeat} {name}: {error}")
                continue
            metrics = samples.setdefault(name, {})
            for metric, value in measures.items():
                metrics.setdefault(metric, []).append(float(f"{value:.5g}"))
            say(f"{contest.name} {turn + 1}/{repeat} {name}: {_brief(contest, measures)}")
    return Result(
        samples=samples, notes=notes, failed=sorted(failed), seconds=time.monotonic() - began
    )


def _measure(attempt: Attempt, patience: Patience) -> Measures:
    """One turn, in a quiet moment if one comes."""
    while True:
        patience.wait()
        began = time.monotonic()
        measures = attempt()
        if not patience.again(measures.get("others", 0), time.monotonic() - began):
            return measures


def _brief(contest: Contest, measures: Measures) -> str:
    """What to say of one attempt while the others are still to come."""
    wanted = {figure.metric for figure in contest.figures} & measures.keys() or measures.keys()
    return ", ".join(f"{metric} {measures[metric]:,.4g}" for metric in measures if metric in wanted)
