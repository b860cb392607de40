"""Folds letters with strokes and hooks, and ligatures, to plain ones for search.

Unicode decomposes é into e and an accent, but not ø, ł or đ: their strokes are part of them. People
without such keys type o, l, d. The folding is that of CLDR's transform Latin-ASCII for small Latin
letters: "x with …" is x, and what has a name of its own is in `NAMED`. Capitals come here in lower
case; ß is ss by then. Letters that it has none for (ə, ʃ) stay, as do all other scripts'.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

NAMED = {
    "æ": "ae",
    "œ": "oe",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ȷ": "j",
    "ĸ": "q",
    "ŋ": "n",
    "ƕ": "hv",
    "ƣ": "oi",
    "ȸ": "db",
    "ȹ": "qp",
    "ɛ": "e",
    "ɡ": "g",
    "ꜳ": "aa",
    "ꜵ": "ao",
    "ꜷ": "au",
    "ꜹ": "av",
    "ꜽ": "ay",
    "ꝏ": "oo",
    "ꝡ": "vy",
}

_LATIN = (*range(0x0100, 0x02B0), *range(0x1D00, 0x1E00), *range(0x2C60, 0x2C80))
_LATIN += (*range(0xA720, 0xA800), *range(0xAB30, 0xAB70))
_WITH = re.compile(r"LATIN SMALL LETTER ([A-Z]{1,2}) WITH ")


@cache
def letters() -> dict[int, str]:
    """The mapping from letters to plain ones, for `str.translate`."""
    table = {ord(letter): plain for letter, plain in NAMED.items()}
    table[0xF8] = "o"  # ø, the one such letter of Latin-1
    for code in _LATIN:
        found = _WITH.match(unicodedata.name(chr(code), ""))
        if found and not unicodedata.decomposition(chr(code)):
            table.setdefault(code, found[1].lower())
    return table
