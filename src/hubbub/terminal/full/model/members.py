"""The members of a room as lists show them: who is here first, each with what they are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hubbub.domain.rules import Role
from hubbub.terminal.full.model.room import Room


class Member(NamedTuple):
    """``mark`` says what they are in the room; "" for nobody in particular."""

    name: str
    mark: str = ""
    away: bool = False

    @property
    def note(self) -> str:
        """All that is known of them."""
        return ", ".join(filter(None, (self.mark, "away" if self.away else "")))


def members_of(room: Room | None) -> Sequence[Member]:
    """The members in alphabetical order, and behind them those who are away."""
    if room is None:
        return ()
    roles, away = room.standing.roles, room.away
    found = [
        Member(name, role_of(roles.get(name, Role.MEMBER)), name in away) for name in room.members
    ]
    return sorted(found, key=lambda one: one.away)


def role_of(role: Role) -> str:
    """A role as lists have it; "" for a member."""
    return "" if role is Role.MEMBER else role.value
