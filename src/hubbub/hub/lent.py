"""Rights that one account lends a connection: it may do what that account administers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hubbub.domain.ids import UserId
from hubbub.hub.session import Session, User


class Lent:
    """Which sessions have the rights of which account, until they end."""

    def __init__(self) -> None:
        self._by: dict[Session, UserId] = {}

    def lend(self, session: Session, id: UserId) -> None:
        """The account ``id`` lends ``session`` its rights, in place of any other one."""
        self._by[session] = id

    def give_back(self, session: Session) -> bool:
        """``session`` has its own rights alone; returns whether that is new."""
        return self._by.pop(session, None) is not None

    def take_back(self, id: UserId) -> list[Session]:
        """No session has the rights of ``id`` any more; returns which had them."""
        theirs = self.by(id)
        for session in theirs:
            del self._by[session]
        return theirs

    def by(self, id: UserId) -> list[Session]:
        """The sessions that have the rights of ``id``."""
        return [session for session, by in self._by.items() if by == id]

    def lenders(self) -> frozenset[UserId]:
        """The accounts whose rights somebody has."""
        return frozenset(self._by.values())

    def sessions(self) -> Collection[Session]:
        """Those that have somebody's rights."""
        return self._by.keys()

    def to(self, user: User) -> Iterator[UserId]:
        """The accounts whose rights ``user`` has by any connection."""
        if self._by:
            for session in user.sessions:
                if session in self._by:
                    yield self._by[session]
