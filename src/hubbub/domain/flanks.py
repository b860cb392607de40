"""Where emphasis can begin and end in a line (docs/markup.md), by the neighbours of a marker.

The page has the same in JavaScript (text/flanks.js). A token is a character, or a unit without
markers in it, such as code or a link.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple, TypeGuard

from hubbub.domain.links import SPACES

MARKERS = frozenset({"*", "_", "~", "**", "~~"})
# White space as JavaScript has it, so that all clients agree.
_SPACE = re.compile(f"[{SPACES}]")
_SENTENCE_END = ".,;:!?"
_BESIDE_LETTERS = "\"'-,;:!?"
_EMOJI_MODIFIERS = frozenset(map(chr, range(0x1F3FB, 0x1F400)))  # skin tones (UTS #51)


def _is_marker(token: object) -> TypeGuard[str]:
    return isinstance(token, str) and token in MARKERS


def _is_space(token: object) -> bool:
    return token is None or (isinstance(token, str) and _SPACE.match(token) is not None)


class Flanks(NamedTuple):
    """Where emphasis can begin and end.

    For each place: whether a marker there can open emphasis; the place of the next equal marker
    that can close it, or -1; and the number of tokens before it that are not punctuation.
    """

    opens: list[bool]
    closes: list[int]
    solid: list[int]


def flanks_of(tokens: Sequence[object]) -> Flanks:
    count = len(tokens)
    solid = [0, *accumulate(_within(token, begins=True) == 2 for token in tokens)]
    before = _neighbours(tokens)
    after = _neighbours(tokens[::-1])[::-1]
    opens, closes = [False] * count, [-1] * count
    following = dict.fromkeys(MARKERS, -1)
    for place in range(count - 1, -1, -1):
        token = tokens[place]
        if not _is_marker(token):
            continue
        closes[place] = following[token]
        if token in tokens[max(0, place - 1) : place] or token in tokens[place + 1 : place + 2]:
            continue  # a marker beside one like it is text
        inner, outer = after[place], before[place]
        opens[place] = _within(inner, begins=True) + _outside(outer, begins=True) > 2
        if _may_close(outer, inner):
            following[token] = place
    return Flanks(opens, closes, solid)


def _neighbours(tokens: Sequence[object]) -> list[object]:
    """For each place, the nearest token before it that is not a marker."""
    found: list[object] = []
    nearest: object = None
    for token in tokens:
        found.append(nearest)
        nearest = nearest if _is_marker(token) else token
    return found


def _may_close(last: object, following: object) -> bool:
    # "*so,* she said" is emphasis, "*x,*.h" is a list.
    if isinstance(last, str) and last in ",;:" and not _is_space(following):
        return False
    return _within(last, begins=False) + _outside(following, begins=False) > 2


def _within(token: object, *, begins: bool) -> int:
    """Whether emphasis can begin (or end) with ``token``.

    2 as with a letter, 1 if the outside is clear, 0 if not.
    """
    if not isinstance(token, str):
        return 2 if token is not None else 0
    if token.isascii():
        if token.isalnum():
            return 2
        return int(token in ("([{<\"'@#$+-" if begins else ")]}>\"'.,;:!?%+-#$"))
    category = unicodedata.category(token)
    if category[0] in "LMN" or category in ("So", "Cn") or token in _EMOJI_MODIFIERS:
        return 2
    return int(not _is_space(token) and category != ("Pe" if begins else "Ps"))


def _outside(token: object, *, begins: bool) -> int:
    """Whether ``token`` can stand before (or behind) emphasis.

    2 always, 1 beside a letter, 0 never.
    """
    if token is None or _is_space(token):
        return 2
    if not isinstance(token, str):
        return 1
    category = unicodedata.category(token)
    if category[0] in "LMN":
        return 0
    if category == ("Ps" if begins else "Pe"):
        return 2
    if not token.isascii():
        stands = category[0] == "P" or category in ("So", "Cn") or token in _EMOJI_MODIFIERS
        return int(stands)
    if not begins and token in _SENTENCE_END:
        return 2
    return int(token in _BESIDE_LETTERS)
