"""The kinds of events: one row for each says what such an event is. Nobody else asks for a kind.

A kind that this version does not know is read as the plain `Event`: it has its place in the log,
which must not look like a hole, and none of the traits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeGuard

from msgspec import Struct

from hubbub.domain.events import Event, Joined, Kicked, Left, Said, TopicSet


def _no_texts(event: Any) -> tuple[str, ...]:
    return ()


def _texts_of_said(event: Said) -> tuple[str, ...]:
    return (event.text,) if event.quote is None else (event.text, event.quote.text)


def _texts_of_kicked(event: Kicked) -> tuple[str, ...]:
    return () if event.reason is None else (event.reason,)


def _texts_of_topic(event: TopicSet) -> tuple[str, ...]:
    return (event.topic,)


class Traits(Struct, frozen=True, kw_only=True):
    """What is true of all events of one kind.

    ``line``: it is a line of its own in a timeline, where what happened is read in order.
    ``message``: a user tells the others something. Such an event has a ``text``, makes the room
    unread, may be answered, and is found by a search.
    ``membership``: it may change who is in the room.
    ``expels``: it puts somebody out of the room.
    ``amends``: the field with the ``seq`` of the earlier event that it changes.
    ``texts``: gives what was written in an event, names aside: all of it whose size has no narrow
    limit, and so what the event weighs.
    """

    line: bool = False
    message: bool = False
    membership: bool = False
    expels: bool = False
    amends: str | None = None
    texts: Callable[[Any], tuple[str, ...]] = _no_texts


TRAITS: dict[type[Event], Traits] = {
    Said: Traits(line=True, message=True, texts=_texts_of_said),
    Joined: Traits(line=True, membership=True),
    Left: Traits(line=True, membership=True),
    Kicked: Traits(line=True, membership=True, expels=True, texts=_texts_of_kicked),
    TopicSet: Traits(line=True, texts=_texts_of_topic),
}

UNKNOWN = Traits()

_MESSAGES = frozenset(kind for kind, traits in TRAITS.items() if traits.message)
_EXPULSIONS = frozenset(kind for kind, traits in TRAITS.items() if traits.expels)


def traits_of(event: Event) -> Traits:
    """What is true of ``event`` by its kind."""
    return TRAITS.get(type(event), UNKNOWN)


def is_message(event: Event | None) -> TypeGuard[Said]:
    """Whether ``event`` has the trait `Traits.message`, and so a ``text``."""
    return type(event) in _MESSAGES


def expels(event: Event) -> bool:
    """Whether ``event`` puts somebody out of the room."""
    return type(event) in _EXPULSIONS


def texts_of(event: Event) -> tuple[str, ...]:
    """What was written in ``event``, see `Traits.texts`."""
    return TRAITS.get(type(event), UNKNOWN).texts(event)
