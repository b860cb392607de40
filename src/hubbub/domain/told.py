"""Upper bounds of the fields of a reply. A client ignores a frame that exceeds one.

Clients keep what servers send, so a hostile server must not be able to fill their memory. The
bounds are above the largest values that a server's settings allow. Together with the maximal size
of a frame they bound everything that a client keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from hubbub.domain.numbers import MAX_EXACT

MAX_NAME_CHARS = 256  # five times the limit here: another server may have other rules
MAX_WORDS_CHARS = 4096  # of a sentence, a code, an id or a token
MAX_KEY_CHARS = 128  # of a hash, or the id of a device
MAX_TEXT_CHARS = 100_000  # the largest that a server can be set to (text-chars)
MAX_PEOPLE = 100_000  # in a room; sorting them takes 0.1 s
MAX_IN_TALK = 100  # people of a direct conversation: ten times the limit here
MAX_ROWS = 100_000  # of a list of rooms, or of results
MAX_PIECES = 10_000  # of an excerpt

Name = Annotated[str, Meta(max_length=MAX_NAME_CHARS)]
"""A user's or a room's name as a server writes it, by whatever rules."""

Words = Annotated[str, Meta(max_length=MAX_WORDS_CHARS)]
Key = Annotated[str, Meta(max_length=MAX_KEY_CHARS)]
"""What is only compared: a hash, the id of a device."""
Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
People = Annotated[Sequence[Name], Meta(max_length=MAX_PEOPLE)]
Excerpt = Annotated[Sequence[Text], Meta(max_length=MAX_PIECES)]

MAX_TAGS = 50  # of one message, or signal
Tags = Annotated[
    dict[
        Annotated[str, Meta(min_length=1, max_length=MAX_KEY_CHARS, pattern="^[^\0]*$")],
        Annotated[str, Meta(max_length=MAX_WORDS_CHARS, pattern="^[^\0]*$")],
    ],
    Meta(max_length=MAX_TAGS),
]
"""What programs tell programs along with a message, by whatever names they agree on."""

Count = Annotated[int, Meta(ge=0, le=MAX_EXACT)]
Time = Annotated[int, Meta(ge=-MAX_EXACT, le=MAX_EXACT)]
"""Milliseconds since the Unix epoch."""
