"""Patterns of guests' names: ``spam*`` and ``eve?`` in bans.

``*`` stands for any characters, ``?`` for one. A pattern is compared with the keys of names, so
that case and width do not matter.
"""

from __future__ import annotations

import re
import unicodedata

from hubbub.domain.errors import BadMessage
from hubbub.domain.names import UserName

MAX_PATTERN_CHARS = 64  # a name has 32
MIN_LITERAL_CHARS = 2
"""So many characters of a pattern must be neither * nor ?: ``*`` alone would ban everybody."""

_ANY = "*?"


def parse_pattern(raw: str) -> str:
    """The pattern as it is logged, in the form of names' keys; raises `BadMessage`."""
    pattern = re.sub(r"\*+", "*", unicodedata.normalize("NFKC", raw.strip()).lower())
    if len(pattern) > MAX_PATTERN_CHARS:
        raise BadMessage(
            f"This pattern has {len(pattern):,} characters; {MAX_PATTERN_CHARS} are allowed."
        )
    literal = [char for char in pattern if char not in _ANY]
    wrong = next((char for char in literal if not UserName.allows(char)), None)
    if wrong is not None:
        raise BadMessage(
            f"No name has U+{ord(wrong):04X} ({unicodedata.name(wrong, 'without a name')}), so "
            "that nobody's would fit this pattern."
        )
    if len(literal) < MIN_LITERAL_CHARS:
        raise BadMessage(
            f"This pattern would fit nearly every name. Give it at least {MIN_LITERAL_CHARS} "
            "characters beside * and ?, as in: spam*"
        )
    return pattern


def fits(key: str, pattern: str) -> bool:
    """Whether a name with this ``key`` fits a parsed ``pattern``."""
    return compiled(pattern).fullmatch(key) is not None


def compiled(pattern: str) -> re.Pattern[str]:
    """The expression that fits what a parsed ``pattern`` fits. To make it takes long."""
    # What is between two stars is taken where it comes first, for good (an atomic group): there is
    # nothing to go back to, so that no pattern takes long.
    first, *others = (
        "".join("." if char == "?" else re.escape(char) for char in piece)
        for piece in pattern.split("*")
    )
    if not others:
        return re.compile(first, re.DOTALL)
    *middle, last = others
    inner = "".join(f"(?>.*?{piece})" for piece in middle if piece)
    return re.compile(f"{first}{inner}.*{last}", re.DOTALL)
