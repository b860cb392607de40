"""Who one is in a chat, and so what there is one's own."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from hubbub.domain.ids import UserId


class Authored(Protocol):
    """What somebody has done or said: an event, a quote, a result of a search."""

    @property
    def by(self) -> str: ...
    @property
    def by_id(self) -> UserId | None: ...


class Me(NamedTuple):
    """One's name, as it is now, and who one is for good; None before the server has told."""

    name: str | None = None
    id: UserId | None = None

    def did(self, one: Authored) -> bool:
        """Whether it is one's own, under whatever name; by the name where the server has no ids."""
        return one.by == self.name if self.id is None else one.by_id == self.id
