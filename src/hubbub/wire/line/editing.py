"""Applies backspaces in lines of clients that send each key press (telnet's character mode).

Terminals send BS or DEL for the key; RFC 854 has BS.
"""

from __future__ import annotations

import unicodedata

BACKSPACES = frozenset("\b\x7f")
JOINER = "\u200d"  # ZERO WIDTH JOINER: makes one emoji of two


def edited(line: str) -> str:
    """``line`` after each backspace has removed the character before it."""
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
    """Removes the last visible character: a letter with its marks, or an emoji with its parts."""
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
