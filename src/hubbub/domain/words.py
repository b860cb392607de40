"""The words of a text, as search compares them: whatever their case, accents and width.

Words are letters and digits of any script. Scripts that are written without spaces have *runs*
instead, in which any part can be searched for: a character alone or several in a row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from hubbub.domain.scripts import UNSPACED

MAX_WORD_CHARS = 40
"""Longer words are compared by their beginning: they are keys and hashes, and nobody types them."""

_SYMBOLS = "\u2600-\u27bf\U0001f000-\U0001faff"  # emoji and the like: each is a word
_DROPPED = (
    *range(0x0300, 0x0370),  # accents of Latin, Greek and Cyrillic letters
    *range(0x0483, 0x0488),
    *(0x00AD, 0x0640, 0x0670),  # soft hyphen; Arabic tatweel and a vowel sign
    *range(0x0591, 0x05BE),  # Hebrew points
    *(0x05BF, 0x05C1, 0x05C2, 0x05C4, 0x05C5, 0x05C7),
    *range(0x0610, 0x061B),  # Arabic vowel signs
    *range(0x064B, 0x0660),
    *range(0xFE00, 0xFE10),  # variation selectors
)
_WITHOUT_ACCENTS = dict.fromkeys(_DROPPED)
_PLAIN = re.compile(r"[a-z0-9]+")


class Word(NamedTuple):
    """A word or a run of a text, from and up to which characters of it."""

    folded: str
    start: int
    end: int
    run: bool


def words(text: str) -> Iterator[Word]:
    """The words and runs of ``text``, in order."""
    if text.isascii():
        for found in _PLAIN.finditer(text.lower()):
            yield Word(found[0][:MAX_WORD_CHARS], *found.span(), False)
        return
    for found in _pattern().finditer(text):
        run = found.lastgroup == "run"
        folded = fold_word(found[0])
        if folded:
            yield Word(folded if run else folded[:MAX_WORD_CHARS], *found.span(), run)


def fold_word(word: str) -> str:
    """A word or run as it is compared: without case, accents and width."""
    if word.isascii():
        return word.lower()
    bare = unicodedata.normalize("NFKD", word).translate(_WITHOUT_ACCENTS)
    folded = unicodedata.normalize("NFKC", bare.casefold())
    if folded.isalnum():
        return folded
    # A character may be several others in other clothes: ⑴ is (1).
    return "".join([char for char in folded if unicodedata.category(char)[0] in "LMNS"])


@cache
def _pattern() -> re.Pattern[str]:
    marks = _ranges([code for code in range(0x300, 0x1F000) if _is_mark(code)])
    run = f"[{UNSPACED}{_SYMBOLS}][{UNSPACED}{_SYMBOLS}{marks}]*"
    letter = rf"(?![{UNSPACED}])[^\W_]"
    return re.compile(rf"(?P<run>{run})|{letter}(?:{letter}|[{marks}\u00ad])*")


def _is_mark(code: int) -> bool:
    return unicodedata.category(chr(code))[0] == "M"


def _ranges(codes: list[int]) -> str:
    """``codes``, in order, as ranges for a class of a regular expression."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join([f"{chr(first)}-{chr(last)}" for first, last in ranges])
