"""The excerpt of a message that a reply shows."""

from __future__ import annotations

import re

from hubbub.domain.events import Quote
from hubbub.domain.ids import UserId

QUOTE_CHARS = 120  # of a text: a line on most screens, enough to know it again
# The lines that begin and end blocks of code (docs/markup.md): nothing that somebody said.
_FENCES = re.compile(r"^(?:> )?```[A-Za-z0-9_+#.-]{0,20}[ \t]*$", re.MULTILINE)
LOOKED_AT = 1000  # characters of a text in which a quote is found, so that none costs much


def quote_of(by: str, text: str, by_id: UserId | None = None) -> Quote:
    """The beginning of ``text`` in one line: white space becomes a space, and ``…`` ends a cut."""
    beginning = text[:LOOKED_AT]
    line = " ".join(_FENCES.sub("", beginning).split()) or " ".join(beginning.split())
    if len(line) > QUOTE_CHARS:
        line = line[: QUOTE_CHARS - 1].rstrip() + "…"
    return Quote(by, line, by_id)
