"""Texts on a grid of cells: harmless, and with a width on which all terminals agree.

Terminals disagree on sequences: an emoji of three people and two joiners has 2 cells in one and 6
in another. Where client and terminal disagree, the line is garbled. So joiners, variation selectors
and skin tones are removed from what is *shown*; then each character has 0, 1 or 2 cells, whatever
is next to it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size

from hubbub.domain.names import MAX_MARKS_IN_A_ROW
from hubbub.terminal.safe import safe

# In addition to what `safe` replaces: direction marks, and invisible characters on whose width
# terminals disagree (joiners, selectors, skin tones, tags, soft hyphen, fillers).
_LEFT_OUT = dict.fromkeys(
    [
        *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x180E, 0x200B, 0x200D, 0x200E, 0x200F),
        *(0x3164, 0xFEFF, 0xFFA0),
        *range(0x2060, 0x2066),
        *range(0x206A, 0x2070),
        *range(0xFE00, 0xFE10),
        *range(0xFFF9, 0xFFFC),
        *range(0x1F3FB, 0x1F400),
        *range(0xE0000, 0xE0200),
    ]
)

_LETTERS = 0x1F1E6  # REGIONAL INDICATOR SYMBOL LETTER A; two of them make a flag
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]+")


def shown(text: str) -> str:
    """``text`` as one line to show: without controls, direction marks and ambiguous widths."""
    if text.isascii():
        return safe(text)
    return _shown(text)


def lines_of(text: str) -> list[str]:
    """The lines of a message, each as it is shown; at least one."""
    return [shown(line) for line in text.splitlines()] or [""]


@lru_cache(maxsize=1024)
def _shown(text: str) -> str:
    text = unicodedata.normalize("NFC", safe(text)).translate(_LEFT_OUT)
    text = _FLAGS.sub(_whole_flags, text)
    kept: list[str] = []
    marks = 0
    for char in text:
        if char_width(char) or char == "\u200c":
            marks = 0
        else:
            marks += 1
            if marks > MAX_MARKS_IN_A_ROW:
                continue
            if not kept:
                kept.append("◌")  # what Unicode puts under an accent without a letter
        kept.append(char)
    return "".join(kept)


def _whole_flags(found: re.Match[str]) -> str:
    """Keeps pairs of regional indicators; a single one becomes the letter that it stands for."""
    letters = found[0]
    if len(letters) % 2 == 0:
        return letters
    return letters[:-1] + chr(ord("A") + ord(letters[-1]) - _LETTERS)


def char_width(char: str) -> int:
    """The width in cells of one character of a shown text."""
    return get_character_cell_size(char)


def width(text: str) -> int:
    """The width in cells of a shown text."""
    return len(text) if text.isascii() else sum(map(char_width, text))


def cut(text: str, cells: int) -> str:
    """A shown text in at most ``cells`` cells, with an ellipsis if it was longer."""
    if width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    room = cells - 1
    for place, char in enumerate(text):
        room -= char_width(char)
        if room < 0:
            return text[:place] + "…"
    return text


def fitted(text: str, cells: int) -> str:
    """A shown text in exactly ``cells`` cells."""
    text = cut(text, cells)
    return text + " " * (cells - width(text))
