"""Texts as the log takes them: with the names of people here, nothing unseen, not too long."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator

from hubbub.domain.errors import ChatError
from hubbub.domain.text import parse_text
from hubbub.domain.told import MAX_TEXT_CHARS
from hubbub.moving.stream import Mention, Part

MAX_CHARS = MAX_TEXT_CHARS
"""Of one text: what clients take at most, whatever the server's own limit is. Longer ones are cut
into several, at the end of a line or a word if there is one near.
"""
_NEAR = 1000  # characters before the limit in which such an end is looked for
ACTION = "/me "
"""What a text begins with that tells what somebody does: as people type it."""


def written(parts: Iterable[Part], name_of: Callable[[Mention], str], *, action: bool) -> str:
    """The text of ``parts``; "" if there is nothing to see in it."""
    text = "".join(part if isinstance(part, str) else name_of(part) for part in parts)
    text = text.encode("utf-8", "replace").decode() if not text.isascii() else text
    text = text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    try:
        text = parse_text(text, len(text), len(text) + 1)
    except ChatError:
        return ""
    return ACTION + text if action else text


def pieces(text: str) -> Iterator[str]:
    """``text`` in pieces of at most `MAX_CHARS`, each with something to see in it."""
    while len(text) > MAX_CHARS:
        cut = MAX_CHARS
        for end in ("\n", " "):
            found = text.rfind(end, MAX_CHARS - _NEAR, MAX_CHARS)
            if found > 0:
                cut = found
                break
        while cut > MAX_CHARS - _NEAR and unicodedata.category(text[cut])[0] == "M":
            cut -= 1  # a letter keeps its accents
        piece = text[:cut].rstrip()
        text = text[cut:].lstrip("\n ")
        if piece:
            yield piece
    if text:
        yield text
