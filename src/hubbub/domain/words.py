"""Splits a text into words as search compares them: without case, accents and width.

Words are letters and digits of any script. Scripts that are written without spaces have *runs*
instead, in which any substring can be searched for. Emoji and other symbols beyond ASCII are
treated like runs: each can be found by itself, wherever it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from hubbub.domain.letters import letters
from hubbub.domain.marks import marks, normalize, ranges
from hubbub.domain.scripts import UNSPACED

MAX_WORD_CHARS = 40
"""Longer words (keys, hashes) are compared by their first characters: nobody types them whole."""

LOOKED_AT = 4 * MAX_WORD_CHARS
"""How many characters of a word are folded: more than are kept, as folding drops marks."""

UNICODE = int(unicodedata.unidata_version.partition(".")[0])
"""The Unicode version of Python's tables, on which the boundaries of words depend."""

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
_NOTHING: dict[int, str | None] = dict.fromkeys(_DROPPED)
_IOTA = "\u0345"  # below a Greek letter: an accent, too, but a letter in lower case
_WIDE = {ord("#"): "＃", ord("*"): "＊"}  # of a keycap: those of ASCII part words
_PLAIN = re.compile(r"[a-z0-9]+")

# Emoji by Unicode's Extended_Pictographic that are no symbols by their category; and the blocks of
# emoji with what is not in this Python's table yet.
_PUNCTUATION_EMOJI = (0x203C, 0x2049, 0x3030)
_EMOJI = range(0x1F000, 0x1FFFE)
_KEYCAP = "[#*0-9]\ufe0f?\u20e3"


class Word(NamedTuple):
    """A word or a run of a text, and the range of characters that it has there."""

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
        folded = _fold_run(found[0]) if run else fold_word(found[0][:LOOKED_AT])[:MAX_WORD_CHARS]
        if folded:
            yield Word(folded, *found.span(), run)


def plain_words(text: str) -> list[str]:
    """What `words` finds in a ``text`` of ASCII, folded; in a fourth of the time."""
    return [word[:MAX_WORD_CHARS] for word in _PLAIN.findall(text.lower())]


def without_marks(text: str) -> str:
    """``text`` without case, accents, strokes and width, and with all that is between words."""
    return normalize("NFKD", text).replace(_IOTA, "").casefold().translate(_plainer())


@lru_cache(maxsize=4096)  # most words of a text are in others, too; 5 MiB at most
def fold_word(word: str) -> str:
    """``word`` without case, accents, strokes and width."""
    if word.isascii():
        return word.lower()
    bare = without_marks(word)
    if bare.isascii() and bare.isalnum():
        return bare
    folded = unicodedata.normalize("NFKC", bare)
    if folded.isalnum():
        return folded
    # NFKC may expand one character to several: ⑴ becomes (1).
    return "".join([char for char in folded if unicodedata.category(char)[0] in "LMNS"])


def _fold_run(run: str) -> str:
    """``run`` folded; symbols stay as they are, since ™ is not "tm"."""
    return _fold_part(run) if len(run) <= MAX_WORD_CHARS else _fold_part.__wrapped__(run)


@lru_cache(maxsize=4096)
def _fold_part(run: str) -> str:
    parts = _symbols().split(run)  # what is between signs, and signs, in turn
    return "".join(
        [
            part.translate(_NOTHING).translate(_WIDE) if place % 2 else _fold_unspaced(part)
            for place, part in enumerate(parts)
            if part
        ]
    )


def _fold_unspaced(part: str) -> str:
    # The cache is for words: nothing long is kept in it.
    return fold_word(part) if len(part) <= LOOKED_AT else fold_word.__wrapped__(part)


@cache
def _plainer() -> dict[int, str | None]:
    """The translation table: dropped marks, and plain letters for letters with strokes."""
    return _NOTHING | letters()


def prepare() -> None:
    """Builds the tables. Takes 0.1 s, so call it before the first search waits for it."""
    _pattern(), _symbols(), _plainer(), normalize("NFKD", "é")


@cache
def _symbols() -> re.Pattern[str]:
    return re.compile(f"((?:{_KEYCAP}|[{_symbol_ranges()}])+)")


@cache
def _symbol_ranges() -> str:
    codes = {code for code in range(0x80, _EMOJI.stop) if _is_symbol(chr(code))}
    return ranges(sorted(codes.union(_PUNCTUATION_EMOJI)))


def _is_symbol(char: str) -> bool:
    category = unicodedata.category(char)
    if category[0] == "S":
        # ´ and ¨ are accents without a letter: a space and a mark.
        return not unicodedata.normalize("NFKD", char).startswith(" ")
    return category == "Cn" and ord(char) in _EMOJI


@cache
def _pattern() -> re.Pattern[str]:
    sign = f"{_KEYCAP}|[{UNSPACED}{_symbol_ranges()}]"
    run = f"(?:{sign})(?:{sign}|[{marks()}])*"
    # Letters of the first plane are one class, which is quick; the others are rare.
    unspaced = re.compile(f"[{UNSPACED}]").match
    common = ranges(
        code for code in range(0x3A, 0x10000) if chr(code).isalnum() and not unspaced(chr(code))
    )
    rare = rf"[0-9](?!\ufe0f?\u20e3)|(?=[\U00010000-\U0010ffff])[^\W_](?<![{UNSPACED}])"
    more = f"[{common}{marks()}\u00ad]*"
    return re.compile(f"(?P<run>{run})|(?:[{common}]|{rare}){more}(?:(?:{rare}){more})*")
