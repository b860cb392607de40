"""Curves as SVG: lines over two logarithmic axes, readable on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from benchmarks.samples import Sample, quantity

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 40, 84, 52
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #1f2937 }
.title { font-size: 15px; font-weight: 600 }
.page { fill: #ffffff }
.grid { stroke: #e5e7eb }
.tick { fill: #6b7280 }
@media (prefers-color-scheme: dark) {
  text { fill: #e5e7eb } .page { fill: #111827 } .grid { stroke: #374151 } .tick { fill: #9ca3af }
}"""


class Curve(NamedTuple):
    """``points``: x above 0, and the y that were found there, above 0, too."""

    label: str
    colour: str
    points: Sequence[tuple[float, Sample]]


class Axis(NamedTuple):
    """A logarithmic axis. ``start`` and ``length`` are in pixels; negative: upwards."""

    low: float
    high: float
    start: float
    length: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, length: float) -> Axis:
        """From the mark below the least value to the mark above the greatest one."""
        low, high = min(values), max(values)
        below = [mark for mark in _marks(low / 10, low) if mark <= low]
        above = [mark for mark in _marks(high, high * 10) if mark >= high]
        return cls(below[-1], above[0] if above[0] > below[-1] else above[1], start, length)

    def place(self, value: float) -> float:
        """Where ``value`` is, in pixels."""
        part = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + part * self.length

    def marks(self) -> list[float]:
        """1, 2, 5, 10 … within the axis; 1, 10, 100 … where those would crowd it."""
        marks = list(_marks(self.low, self.high))
        if len(marks) > 10:
            marks = [mark for mark in marks if math.log10(mark) % 1 < 0.01]
        return marks


def _marks(low: float, high: float) -> Iterator[float]:
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        for step in (1, 2, 5):
            # From its decimal form: 5e-2 and not 5 * 0.01, so that a mark equals the same value.
            mark = float(f"{step}e{power}")
            if low * (1 - 1e-9) <= mark <= high * (1 + 1e-9):
                yield mark


def chart(title: str, x_label: str, y_label: str, curves: Sequence[Curve]) -> str:
    """An SVG document; raises ValueError when there is nothing to draw."""
    curves = [curve for curve in curves if curve.points]
    xs = [x for curve in curves for x, _ in curve.points]
    ys = [y for curve in curves for _, found in curve.points for y in (found.low, found.high)]
    across = Axis.over(xs, LEFT, PLOT_WIDTH)
    up = Axis.over(ys, HEIGHT - BOTTOM, -PLOT_HEIGHT)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        _text(LEFT, 28, title, "start", "title"),
        *_grid(across, up),
        _text(LEFT + PLOT_WIDTH / 2, HEIGHT - 12, x_label, "middle"),
        _text(LEFT, TOP - 12, y_label, "start", "tick"),
        *_legend(curves),
    ]
    for curve in curves:
        parts += _line(curve, across, up)
    return "\n".join([*parts, "</svg>", ""])


def _grid(across: Axis, up: Axis) -> Iterator[str]:
    for mark in across.marks():
        x = across.place(mark)
        yield _stroke(x, TOP, x, HEIGHT - BOTTOM)
        yield _text(x, HEIGHT - BOTTOM + 18, _mark(mark), "middle", "tick")
    for mark in up.marks():
        y = up.place(mark)
        yield _stroke(LEFT, y, WIDTH - RIGHT, y)
        yield _text(LEFT - 8, y + 4, _mark(mark), "end", "tick")


def _mark(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else quantity(value)


def _legend(curves: Sequence[Curve]) -> Iterator[str]:
    x = float(LEFT)
    for curve in curves:
        yield f'<circle cx="{x + 5:.1f}" cy="48" r="5" fill="{curve.colour}"/>'
        yield _text(x + 15, 52, curve.label, "start")
        x += 34 + 6.6 * len(curve.label)


def _line(curve: Curve, across: Axis, up: Axis) -> Iterator[str]:
    colour = curve.colour
    placed = [(across.place(x), found) for x, found in curve.points]
    path = " ".join(f"{x:.1f},{up.place(found.median):.1f}" for x, found in placed)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, found in placed:
        low, high = up.place(found.low), up.place(found.high)
        yield f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="{colour}"/>'
        yield f'<circle cx="{x:.1f}" cy="{up.place(found.median):.1f}" r="3.5" fill="{colour}"/>'


def _stroke(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path class="grid" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str, kind: str = "label") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}"'
    return f'<text {place} text-anchor="{anchor}" class="{kind}">{escape(text)}</text>'
