"""A run as tables of words: the figures beside their bars, what else was measured, the noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.contest import Contest, Figure
from benchmarks.contestants import LABELS, LIMIT, NGIRCD
from benchmarks.quiet import QUIET
from benchmarks.record import Calibration, Run
from benchmarks.samples import Sample, Samples, medians, quantity, spread

Row = tuple[str, ...]

NOTHING = "–"
REACHED = "✓"
MISSED = "✗"
UNKNOWN = "?"

FIGURES: Row = ("figure", "bar", "Hubbub", "bare C", "ngircd", "")
DETAILS: Row = (
    *("run", "contestant", "CPU µs per delivery", "p50 ms", "p99 ms"),
    *("messages/s", "others’ CPU"),
)
METRICS = ("cpu_us", "p50_ms", "p99_ms", "messages_per_s", "others")


def figures(run: Run, contests: Sequence[Contest]) -> list[Row]:
    """Each figure of ``contests`` that was run, beside its bars and the other servers."""
    rows = []
    for contest in contests:
        result = run.results.get(contest.name)
        if result is not None:
            rows += [_figure(figure, result.samples) for figure in contest.figures]
    return rows


def _figure(figure: Figure, samples: Samples) -> Row:
    found = medians(samples)
    value = figure.value(samples)
    bars = ", ".join(bar.shown(found) for bar in figure.bars)
    if value is None:
        return (figure.title, bars, NOTHING, *_beside(figure, samples), NOTHING)
    held = [bar.holds(value.median, found) for bar in figure.bars]
    verdict = MISSED if False in held else UNKNOWN if None in held else REACHED
    measured = f"{spread(value)} {figure.unit}".rstrip()
    return (figure.title, bars, measured, *_beside(figure, samples), verdict)


def _beside(figure: Figure, samples: Samples) -> Iterator[str]:
    for other in (LIMIT, NGIRCD):
        values = samples.get(other, {}).get(figure.metric)
        yield spread(Sample.of(values)) if values and figure.per is None else NOTHING


def details(run: Run, contests: Sequence[Contest]) -> list[Row]:
    """What was measured of everybody under load."""
    rows = []
    for contest in contests:
        result = run.results.get(contest.name)
        for name, metrics in result.samples.items() if result else ():
            if metrics.keys().isdisjoint(METRICS[:4]):
                continue
            found = {metric: Sample.of(values) for metric, values in metrics.items()}
            cells = (spread(found[m]) if m in found else NOTHING for m in METRICS)
            rows.append((contest.name, LABELS[name], *cells))
    return rows


def curve(contest: Contest, run: Run) -> tuple[Row, list[Row]]:
    """The numbers behind a plot: a column for each contestant."""
    assert contest.plot is not None
    samples = run.results[contest.name].samples
    curves = [dict(contest.plot.points(metrics)) for metrics in samples.values()]
    rows = []
    for place in sorted({place for points in curves for place in points}):
        cells = (spread(points[place]) if place in points else NOTHING for points in curves)
        rows.append((f"{place:,}", *cells))
    return (contest.plot.x_label, *(LABELS[name] for name in samples)), rows


def circumstances(run: Run) -> list[str]:
    """The machine and its noise, a sentence each."""
    machine = run.machine
    pinned = (
        "the server on one processor, the load on another"
        if machine.pinned
        else "server and load share the one processor there is"
    )
    lines = [
        f"{run.began}, Hubbub {run.version}, {run.seconds / 60:.0f} minutes"
        + (", quick: smaller and shorter, not for comparison" if run.quick else ""),
        f"{machine.processor}, {machine.processors} processors, {machine.memory_gib:g} GiB, "
        f"{machine.system}, {machine.file_system}; {pinned}",
        f"{machine.python}, SQLite {machine.sqlite}, ngircd {machine.ngircd}",
        f"machine before: {_calibration(run.before)}",
        f"machine after: {_calibration(run.after)}",
    ]
    busy = _others(run)
    if busy:
        lines.append(
            "other programs took meanwhile: "
            f"{quantity(busy.median)} processors (at least {quantity(busy.low)}, "
            f"at most {quantity(busy.high)})"
            + ("; so these figures are only a hint" if busy.median > QUIET else "")
        )
    return lines


def _calibration(found: Calibration) -> str:
    alu = " and ".join(quantity(value) for value in found.alu_ns)
    tcp = " and ".join(quantity(value) for value in found.tcp_us)
    return f"an addition {alu} ns, a small message over TCP {tcp} µs (two processors at once)"


def _others(run: Run) -> Sample | None:
    values = [
        value
        for result in run.results.values()
        for metrics in result.samples.values()
        for value in metrics.get("others", ())
    ]
    return Sample.of(values) if values else None


def notes(run: Run) -> list[str]:
    """What a reader of the figures has to know beside them."""
    return [*run.notes, *(f"{name}: {n}" for name, r in run.results.items() for n in r.notes)]


def markdown(head: Row, rows: Sequence[Row]) -> str:
    """A table for a page."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def aligned(head: Row, rows: Sequence[Row]) -> str:
    """A table for a terminal."""
    lines = [head, *rows]
    widths = [max(len(cells[column]) for cells in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for cells in lines
    )
