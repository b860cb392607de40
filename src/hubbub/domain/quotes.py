"""What a reply shows of the text that it answers."""

from __future__ import annotations

from hubbub.domain.events import Quote

QUOTE_CHARS = 120  # of a text: a line on most screens, enough to know it again
LOOKED_AT = 1000  # characters of a text in which a quote is found, so that none costs much


def quote_of(by: str, text: str) -> Quote:
    """The beginning of ``text`` in one line: white space becomes a space, and ``…`` ends a cut."""
    line = " ".join(text[:LOOKED_AT].split())
    if len(line) > QUOTE_CHARS:
        line = line[: QUOTE_CHARS - 1].rstrip() + "…"
    return Quote(by, line)
