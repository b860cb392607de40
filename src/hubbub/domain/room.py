"""A room's rules: who is in it by the log, and what its members may do. Verbs return events."""

from __future__ import annotations

from enum import Enum

from hubbub.domain.errors import BadMessage, NotInRoom
from hubbub.domain.events import UNSEQUENCED, Event, Joined, Left, Said
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.quotes import quote_of


class RoomAccess(Enum):
    """Who may read a room, and know that it is there."""

    OPEN = "open"
    """Everybody who reaches the server."""
    MEMBERS = "members"
    """Who is in it by the log, and nobody else."""


class Room:
    """The state that a room's events add up to.

    Verbs check the rules and return the draft of an event; `apply` takes events that the log
    has taken. Members are by the log: a join that is not on disk yet is not here.
    """

    __slots__ = ("head", "members", "name")

    def __init__(self, name: RoomName, head: int = 0) -> None:
        self.name = name
        self.head = head
        self.members: dict[str, UserName] = {}

    def join(self, user: UserName, at: int, was: UserName | None = None) -> Joined:
        """``user`` enters at ``at`` (ms), and was here as ``was`` before."""
        return Joined(UNSEQUENCED, at, user, was)

    def leave(self, user: UserName, at: int, now: UserName | None = None) -> Left:
        """``user`` leaves at ``at`` (ms), and is here as ``now``."""
        return Left(UNSEQUENCED, at, user, now)

    def say(
        self,
        user: UserName,
        text: str,
        at: int,
        answered: Event | None = None,
        *,
        outside: bool = False,
    ) -> Said:
        """``user`` says a checked ``text``, maybe as the answer to an event of this room.

        Only who says it from ``outside`` need not be in the room. Raises `NotInRoom`, and
        `BadMessage` when what is answered is no text.
        """
        if not outside and user.key not in self.members:
            raise NotInRoom(f"You are not in {self.name}. Join it first.")
        if answered is None:
            return Said(UNSEQUENCED, at, user, text)
        if not is_message(answered):
            raise BadMessage(
                f"Event {answered.seq} of {self.name} is not a text: there is nothing in it to "
                "reply to."
            )
        return Said(UNSEQUENCED, at, user, text, answered.seq, quote_of(answered.by, answered.text))

    def check_reply(self, seq: int) -> None:
        """Raises `BadMessage` when there is no event ``seq`` yet that could be answered."""
        if seq > self.head:
            raise BadMessage(
                f"There is no event {seq} in {self.name} to reply to; the newest is {self.head}."
            )

    def apply(self, event: Event) -> None:
        """Takes the next event of the log."""
        self.head = event.seq
        match event:
            case Joined():
                name = UserName.recall(event.by)
                self.members[name.key] = name
            case Left():
                self.members.pop(UserName.recall(event.by).key, None)
