"""What the wire asks about people, and tells them all: a part of what the server knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from hubbub.domain.names import RoomName
from hubbub.domain.replies import PersonHere
from hubbub.domain.rules import Role
from hubbub.wire.irc.capabilities import Cap


class Seat(Struct, frozen=True):
    """A room in which somebody is. ``role``: theirs there. ``shared``: who asks is in it, too."""

    room: RoomName
    role: Role
    shared: bool


class Counted(Struct, frozen=True):
    """How many there are, and were at most at a time. ``unknown``: connections without a name.

    ``operators``: those who administer the server.
    """

    users: int
    most: int
    unknown: int
    operators: int
    rooms: int


class People(Protocol):
    """All of it at once, from memory; nothing that ``asker`` may not know."""

    def person(self, asker: str, name: str) -> PersonHere:
        """Who has that name, and whether they are connected."""
        ...

    def away(self, name: str, id: str | None = None) -> str | None:
        """Why somebody is away; None if they are not."""
        ...

    def hides(self, id: str | None) -> bool:
        """Whether somebody wants nobody to know when they were here, but those they meet."""
        ...

    def accepted(self, name: str) -> Mapping[str, str]:
        """The guests who may write to somebody under ``R``: the names of that time, by ids."""
        ...

    def labels(self, name: str) -> Mapping[str, str] | None:
        """The labels of who has that name; None if there is nobody."""
        ...

    def seats(self, asker: str, name: str) -> Sequence[Seat]:
        """The rooms in which somebody is that ``asker`` may know of."""
        ...

    def met(self, asker: str) -> Sequence[str]:
        """Who is in the rooms in which ``asker`` is, themselves too."""
        ...

    def counted(self) -> Counted:
        """How many people, connections and rooms there are."""
        ...

    def administrators(self) -> Sequence[str]:
        """The names of the accounts that administer the server."""
        ...

    def spread(self, name: str, cap: Cap, line: str) -> None:
        """Sends ``line`` to clients of IRC with ``cap`` who see somebody, in a room or a list."""
        ...

    def reread(self) -> None:
        """Reads the certificate again, as it would be after a change."""
        ...
