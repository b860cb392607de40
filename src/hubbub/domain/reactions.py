"""What has become of a message: who reacts to it with what, and who took it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from hubbub.domain.ids import ToldId
from hubbub.domain.told import MAX_PEOPLE, Name, Time

MAX_EMOJI_CHARS = 40  # code points of one emoji; the longest one of Unicode has 10
MAX_KINDS = 20  # of emoji under one message
MAX_REACTIONS = 2000  # under one message: each page that shows it carries all of them

Emoji = Annotated[str, Meta(max_length=MAX_EMOJI_CHARS)]


class Reaction(Struct, frozen=True, gc=False):
    """Who reacts to a message with ``emoji``, in the order in which they did.

    ``users``: the names of that time. ``ids``: theirs, in the same order; "" where it is not known.
    """

    emoji: Emoji
    users: Annotated[Sequence[Name], Meta(max_length=MAX_PEOPLE)]
    ids: Annotated[Sequence[ToldId], Meta(max_length=MAX_PEOPLE)]


class Redaction(Struct, frozen=True, gc=False, omit_defaults=True):
    """``by`` has taken a message back at the time ``at`` (ms), whose id is ``by_id``."""

    at: Time
    by: Name
    by_id: ToldId | None = None
