"""Combining marks, and Unicode normalization in linear time.

Normalization sorts consecutive marks, in quadratic time: 4,000 of them take 10 ms. No script needs
more than a few, so a text is first made stream-safe (UAX #15, section 13).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Literal

MAX_MARKS = 30
"""Consecutive marks that are kept: the limit of the Stream-Safe Text Format."""

# Not Han and Hangul, which have none and are most of it; nor what is beyond: there are only
# variation selectors, which are never sorted.
_SEARCHED = (
    range(0x300, 0x3400),
    range(0xA000, 0xAC00),
    range(0xF900, 0x12000),
    range(0x16000, 0x17000),
    range(0x1B000, 0x1F000),
)


def normalize(form: Literal["NFC", "NFKC", "NFD", "NFKD"], text: str) -> str:
    """``text`` in the given normalization form; of consecutive marks only the first 30 are kept."""
    if len(text) > MAX_MARKS and not text.isascii():
        text = _too_many().sub(r"\1", text)
    return unicodedata.normalize(form, text)


@cache
def marks() -> str:
    """All combining marks (category M), as ranges for a class of a regular expression."""
    return ranges(code for some in _SEARCHED for code in some if is_mark(chr(code)))


def is_mark(char: str) -> bool:
    """Whether ``char`` is a combining mark."""
    return unicodedata.category(char)[0] == "M"


def ranges(codes: Iterable[int]) -> str:
    """``codes``, in order, as ranges for a class of a regular expression."""
    found: list[list[int]] = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return "".join([f"{chr(first)}-{chr(last)}" for first, last in found])


@cache
def _too_many() -> re.Pattern[str]:
    # The look-behind makes it linear: only where marks begin they are counted.
    mark = f"[{marks()}]"
    return re.compile(f"(?<!{mark})({mark}{{{MAX_MARKS}}}){mark}+")
