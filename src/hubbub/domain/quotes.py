"""The excerpt of a message that a reply shows."""

from __future__ import annotations

import re

from hubbub.domain.events import Quote, Said
from hubbub.domain.ids import UserId

QUOTE_CHARS = 120  # of a text: a line on most screens, enough to know it again
# The lines that begin and end blocks of code (docs/markup.md): nothing that somebody said.
_FENCES = re.compile(r"^(?:> )?```[A-Za-z0-9_+#.-]{0,20}[ \t]*$", re.MULTILINE)
LOOKED_AT = 1000  # characters of a text in which a quote is found, so that none costs much


TEXT_GONE = "\N{PAPERCLIP} (no text any more)"
"""The excerpt of a message with files whose text was edited away.

Without a name, so that who has the quote and the edit, and not the message, makes the same of it.
"""


def quote_of_said(said: Said) -> Quote:
    """The excerpt of ``said``: of its text or, if it was said without one, the first file's name.

    It is empty if the message was taken back, and never otherwise.
    """
    text = said.text
    if not text and said.files:
        name = said.files[0].name
        text = f"\N{PAPERCLIP} {name}" if said.edited_at is None else TEXT_GONE
    return quote_of(said.by, text, said.by_id)


def quote_of(by: str, text: str, by_id: UserId | None = None) -> Quote:
    """The beginning of ``text`` in one line: white space becomes a space, and ``…`` ends a cut."""
    beginning = text[:LOOKED_AT]
    line = " ".join(_FENCES.sub("", beginning).split()) or " ".join(beginning.split())
    if len(line) > QUOTE_CHARS:
        line = line[: QUOTE_CHARS - 1].rstrip() + "…"
    return Quote(by, line, by_id)
