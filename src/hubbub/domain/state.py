"""What a room's events add up to. `RoomState.apply` is the only place where they become state.

`RoomSummary` is the part of it that is small whatever the room is: the log's writer folds that, and
saves of it what cannot be told from the newest event.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.events import Event, Joined, Kicked, Left, TopicSet
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import MESSAGES, is_message
from hubbub.domain.names import UserName


class MemberChange(NamedTuple):
    """After an event ``user``, whose id is ``by_id`` if it is known, is in the room, or is not."""

    user: UserName
    by_id: UserId | None
    present: bool


def member_change(event: Event) -> MemberChange | None:
    """How ``event`` changes who is in the room; None if it does not."""
    match event:
        case Joined():
            return MemberChange(UserName.recall(event.by), event.by_id, True)
        case Left():
            return MemberChange(UserName.recall(event.by), event.by_id, False)
        case Kicked():
            return MemberChange(UserName.recall(event.user), event.user_id, False)
    return None


class RoomAccess(Enum):
    """Who may read a room, and know that it is there."""

    OPEN = "open"
    """Everybody who reaches the server."""
    MEMBERS = "members"
    """Who is in it by the log, and nobody else."""


class RoomFacts(Struct, frozen=True, gc=False, omit_defaults=True):
    """What holds in a room until an event changes it; by itself, what holds in an empty log.

    It is saved beside the log whenever it has changed, as JSON: a later version may add a field,
    with the default that it has in a room where nothing has set it.

    ``silent``: nothing was said in the room yet, nor what it is about. No event sets ``access``
    so far.
    """

    silent: bool = True
    access: RoomAccess = RoomAccess.OPEN
    topic: str = ""


NO_FACTS = RoomFacts()


class RoomSummary(Struct):
    """A room after the event ``head``, which was at the time ``at`` (ms), without its members.

    By itself the summary of an empty log.
    """

    head: int = 0
    at: int | None = None
    facts: RoomFacts = NO_FACTS

    @property
    def silent(self) -> bool:
        """Whether the room has no message yet."""
        return self.facts.silent

    @property
    def access(self) -> RoomAccess:
        """Who may read it."""
        return self.facts.access

    @property
    def topic(self) -> str:
        """What the room is about; empty if nobody has said so."""
        return self.facts.topic

    def apply(self, event: Event) -> None:
        """Takes the next event of the log. ``facts`` is another object if it has changed them."""
        self.head = event.seq
        self.at = event.at
        if type(event) not in MESSAGES or self.facts.silent:  # else it changes nothing more
            self._change(event)

    def _change(self, event: Event) -> None:
        if is_message(event):
            self.facts = replace(self.facts, silent=False)
        elif type(event) is TopicSet:
            self.facts = replace(self.facts, topic=event.topic, silent=False)


class Member(Struct, frozen=True, gc=False):
    """Somebody who is in a room. ``id`` is None where the log, or the server, does not tell it."""

    name: UserName
    id: UserId | None = None


class RoomState(RoomSummary):
    """A room after the event ``head``, with ``members`` by the keys of their names.

    They are by the log: a join that is not on disk yet is not here. By names, because a name is
    unique in a room at any moment, and an id is not: after a renaming a user is in the room under
    both names for as long as the former one has not left.
    """

    members: dict[str, Member] = {}

    def _change(self, event: Event) -> None:
        super()._change(event)
        change = member_change(event)
        if change is None:
            return
        key = change.user.key
        if change.present:
            self.members[key] = Member(change.user, change.by_id)
        else:
            self.members.pop(key, None)


def by_key(members: Iterable[Member]) -> dict[str, Member]:
    """``members`` as a `RoomState` has them."""
    return {member.name.key: member for member in members}
