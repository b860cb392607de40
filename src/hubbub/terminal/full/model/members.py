"""The members of a room as lists show them: who is here first, each with what they are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hubbub.domain.rules import Role, Status
from hubbub.terminal.full.model.room import Room


class Member(NamedTuple):
    """``mark`` says what they are in the room; "" for nobody in particular. ``away``: they are not
    here. ``status``: how they want to be seen.
    """

    name: str
    mark: str = ""
    away: bool = False
    status: Status = Status.HERE

    @property
    def note(self) -> str:
        """All that is known of them."""
        return ", ".join(filter(None, (self.mark, seen_as(self.status, away=self.away))))

    @property
    def faint(self) -> bool:
        """Whether they are not to be counted on now."""
        return self.away or self.status is not Status.HERE


def members_of(room: Room | None) -> Sequence[Member]:
    """The members in alphabetical order, and behind them those who are away."""
    if room is None:
        return ()
    roles, away = room.standing.roles, room.away
    found = [
        Member(
            name,
            role_of(roles.get(name, Role.MEMBER)),
            name in away,
            room.statuses.get(name, Status.HERE),
        )
        for name in room.members
    ]
    return sorted(found, key=lambda one: one.away)


def seen_as(status: Status, *, away: bool = False) -> str:
    """How somebody wants to be seen, as lists have it; "" for who is simply here."""
    if status is Status.BUSY:
        return "busy"
    return "away" if away or status is Status.AWAY else ""


def role_of(role: Role) -> str:
    """A role as lists have it; "" for a member."""
    return "" if role is Role.MEMBER else role.value
