"""How a text looks on a grid of cells: harmless, and as wide as every terminal thinks it is.

Terminals disagree on sequences: a family emoji of three people and two joiners is 2 cells in one
and 6 in the next, and where the client and the terminal disagree, the line is torn. So joiners,
variation selectors and skin tones are left out of what is *shown*; what is left is 0, 1 or 2 cells
a character, whatever stands beside it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size

from hubbub.domain.names import MAX_MARKS_IN_A_ROW
from hubbub.terminal.safe import safe

# Beside what `safe` takes: marks that turn direction, and what is not seen and has no agreed width
# (joiners, selectors, skin tones, tags, soft hyphen, fillers).
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
    """One line of ``text`` as it is shown: no control, nothing that turns or tears the line."""
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
    """Pairs stay; one without its other half is the letter that it stands for."""
    letters = found[0]
    if len(letters) % 2 == 0:
        return letters
    return letters[:-1] + chr(ord("A") + ord(letters[-1]) - _LETTERS)


def char_width(char: str) -> int:
    """The cells of one character of a shown text."""
    return get_character_cell_size(char)


def width(text: str) -> int:
    """The cells of a shown text."""
    return len(text) if text.isascii() else sum(map(char_width, text))


def cut(text: str, cells: int) -> str:
    """A shown text, in so many cells at most; with an ellipsis when it was longer."""
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
    """A shown text in exactly so many cells."""
    text = cut(text, cells)
    return text + " " * (cells - width(text))
