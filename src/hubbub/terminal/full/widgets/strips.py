"""Draws styled texts as one line of cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from hubbub.terminal.full.model.display import cut, width
from hubbub.terminal.full.model.rows import Role, Row
from hubbub.terminal.full.theme import Palette

Piece = tuple[str, Style]
"""A text as it is shown, and its style."""


def strip_of(pieces: Iterable[Piece], cells: int, base: Style) -> Strip:
    """A line of exactly ``cells`` cells; a longer one is cut with an ellipsis."""
    segments: list[Segment] = []
    left = cells
    for text, style in pieces:
        if left <= 0:
            break
        piece = cut(text, left)
        left -= width(piece)
        segments.append(Segment(piece, base + style))
        if piece != text:
            break
    if left > 0:
        segments.append(Segment(" " * left, base))
    return Strip(segments, cells)


def spread(left: Sequence[Piece], right: Sequence[Piece], cells: int, base: Style) -> Strip:
    """A line with texts at both ends; the right one is left out if there is no place for it."""
    taken = sum(width(text) for text, _ in left)
    wanted = sum(width(text) for text, _ in right)
    gap = cells - taken - wanted
    if gap < 1:
        return strip_of(left, cells, base)
    return strip_of([*left, (" " * gap, Style()), *right], cells, base)


def strip_of_row(
    row: Row, cells: int, base: Style, palette: Palette, selected: tuple[int, int] | None
) -> Strip:
    """A row of the timeline; ``selected`` is a range of its characters (-1: to the end)."""
    segments: list[Segment] = []
    place = 0
    first, last = selected or (0, 0)
    if selected and last < 0:
        last = len(row.plain)
    for run in row.runs:
        style = base + palette.style(run.role, run.key, run.within)
        end = place + len(run.text)
        start, stop = max(first, place), min(last, end)
        if selected and start < stop:
            before, inside = run.text[: start - place], run.text[start - place : stop - place]
            after = run.text[stop - place :]
            segments += [Segment(before, style)] if before else []
            segments.append(Segment(inside, style + palette.selection))
            segments += [Segment(after, style)] if after else []
        else:
            segments.append(Segment(run.text, style))
        place = end
    used = width(row.plain)
    if used > cells:
        return Strip(segments, used).crop(0, cells)
    block = row.runs and row.runs[-1].role is Role.CODE_BLOCK
    rest = base + palette.style(Role.CODE_BLOCK) if block else base
    segments.append(Segment(" " * (cells - used), rest))
    return Strip(segments, cells)
