"""docs/performance.md: what is between its markers comes from a run, and from nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import tables
from benchmarks.chart import Curve, chart
from benchmarks.contest import Contest, Plot
from benchmarks.contestants import COLOURS, LABELS
from benchmarks.errors import Failed
from benchmarks.record import RECORD, Run
from benchmarks.samples import Samples

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
PLOTS = RECORD.parent


def blocks(run: Run, contests: Sequence[Contest]) -> Mapping[str, str]:
    """The text between each pair of markers."""
    notes = tables.notes(run)
    return {
        "circumstances": _list(tables.circumstances(run)),
        "figures": tables.markdown(tables.FIGURES, tables.figures(run, contests)),
        "notes": _list(notes) if notes else "Nothing failed, and nothing was left out.",
        "details": tables.markdown(tables.DETAILS, tables.details(run, contests)),
        "curves": "\n\n".join(_curves(run, contests)),
    }


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _curves(run: Run, contests: Sequence[Contest]) -> Iterator[str]:
    for contest in contests:
        if contest.plot is not None and contest.name in run.results:
            yield f"### {contest.plot.title}"
            yield f"![{contest.plot.title}](../benchmarks/results/{contest.name}.svg)"
            yield tables.markdown(*tables.curve(contest, run))


def fill(text: str, blocks: Mapping[str, str]) -> str:
    """``text`` with each block between its markers; raises `Failed` where there are none."""
    for name, block in blocks.items():
        begin, end = f"<!-- benchmarks: {name} -->", f"<!-- /benchmarks: {name} -->"
        pattern = re.compile(f"(?<={re.escape(begin)}\n).*?(?={re.escape(end)})", re.DOTALL)
        before, *after = pattern.split(text)
        if len(after) != 1:
            raise Failed(f"{PAGE.name} needs {begin} and {end} once, and on lines of their own")
        text = f"{before}\n{block}\n\n{after[0]}"
    return text


def plots(run: Run, contests: Sequence[Contest]) -> Mapping[str, str]:
    """SVG documents by the names of their files."""
    return {
        f"{contest.name}.svg": _plot(contest.plot, run.results[contest.name].samples)
        for contest in contests
        if contest.plot is not None and contest.name in run.results
    }


def _plot(plot: Plot, samples: Samples) -> str:
    curves = [
        Curve(LABELS[name], COLOURS[name], plot.points(metrics))
        for name, metrics in samples.items()
    ]
    return chart(plot.title, plot.x_label, plot.y_label, curves)


def publish(run: Run, contests: Sequence[Contest]) -> list[Path]:
    """Writes the page and the plots; returns their paths."""
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), blocks(run, contests)), encoding="utf-8")
    written = [PAGE]
    for name, document in plots(run, contests).items():
        path = PLOTS / name
        path.write_text(document, encoding="utf-8")
        written.append(path)
    return written
