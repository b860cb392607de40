"""What is told of an event that is no message, in words: "ada has joined the chat!"."""

from __future__ import annotations

from typing import NamedTuple

from hubbub.domain.events import Event, Joined, Kicked, Left, TopicSet


class Sentence(NamedTuple):
    """``who`` did ``what``; apart, as clients show names in their own way.

    Both have names as they are in the event, which are not made harmless.
    """

    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.who} {self.what}"


def sentence(event: Event) -> Sentence | None:
    """What happened; None for a message, for what is told with another event, and for a kind that
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
