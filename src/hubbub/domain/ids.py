"""Users' ids: who somebody is for good, whatever the name. Names are shown, and change hands."""

from __future__ import annotations

from typing import Annotated, NewType

from msgspec import Meta

UserId = NewType("UserId", str)
"""An opaque string, which says nothing but that it is the same user. Never given twice.

Compare it, and nothing else: its form may change. Here it is a number in base 36, which is short
and survives everything that changes the case of letters.
"""

MAX_ID_CHARS = 64  # five times what ids have here: another server's may be others

ToldId = Annotated[UserId, Meta(max_length=MAX_ID_CHARS)]
"""A user's id as a server writes it."""

ID_BITS = 62
"""Of a random number that becomes an id: 12 characters, and a column of a database.

Random, so that nobody has to be asked for the next one and nobody learns how many users there are.
Among ten million of them, the chance that any two are the same is one in a hundred thousand.
"""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def user_id(number: int) -> UserId:
    """The id that a positive ``number`` stands for."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return UserId(text)


def number_of(id: UserId) -> int:
    """The number of an id that `user_id` made."""
    return int(id, 36)
