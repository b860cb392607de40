"""What HTTP needs of the hub: to look, never to touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from hubbub.domain.names import RoomName
from hubbub.domain.replies import Found, Page, RoomInfo


class HubView(Protocol):
    """The hub, to read."""

    @property
    def healthy(self) -> bool:
        """Whether the log takes what is said."""
        ...

    def room_list(self) -> Sequence[RoomInfo]:
        """All rooms, those with the most users first."""
        ...

    async def page(
        self,
        room: RoomName,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = 50,
    ) -> Page:
        """A page of a room's log; raises `NoSuchRoom`, `BadMessage`, `LogUnavailable`."""
        ...

    async def find(self, query: str, *, before: str | None = None, limit: int = 20) -> Found:
        """What anybody may find; raises a `ChatError`."""
        ...

    def stats(self) -> Mapping[str, float]:
        """Counters since the start, and how much there is of everything now."""
        ...
