"""How much one reply may tell: a frame that tells more is none of the protocol, and is left out.

Clients keep what servers tell, and must not be filled by one that never ends. The largest setting
of any server is allowed; with a frame's own size, all that a client keeps has a bound by this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from hubbub.domain.numbers import MAX_EXACT

MAX_NAME_CHARS = 256  # five times what names may have here: another server's rules may be others
MAX_WORDS_CHARS = 4096  # of a sentence, a code, an id or a token
MAX_TEXT_CHARS = 100_000  # the largest that a server can be set to (text-chars)
MAX_PEOPLE = 100_000  # in a room; sorting them takes 0.1 s
MAX_ROWS = 100_000  # of a list of rooms, or of results
MAX_PIECES = 10_000  # of an excerpt

Name = Annotated[str, Meta(max_length=MAX_NAME_CHARS)]
"""A user's or a room's name as a server writes it, by whatever rules."""

Words = Annotated[str, Meta(max_length=MAX_WORDS_CHARS)]
Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
People = Annotated[Sequence[Name], Meta(max_length=MAX_PEOPLE)]
Excerpt = Annotated[Sequence[Text], Meta(max_length=MAX_PIECES)]

Count = Annotated[int, Meta(ge=0, le=MAX_EXACT)]
Time = Annotated[int, Meta(ge=-MAX_EXACT, le=MAX_EXACT)]
"""Milliseconds since the Unix epoch."""
