"""Backspace in a line from a client that sends each key as it is pressed (telnet's character mode).

RFC 854 has BS for a step back; terminals send BS or DEL for the key.
"""

from __future__ import annotations

import unicodedata

BACKSPACES = frozenset("\b\x7f")
JOINER = "\u200d"  # what makes one emoji of two


def edited(line: str) -> str:
    """What is left of ``line`` when each backspace has taken the character before it."""
    if BACKSPACES.isdisjoint(line):
        return line
    kept: list[str] = []
    for char in line:
        if char not in BACKSPACES:
            kept.append(char)
        elif kept:
            _take_back(kept)
    return "".join(kept)


def _take_back(kept: list[str]) -> None:
    """Takes the last character that a person sees: a letter with its marks, an emoji with parts."""
    while _belongs_to_another(kept.pop()) and kept:
        pass
    while kept and kept[-1] == JOINER:
        kept.pop()
        if kept:
            _take_back(kept)


def _belongs_to_another(char: str) -> bool:
    # Marks, variation selectors (Mn), skin tones (Sk beyond the basic plane), joiners.
    return (
        char == JOINER
        or unicodedata.category(char)[0] == "M"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )
