"""Who we are in a chat, by which our own events are recognised."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from hubbub.domain.ids import UserId


class Authored(Protocol):
    """Something that has an author: an event, a quote, a result of a search."""

    @property
    def by(self) -> str: ...
    @property
    def by_id(self) -> UserId | None: ...


class Me(NamedTuple):
    """Our present name, and our permanent id; None before the server has told them."""

    name: str | None = None
    id: UserId | None = None

    def did(self, one: Authored) -> bool:
        """Whether ``one`` is ours: by the id, or by the name if the server has no ids."""
        return one.by == self.name if self.id is None else one.by_id == self.id
