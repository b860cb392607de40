"""Cuts texts into lines that fit: 512 bytes with the source that is put before them.

Between words if possible, between characters as people see them if not.
"""

from __future__ import annotations

from collections.abc import Iterator

from hubbub.wire.irc.formatting import MAX_OPEN, in_force

MIN_BYTES = 60  # for a text, whatever its source and target are


def cut(text: str, limit: int) -> list[str]:
    """``text``, which is one line, in pieces of at most ``limit`` bytes; at least one piece.

    Put together they are the text.
    """
    if len(text) * 4 <= limit or len(text.encode(errors="replace")) <= limit:
        return [text]
    return list(_pieces(text, max(limit, MIN_BYTES)))


def cut_formatted(text: str, limit: int) -> list[str]:
    """The same of a line with codes of `hubbub.wire.irc.formatting`, each piece of which begins
    with those in force there.
    """
    found = cut(text, max(limit, MIN_BYTES) - MAX_OPEN) if text and not text.isprintable() else None
    if found is None:
        return cut(text, limit)
    lines, codes = [], ""
    for piece in found:
        lines.append(codes + piece)
        codes = in_force(lines[-1])
    return lines


def _pieces(text: str, limit: int) -> Iterator[str]:
    piece, size, space = "", 0, 0  # ``space``: what is before it fits, and ends with a word
    for part in _parts(text, limit):
        width = len(part.encode(errors="replace"))
        if size + width > limit and space:
            yield piece[:space]
            piece, space = piece[space:], 0
            size = len(piece.encode(errors="replace"))
        if size + width > limit:
            yield piece
            piece, size, space = "", 0, 0
        piece, size = piece + part, size + width
        if part == " ":
            space = len(piece)
    yield piece


def _parts(text: str, limit: int) -> Iterator[str]:
    """Characters as people see them; code points of one that does not fit a line."""
    from wcwidth import iter_graphemes  # where it is needed: most texts fit, and a start is quick

    for part in iter_graphemes(text):
        if len(part) * 4 > limit and len(part.encode(errors="replace")) > limit:
            yield from part
        else:
            yield part
