"""Which parts of a line are links: the rule of docs/markup.md, for who shows and who forbids them.

The web page has the same in JavaScript; tests/vectors/markup.json holds for both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain

SPACES = "\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""White space of all scripts, for a class of a regular expression."""

_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
# What no address has: white space, some of ASCII (RFC 3986), and what is not seen but turns the
# direction of text or parts words.
_NOT_IN_LINKS = re.compile(
    f'[\0- \x7f<>"`\\\\^{{}}|{SPACES}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufffd]'
)
_SCHEME = re.compile(r"[A-Za-z0-9]")  # behind one of these, "https" is the end of another word
_ADDRESS = re.compile(r"(?:://|mailto:)(?:[^\W_]|\[)", re.IGNORECASE)
_TRAILING = ".,;:!?'*_~…"
_PAIRS = {")": "(", "]": "["}


def has_link(text: str) -> bool:
    """Whether there is a link in ``text``, be it in a piece of code."""
    return ":" in text and next(links(text, 0, len(text)), None) is not None


def links(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The places of the links between ``start`` and ``end``."""
    place = start
    while found := _LINK.search(line, place, end):
        begin, place = found.start(), found.end()
        while place < end and not _ends_link(line[place]):
            place += 1
        link = _trimmed(line[begin:place])
        before = line[begin - 1] if begin > start else ""
        if not _SCHEME.match(before) and _ADDRESS.search(link):
            yield begin, begin + len(link)


def _ends_link(char: str) -> bool:
    """Whether no link has ``char``: the punctuation of other scripts stands behind one."""
    if not char.isascii() and unicodedata.category(char)[0] == "P":
        return True
    return _NOT_IN_LINKS.match(char) is not None


def _trimmed(link: str) -> str:
    """A link without the sentence around it."""
    counts = {char: link.count(char) for char in chain(_PAIRS, _PAIRS.values())}
    end = len(link)
    while end:
        last = link[end - 1]
        if last in _PAIRS and counts[last] > counts[_PAIRS[last]]:
            counts[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return link[:end]
