"""How many of some texts mention us, in words."""

from __future__ import annotations


def mentioning(texts: int, mentions: int) -> str:
    """The part after "94 new" that counts the ``mentions`` among them: ", 2 mention you"."""
    if not mentions:
        return ""
    if texts == 1:
        return ", which mentions you"
    return f", {mentions:,} mention{'s' * (mentions == 1)} you"
