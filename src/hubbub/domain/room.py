"""A room's rules: who is in it by the log, and what its members may do. Verbs return events."""

from __future__ import annotations

from hubbub.domain.errors import BadMessage, NotInRoom
from hubbub.domain.events import UNSEQUENCED, Event, Joined, Left, Said
from hubbub.domain.names import RoomName, UserName


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

    def join(self, user: UserName, at: int) -> Joined:
        """``user`` enters at ``at`` (ms)."""
        return Joined(UNSEQUENCED, at, user)

    def leave(self, user: UserName, at: int) -> Left:
        """``user`` leaves at ``at`` (ms)."""
        return Left(UNSEQUENCED, at, user)

    def say(self, user: UserName, text: str, at: int, reply_to: int | None = None) -> Said:
        """``user`` says a checked ``text``; raises `NotInRoom`, `BadMessage` for no such reply."""
        if user.key not in self.members:
            raise NotInRoom(f"You are not in {self.name}. Join it first.")
        if reply_to is not None and reply_to > self.head:
            raise BadMessage(
                f"There is no event {reply_to} in {self.name} to reply to; the newest is "
                f"{self.head}."
            )
        return Said(UNSEQUENCED, at, user, text, reply_to)

    def apply(self, event: Event) -> None:
        """Takes the next event of the log."""
        self.head = event.seq
        match event:
            case Joined():
                name = UserName.recall(event.by)
                self.members[name.key] = name
            case Left():
                self.members.pop(UserName.recall(event.by).key, None)
