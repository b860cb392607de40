"""Whether a text mentions somebody: ``@name`` in any case, or the name as its owner writes it.

The rule, for every client (tests/vectors/mentions.json has examples): text and name are compared
after NFKD, in lower case, with ς as σ; so behind an ``@`` the case, the width and the composition
of letters do not matter, as they do not for names. Without an ``@`` the case does matter, for many
names are words, too: "will you come?" is not for Will, and "et al." is not for Al. A name that
begins with a small letter may have a capital there. Before and after all of it there is no letter,
mark, digit, ``_`` or ``-``, so that no address of mail is a mention; but letters of scripts that
are written without spaces part words, as a space does. Of marks in a row, 30 are compared (see
`hubbub.domain.marks`). The time is linear in the length of the text. A name in a link
is no mention.

Callers leave out the author's own texts: nobody mentions themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from hubbub.domain.marks import marks, normalize
from hubbub.domain.scripts import UNSPACED

_LINK = re.compile(r"https?://[!-~]+", re.IGNORECASE)  # as far as it is ASCII


def fold(text: str) -> str:
    """``text`` folded for comparison."""
    if text.isascii():
        return text.lower()
    return normalize("NFKD", text).lower().replace("ς", "σ")


def mentions(text: str, name: str) -> bool:
    """Whether ``text`` mentions ``name``."""
    return bool(mention_places(text, name))


def mention_places(text: str, name: str) -> list[tuple[int, int]]:
    """The ranges (start, end) of the mentions of ``name`` in ``text``, with the ``@``."""
    found = _in_ascii(text, name) if text.isascii() else _in_letters(text, name)
    if not found or "://" not in text:
        return found
    return list(_beside_links(text, found))


def _in_ascii(text: str, name: str) -> list[tuple[int, int]]:
    sought, written = _sought(name)
    return [
        (start, end)
        for start, end in _places(text.lower(), sought)
        if text[start] == "@" or text[start:end] in written
    ]


def _in_letters(text: str, name: str) -> list[tuple[int, int]]:
    sought, written = _sought(name)
    # Nearly always the name is nowhere in it.
    if not sought or sought not in fold(text):
        return []
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    known: dict[str, str] = {}  # most letters come often
    # By letters with their marks, which are only compared together.
    for letter in _letters().finditer(text):
        part = known.get(letter[0])
        if part is None:
            part = known[letter[0]] = fold(letter[0])
        folded.append(part)
        starts += [letter.start()] * len(part)
        ends += [letter.end()] * len(part)
    whole = "".join(folded)
    return [
        (starts[start], ends[end - 1])
        for start, end in _places(whole, sought)
        if whole[start] == "@" or normalize("NFKD", text[starts[start] : ends[end - 1]]) in written
    ]


def _beside_links(text: str, found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The places that are not within a link. They are in order."""
    links = _LINK.finditer(text)
    link = next(links, None)
    for place in found:
        while link is not None and link.end() <= place[0]:
            link = next(links, None)
        if link is None or place[0] < link.start():
            yield place


@lru_cache(maxsize=1024)
def _sought(name: str) -> tuple[str, frozenset[str]]:
    """The folded name, and the spellings that are mentions without an ``@``."""
    plain = normalize("NFKD", name)
    return fold(name), frozenset({plain, plain[:1].upper() + plain[1:]})


def _places(folded: str, name: str) -> Iterator[tuple[int, int]]:
    """The places where ``name`` is a word of its own in ``folded``, with the ``@`` before it."""
    begins, ends = _edges()
    start = folded.find(name) if name else -1
    while start >= 0:
        end = start + len(name)
        begin = start - 1 if start and folded[start - 1] == "@" else start
        if begins.match(folded, begin) and ends.match(folded, end):
            yield begin, end
            start = folded.find(name, end)
        else:
            # From word to word: the name "a" is looked for once in "aaaa".
            word = begins.search(folded, start + 1)
            start = folded.find(name, word.start()) if word else -1


@cache
def _edges() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The patterns of the boundaries before and after a word."""
    within = rf"[\w\-{marks()}]"  # \w: letters, digits and _
    parts = f"(?![{marks()}])[{UNSPACED}]"
    behind = f"(?<=[{UNSPACED}])(?<![{marks()}])"
    return re.compile(f"(?<!{within})|{behind}"), re.compile(f"(?!{within})|{parts}")


@cache
def _letters() -> re.Pattern[str]:
    # The half-width sound marks of kana are no marks by their category, but become such.
    mark = f"[{marks()}\uff9e\uff9f]"
    return re.compile(f".{mark}*", re.DOTALL)
