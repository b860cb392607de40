"""Facts of a room's log, past tense, frozen. ``(room, seq)`` is an event's identity everywhere.

The structs are what the JSON protocol shows: ``{"kind": "said", "seq": 7, …}``.
"""

from __future__ import annotations

from msgspec import Struct

from hubbub.domain.ids import ToldId
from hubbub.domain.numbers import Seq
from hubbub.domain.told import Name, Text, Time

UNSEQUENCED = 0
"""``seq`` of an event that is not in the log yet; the log's first event gets 1."""


class _ById(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The author's id. None in events that an old version saved without it."""

    by_id: ToldId | None = None


class Event(_ById, frozen=True, gc=False, tag_field="kind", omit_defaults=True):
    """Base of all events.

    ``seq``: 1, 2, 3 … without holes in its room. ``at``: milliseconds since the Unix epoch,
    UTC, by the server's clock when the event was accepted. ``by``: the author's name at that
    time. ``by_id``: the author's id, which stays the same when the name changes hands.
    """

    seq: Seq
    at: Time
    by: Name


class Quote(Struct, frozen=True, gc=False, omit_defaults=True):
    """An excerpt of the message that a reply answers: its author, and its beginning on one line."""

    by: Name
    text: Text
    by_id: ToldId | None = None


class Said(Event, frozen=True, gc=False, tag="said"):
    """A message. ``reply_to`` is the ``seq`` of the text in the same room that it answers.

    ``quote`` is an excerpt of that text. ``rev`` is the ``seq`` of the last amendment that this
    form of the message includes; None if it includes none. Both are derived when the event is
    read, and not saved in the log.
    """

    text: Text
    reply_to: Seq | None = None
    quote: Quote | None = None
    rev: Seq | None = None


class Joined(Event, frozen=True, gc=False, tag="joined"):
    """The user's first session entered the room. ``was``: the name they had here until now."""

    was: Name | None = None


class Left(Event, frozen=True, gc=False, tag="left"):
    """The user's last session left the room, or was lost and did not come back.

    ``now``: the user is still here under this other name, which a `Joined` tells, too.
    """

    now: Name | None = None


class Kicked(Event, frozen=True, gc=False, tag="kicked"):
    """``by`` has put ``user`` out of the room. ``reason``: what ``by`` says of it, on one line.

    ``user_id``: the id of ``user``; None where it is not known.
    """

    user: Name
    user_id: ToldId | None = None
    reason: Text | None = None


class TopicSet(Event, frozen=True, gc=False, tag="topic"):
    """``by`` has said what the room is about, on one line; "" takes the ``topic`` away."""

    topic: Text


AnyEvent = Said | Joined | Left | Kicked | TopicSet
"""For typed decoding: the union of all kinds."""
