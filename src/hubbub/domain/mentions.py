"""Whether a text speaks of somebody: ``@Name``, or the bare name as a word of its own.

The rule, for every client (tests/vectors/mentions.json has examples): text and name are compared
after NFKD, in lower case, with ς as σ; so the case, the width and the composition of letters do
not matter, as they do not for names. Before and after the name there is no letter, mark, digit,
``_`` or ``-``; but letters of scripts that are written without spaces part words, as a space does.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from re import compile as pattern

from hubbub.domain.scripts import UNSPACED

_parts_words = pattern(f"[{UNSPACED}]").fullmatch


def fold(text: str) -> str:
    """``text`` as it is compared."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text).lower().replace("ς", "σ")


def mentions(text: str, name: str) -> bool:
    """Whether ``text`` speaks of ``name``."""
    folded, sought = fold(text), _folded_name(name)
    return any(True for _ in _places(folded, sought))


def mention_places(text: str, name: str) -> list[tuple[int, int]]:
    """Where ``text`` speaks of ``name``: from and up to which characters, the ``@`` included."""
    sought = _folded_name(name)
    if text.isascii():
        return list(_places(text.lower(), sought))
    folded = "".join(map(fold, text))
    at = [place for place, char in enumerate(text) for _ in fold(char)]
    return [(at[start], at[end - 1] + 1) for start, end in _places(folded, sought)]


@lru_cache(maxsize=1024)
def _folded_name(name: str) -> str:
    return fold(name)


def _places(folded: str, name: str) -> Iterator[tuple[int, int]]:
    start = folded.find(name) if name else -1
    while start >= 0:
        end = start + len(name)
        if _ends_word(folded[max(0, start - 1) : start]) and _ends_word(folded[end : end + 1]):
            yield (start - 1 if folded[max(0, start - 1) : start] == "@" else start), end
            start = folded.find(name, end)
        else:
            start = folded.find(name, start + 1)


def _ends_word(neighbour: str) -> bool:
    """Whether a word ends where this character is, or none."""
    if not neighbour or neighbour.isspace():
        return True
    if neighbour in "_-" or unicodedata.category(neighbour)[0] in "LMN":
        return _parts_words(neighbour) is not None and unicodedata.category(neighbour)[0] != "M"
    return True
