"""What is seen as one character: a flag, a family, a letter with its accents (UAX #29)."""

from __future__ import annotations

from wcwidth import grapheme_boundary_before, iter_graphemes

MOST_CHARS = 256  # that are looked at: no cluster that a person writes has as many


def before(text: str, place: int) -> int:
    """Where the character begins that ends at ``place``; 0 at the start."""
    if place <= 0:
        return 0
    start = max(0, place - MOST_CHARS)
    return start + grapheme_boundary_before(text[start:place], place - start)


def after(text: str, place: int) -> int:
    """Where the character ends that begins at ``place``; the text's length at its end."""
    return place + len(next(iter(iter_graphemes(text[place : place + MOST_CHARS])), ""))
