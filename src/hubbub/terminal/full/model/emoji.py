"""The emoji of `hubbub.domain.emoji` as they are typed: by their names between colons."""

from __future__ import annotations

import re

from hubbub.domain.emoji import NAMES

# A word of its own, behind white space, brackets or emphasis, or anything beyond ASCII: not
# `a[:x:]` or `std::x:`. The page has the same in text/completion.js.
BEGINS = r"(?:(?<!\S)[(*~]*|(?<=[^\x00-\x7f]))"
_CODE = re.compile(rf"{BEGINS}(:([a-z0-9_+-]+):)$")


def just_typed(before: str) -> tuple[int, str] | None:
    """The emoji whose ``:name:`` ends at the cursor, and the length of that; None within code."""
    found = _CODE.search(before)
    if found and found[2] in NAMES and not in_code(before):
        return len(found[1]), NAMES[found[2]]
    return None


def in_code(before: str) -> bool:
    """Whether the cursor is in an open code block, or behind a single backtick."""
    *lines, line = before.split("\n")
    return sum(one.startswith("```") for one in lines) % 2 == 1 or line.count("`") % 2 == 1
