"""A room: its state, and what its members may do. Verbs return events."""

from __future__ import annotations

from hubbub.domain.errors import BadMessage, NotInRoom
from hubbub.domain.events import UNSEQUENCED, Event, Joined, Left, Said, TopicSet
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.quotes import quote_of_said
from hubbub.domain.rules import Role
from hubbub.domain.state import RoomState
from hubbub.domain.told import Tags


class Room(RoomState, kw_only=True):
    """A room's state, with verbs that check its rules and return the draft of an event.

    A draft changes nothing: events are applied with `apply` when they are in the log.
    """

    name: RoomName

    def join(
        self,
        user: UserName,
        at: int,
        was: UserName | None = None,
        *,
        was_id: UserId | None = None,
        role: Role | None = None,
        passing: bool = False,
        by_id: UserId | None = None,
    ) -> Joined:
        """``user`` enters at ``at`` (ms). ``was``: the name that the user had here before.

        ``was_id``: the id that went with it. ``role``: what the user is in the room by this;
        ``passing``: for as long as they are in it.
        """
        since, other = self.since(was), None if was_id == by_id else was_id
        return Joined(UNSEQUENCED, at, user, was, role, since, passing, other, by_id=by_id)

    def since(self, name: UserName | None) -> int | None:
        """The ``seq`` since which who has that name is a member; None if it is not known."""
        member = None if name is None else self.members.get(name.key)
        return None if member is None else member.since or None

    def leave(
        self,
        user: UserName,
        at: int,
        now: UserName | None = None,
        *,
        by_id: UserId | None = None,
        gone: bool = False,
        reason: str | None = None,
    ) -> Left:
        """``user`` leaves at ``at`` (ms). ``now``: the new name, if only the name changes.

        ``gone``: they are not connected any more. ``reason``: what they say of it, checked.
        """
        return Left(UNSEQUENCED, at, user, now, gone, reason, by_id=by_id)

    def say(
        self,
        user: UserName,
        text: str,
        at: int,
        answered: Event | None = None,
        *,
        outside: bool = False,
        by_id: UserId | None = None,
        notice: bool = False,
        tags: Tags | None = None,
    ) -> Said:
        """``user`` says a checked ``text``, maybe as the answer to an event of this room.

        ``outside``: the user need not be in the room. Raises `NotInRoom`, and `BadMessage` if the
        event to be answered is not a message.
        """
        if not outside and user.key not in self.members:
            raise NotInRoom(f"You are not in {self.name}. Join it first.")
        tags = tags or {}
        if answered is None:
            return Said(UNSEQUENCED, at, user, text, by_id=by_id, notice=notice, tags=tags)
        if not is_message(answered):
            raise BadMessage(
                f"Event {answered.seq} of {self.name} is not a text: there is nothing in it to "
                "reply to."
            )
        quote = quote_of_said(answered)
        return Said(
            *(UNSEQUENCED, at, user, text, answered.seq, quote),
            by_id=by_id,
            notice=notice,
            tags=tags,
        )

    def set_topic(
        self, user: UserName, topic: str, at: int, *, by_id: UserId | None = None
    ) -> TopicSet:
        """``user`` says at ``at`` (ms) what the room is about: a checked ``topic``, or ""."""
        return TopicSet(UNSEQUENCED, at, user, topic, by_id=by_id)

    def check_there(self, seq: int, floor: int = 0) -> None:
        """Raises `BadMessage` unless the room has an event ``seq``, behind ``floor``."""
        if seq > self.head or seq <= floor:
            raise BadMessage(f"There is no event {seq} in {self.name}; the newest is {self.head}.")
