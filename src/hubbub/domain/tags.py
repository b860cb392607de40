"""The rules for what programs tell programs along with a message."""

from __future__ import annotations

from hubbub.domain.errors import BadMessage, TextTooLong
from hubbub.domain.told import Tags

MAX_TAGS_BYTES = 4608  # of names and values: what IRCv3 lets clients send, 4094, and an id


def check_tags(tags: Tags) -> None:
    """Raises `TextTooLong`, and `BadMessage` for what is not Unicode (lone surrogates)."""
    try:
        size = sum(len(name.encode()) + len(value.encode()) for name, value in tags.items())
    except UnicodeEncodeError:
        raise BadMessage("The tags hold half of a pair (a lone surrogate).") from None
    if size > MAX_TAGS_BYTES:
        raise TextTooLong(
            f"The tags have {size:,} bytes; {MAX_TAGS_BYTES:,} are allowed. Nothing was sent."
        )
