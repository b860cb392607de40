"""Whether a text speaks of somebody: ``@Name``, or the bare name as a word of its own.

The rule, for every client (tests/vectors/mentions.json has examples): text and name are compared
after NFKD, in lower case, with ς as σ; so the case, the width and the composition of letters do
not matter, as they do not for names. Before and after the name there is no letter, mark, digit,
``_`` or ``-``; but letters of scripts that are written without spaces part words, as a space does.
Of marks in a row, 30 are compared (see `hubbub.domain.marks`). It takes time in proportion to the
text, whatever the name is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from hubbub.domain.marks import marks, normalize
from hubbub.domain.scripts import UNSPACED


def fold(text: str) -> str:
    """``text`` as it is compared."""
    if text.isascii():
        return text.lower()
    return normalize("NFKD", text).lower().replace("ς", "σ")


def mentions(text: str, name: str) -> bool:
    """Whether ``text`` speaks of ``name``."""
    return any(True for _ in _places(fold(text), _folded_name(name)))


def mention_places(text: str, name: str) -> list[tuple[int, int]]:
    """Where ``text`` speaks of ``name``: from and up to which characters, the ``@`` included."""
    sought = _folded_name(name)
    if text.isascii():
        return list(_places(text.lower(), sought))
    if not mentions(text, name):
        return []
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    # By letters with their marks, which are only compared together.
    for letter in _letters().finditer(text):
        part = fold(letter[0])
        folded.append(part)
        starts += [letter.start()] * len(part)
        ends += [letter.end()] * len(part)
    return [(starts[start], ends[end - 1]) for start, end in _places("".join(folded), sought)]


@lru_cache(maxsize=1024)
def _folded_name(name: str) -> str:
    return fold(name)


def _places(folded: str, name: str) -> Iterator[tuple[int, int]]:
    start = folded.find(name) if name else -1
    while start >= 0:
        begins, ends = _edges()
        end = start + len(name)
        if begins.match(folded, start) and ends.match(folded, end):
            yield (start - 1 if start and folded[start - 1] == "@" else start), end
            start = folded.find(name, end)
        else:
            # From word to word: the name "a" is looked for once in "aaaa".
            begin = begins.search(folded, start + 1)
            start = folded.find(name, begin.start()) if begin else -1


@cache
def _edges() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What is where a word may begin, and where it may end."""
    within = rf"[\w\-{marks()}]"  # \w: letters, digits and _
    parts = f"(?![{marks()}])[{UNSPACED}]"
    behind = f"(?<=[{UNSPACED}])(?<![{marks()}])"
    return re.compile(f"(?<!{within})|{behind}"), re.compile(f"(?!{within})|{parts}")


@cache
def _letters() -> re.Pattern[str]:
    # The half-width sound marks of kana are no marks by their category, but become such.
    mark = f"[{marks()}\uff9e\uff9f]"
    return re.compile(f".{mark}*", re.DOTALL)
