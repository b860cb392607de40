"""Colours of names: always the same for a name, and readable on the theme's background."""

from __future__ import annotations

import zlib

DARK = (
    *("#ff8a80", "#ffab6e", "#e6c05c", "#c3d35f", "#8fd978", "#5fd9a2"),
    *("#4fd6d2", "#6cc7f5", "#8fb4ff", "#b3a5ff", "#d699f5", "#f48fd0"),
)
"""For dark backgrounds."""

LIGHT = (
    *("#b3261e", "#a34300", "#7d5700", "#5c6300", "#2f6b1c", "#006b4a"),
    *("#00696b", "#00639b", "#2f55c4", "#5b45c9", "#8527b3", "#a61c77"),
)
"""For light backgrounds."""

ANSI = ("red", "green", "magenta", "cyan")
"""For a terminal's own palette: without blue and yellow, illegible on black and on white."""

BUCKETS = 12


def bucket(name: str) -> int:
    """The number of a name's colour: the same in every client, and for upper and lower case."""
    return zlib.crc32(name.casefold().encode(errors="replace")) % BUCKETS
