"""Users' ids, which never change and are never reused. Names are for people, and change hands."""

from __future__ import annotations

from typing import Annotated, NewType

from msgspec import Meta

UserId = NewType("UserId", str)
"""An opaque string that identifies a user.

Only compare it: its form may change. It is a number in base 36, which is short and does not depend
on the case of letters.
"""

MAX_ID_CHARS = 64  # five times what ids have here: another server's may be others

ToldId = Annotated[UserId, Meta(max_length=MAX_ID_CHARS)]
"""A user's id as a server writes it."""

THE_SERVER = UserId("0")
"""In the place of a user's id, where something is the server's own: no user has it."""

ID_BITS = 62
"""Bits of the random number behind an id: 12 characters, and they fit a column of a database.

Random, so that several nodes need no common counter and an id does not tell how many users there
are. Among ten million ids, the chance of a collision is one in a hundred thousand.
"""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def user_id(number: int) -> UserId:
    """The id for a positive ``number``."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return UserId(text)


def number_of(id: UserId) -> int:
    """The inverse of `user_id`."""
    return int(id, 36)
