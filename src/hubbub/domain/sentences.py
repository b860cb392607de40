"""The sentences for events that are no messages: "ada has joined the chat!"."""

from __future__ import annotations

from typing import NamedTuple

from hubbub.domain.events import Event, Joined, Kicked, Left, TopicSet


class Sentence(NamedTuple):
    """A sentence in two parts, name and predicate, so that clients can style the name.

    Both contain names as the event has them: control characters are not removed.
    """

    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.who} {self.what}"


def sentence(event: Event) -> Sentence | None:
    """The sentence for ``event``.

    None for a message, for an event that is told together with another one, and for a kind that
    this version does not know.
    """
    match event:
        case Joined(was=None):
            return Sentence(event.by, "has joined the chat!")
        case Joined(was=str(was)):
            return Sentence(was, f"is now {event.by}.")
        case Left(now=None):
            return Sentence(event.by, "has left the chat!")
        case Kicked(user=user, reason=None):
            return Sentence(user, f"was put out of the room by {event.by}.")
        case Kicked(user=user, reason=str(reason)):
            return Sentence(user, f"was put out of the room by {event.by}: {reason}")
        case TopicSet(by=by, topic=""):
            return Sentence(by, "has taken the topic away.")
        case TopicSet(by=by, topic=topic):
            return Sentence(by, f"has set the topic: {topic}")
    return None
