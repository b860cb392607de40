"""How many of some texts speak of us, in words."""

from __future__ import annotations


def mentioning(texts: int, mentions: int) -> str:
    """What is put behind "94 new", of which so many are ``mentions``: ", 2 mention you"."""
    if not mentions:
        return ""
    if texts == 1:
        return ", which mentions you"
    return f", {mentions:,} mention{'s' * (mentions == 1)} you"
