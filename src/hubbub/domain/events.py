"""Facts of a room's log, past tense, frozen. ``(room, seq)`` is an event's identity everywhere.

The structs are what the JSON protocol shows: ``{"kind": "said", "seq": 7, …}``.
"""

from __future__ import annotations

from msgspec import Struct

from hubbub.domain.ids import ToldId
from hubbub.domain.numbers import Seq
from hubbub.domain.told import Name, Text, Time

UNSEQUENCED = 0
"""``seq`` of an event that the log has not taken yet; the first one taken becomes 1."""


class _ById(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """Who did it, for good; None where it is not known: in what old versions saved."""

    by_id: ToldId | None = None


class Event(_ById, frozen=True, gc=False, tag_field="kind", omit_defaults=True):
    """What all events carry.

    ``seq``: 1, 2, 3 … without holes in its room. ``at``: milliseconds since the Unix epoch,
    UTC, by the server's clock when the event was accepted. ``by``: the user's name, as shown then.
    ``by_id``: who that was, whatever the name is now and whoever has it.
    """

    seq: Seq
    at: Time
    by: Name


class Quote(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a reply answers: ``by`` whom, and the beginning of the ``text``, on one line."""

    by: Name
    text: Text
    by_id: ToldId | None = None


class Said(Event, frozen=True, gc=False, tag="said"):
    """A message. ``reply_to`` is the ``seq`` of the text in the same room that it answers.

    ``quote`` shows what is answered. It is derived from the log, and not a part of it.
    """

    text: Text
    reply_to: Seq | None = None
    quote: Quote | None = None


class Joined(Event, frozen=True, gc=False, tag="joined"):
    """The user's first session entered the room. ``was``: the name they had here until now."""

    was: Name | None = None


class Left(Event, frozen=True, gc=False, tag="left"):
    """The user's last session left the room, or was lost and did not come back.

    ``now``: nobody went; the user has another name here, as a `Joined` tells.
    """

    now: Name | None = None


class Kicked(Event, frozen=True, gc=False, tag="kicked"):
    """``by`` has put ``user`` out of the room. ``reason``: what ``by`` says of it, on one line.

    ``user_id``: who was put out, whatever the name is now; None where it is not known.
    """

    user: Name
    user_id: ToldId | None = None
    reason: Text | None = None


class TopicSet(Event, frozen=True, gc=False, tag="topic"):
    """``by`` has said what the room is about, on one line; "" takes the ``topic`` away."""

    topic: Text


AnyEvent = Said | Joined | Left | Kicked | TopicSet
"""For typed decoding: the union of all kinds."""
