"""Grapheme clusters (UAX #29), seen as one character: a flag, a letter with its accents."""

from __future__ import annotations

from wcwidth import grapheme_boundary_before, iter_graphemes

MOST_CHARS = 256  # that are examined: more than any real cluster has


def before(text: str, place: int) -> int:
    """The start of the cluster that ends at ``place``; 0 at the start of the text."""
    if place <= 0:
        return 0
    start = max(0, place - MOST_CHARS)
    return start + grapheme_boundary_before(text[start:place], place - start)


def after(text: str, place: int) -> int:
    """The end of the cluster that begins at ``place``; the text's length at its end."""
    return place + len(next(iter(iter_graphemes(text[place : place + MOST_CHARS])), ""))
