"""What a room's events add up to. `RoomState.apply` is the only place where they become state."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from hubbub.domain.events import Event, Joined, Kicked, Left
from hubbub.domain.kinds import is_message
from hubbub.domain.names import UserName


class MemberChange(NamedTuple):
    """After an event ``user`` is in the room, or is not."""

    user: UserName
    present: bool


def member_change(event: Event) -> MemberChange | None:
    """How ``event`` changes who is in the room; None if it does not."""
    match event:
        case Joined():
            return MemberChange(UserName.recall(event.by), True)
        case Left():
            return MemberChange(UserName.recall(event.by), False)
        case Kicked():
            return MemberChange(UserName.recall(event.user), False)
    return None


class RoomAccess(Enum):
    """Who may read a room, and know that it is there."""

    OPEN = "open"
    """Everybody who reaches the server."""
    MEMBERS = "members"
    """Who is in it by the log, and nobody else."""


class RoomState:
    """A room after the event ``head``, which was at the time ``at`` (ms).

    ``silent``: it has no message yet. ``access`` is not in the log so far. ``members`` are by the
    log, with their keys: a join that is not on disk yet is not here.
    """

    __slots__ = ("access", "at", "head", "members", "silent")

    def __init__(
        self,
        head: int = 0,
        at: int | None = None,
        *,
        silent: bool = True,
        members: Iterable[str] = (),
    ) -> None:
        """A state that is known from elsewhere than the log; by itself, that of an empty log."""
        self.head = head
        self.at = at
        self.silent = silent
        self.access = RoomAccess.OPEN
        self.members = {name.key: name for name in map(UserName.recall, members)}

    def apply(self, event: Event) -> bool:
        """Takes the next event of the log; returns whether it may have changed the members."""
        self.head = event.seq
        self.at = event.at
        if is_message(event):
            self.silent = False
            return False
        change = member_change(event)
        if change is None:
            return False
        user, present = change
        if present:
            self.members[user.key] = user
        else:
            self.members.pop(user.key, None)
        return True
