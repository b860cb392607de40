"""Spans of time in words, for people."""

from __future__ import annotations

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def span(seconds: float) -> str:
    """A time in words, in the largest unit of which there are two, or one exactly: "2 hours"."""
    whole = max(1, round(seconds))
    for size, unit in _UNITS:
        if whole >= 2 * size or whole == size:
            count = round(whole / size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{whole} seconds"


def left(until: int | None, now: int) -> str:
    """What is left until a time (ms), as it stands behind a sentence: " for 2 hours"; or ""."""
    return "" if until is None else f" for {span((until - now) / 1000)}"
