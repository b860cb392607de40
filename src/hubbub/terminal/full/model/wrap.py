"""Wraps a shown line: at spaces and beside wide characters, otherwise anywhere."""

from __future__ import annotations

from hubbub.terminal.full.model.display import char_width

Span = tuple[int, int]


def wrap(text: str, first: int, rest: int) -> list[Span]:
    """The (start, end) of each row; the first has at most ``first`` cells, the others ``rest``.

    A space at which a row ends belongs to no row. No row is empty unless the text is.
    """
    if text.isascii():
        return _wrap(text, None, first, rest)
    sizes = [char_width(char) for char in text]
    if sum(sizes) <= first:
        return [(0, len(text))]
    return _wrap(text, sizes, first, rest)


def _wrap(text: str, sizes: list[int] | None, first: int, rest: int) -> list[Span]:
    length = len(text)
    spans: list[Span] = []
    start, cells = 0, max(1, first)
    while True:
        end = min(length, start + cells) if sizes is None else _fit(sizes, start, cells)
        if end >= length:
            spans.append((start, length))
            return spans
        stop = _break(text, sizes, start, end)
        if text[stop] == " ":
            spans.append((start, stop))
            start = stop + 1
            if start >= length:
                return spans
        else:
            spans.append((start, stop))
            start = stop
        cells = max(1, rest)


def _fit(sizes: list[int], start: int, cells: int) -> int:
    """The end of the longest row from ``start``: at least one character with its marks."""
    used = 0
    for place in range(start, len(sizes)):
        used += sizes[place]
        if used > cells and place > start:
            return place
    return len(sizes)


def _break(text: str, sizes: list[int] | None, start: int, end: int) -> int:
    """The best place to end a row that may go up to ``end``; a space there is skipped."""
    if sizes is None:
        space = text.rfind(" ", start + 1, end + 1)
        return space if space > start and not text[start:space].isspace() else end
    for place in range(end, start, -1):
        if text[place] == " " and not text[start:place].isspace():
            return place
        if sizes[place] and (sizes[place] == 2 or sizes[place - 1] == 2):
            return place
    return end
