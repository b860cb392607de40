"""What HTTP needs of the hub: to read, and to ask for what an account may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hubbub.domain.commands import MAX_ROOMS_LISTED, Command, Hello
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Found, Page, Reply, RoomList
from hubbub.domain.rules import Role
from hubbub.hub.access import Viewer
from hubbub.hub.measures import Measures
from hubbub.hub.session import User
from hubbub.hub.signons import SignOns


class HubView(Protocol):
    """The hub. ``client`` is the address and port from which it is asked."""

    @property
    def server_name(self) -> str:
        """The name of the server."""
        ...

    @property
    def sign_ons(self) -> SignOns | None:
        """Single sign-on; None where there is none."""
        ...

    @property
    def line_bytes(self) -> int:
        """Bytes of the longest command."""
        ...

    @property
    def healthy(self) -> bool:
        """Whether the log accepts new messages."""
        ...

    def room_list(
        self,
        viewer: Viewer,
        *,
        query: str | None = None,
        after: str | None = None,
        limit: int = MAX_ROOMS_LISTED,
    ) -> RoomList:
        """A page of the rooms, those with the most users first; raises `BadMessage`."""
        ...

    async def page(
        self,
        viewer: Viewer,
        room: RoomName,
        *,
        before: int | None = None,
        after: int | None = None,
        after_at: int | None = None,
        around: int | None = None,
        limit: int = 50,
        client: str = "",
    ) -> Page:
        """A page of a room's log. ``client``: the address and port from which it is asked.

        ``after_at``: the time of the event ``after``, as far as the client knows.
        Raises `NoSuchRoom`, `BadMessage`, `BadCursor`, `LogUnavailable`, `RateLimited`.
        """
        ...

    async def timeline(
        self,
        viewer: Viewer,
        room: RoomName,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = 50,
        client: str = "",
    ) -> Page:
        """A page of a room's timeline. ``client``: the address and port from which it is asked.

        Raises `NoSuchRoom`, `BadMessage`, `LogUnavailable`, `RateLimited`.
        """
        ...

    async def find(
        self,
        viewer: Viewer,
        query: str,
        *,
        before: str | None = None,
        limit: int = 20,
        client: str = "",
    ) -> Found:
        """What ``viewer`` may find, in the turn of ``client``; raises a `ChatError`."""
        ...

    async def identify(self, token: str, client: str = "") -> User:
        """Whose token it is; raises `WrongToken`, or another `ChatError`."""
        ...

    async def ask(self, token: str, command: Command, client: str = "") -> Reply:
        """The answer to a command of whose token that is; raises a `ChatError` as `identify`."""
        ...

    async def log_in(self, command: Hello, client: str = "") -> Reply:
        """The answer to somebody who logs in with a password."""
        ...

    def server_role(self, viewer: Viewer) -> Role:
        """What ``viewer`` is on the whole server."""
        ...

    def stats(self) -> Mapping[str, float]:
        """Counters since the start, and how much there is of everything now."""
        ...

    def labelled(self) -> Mapping[str, Mapping[str, int]]:
        """The same, for what is counted by kinds of it."""
        ...

    @property
    def measures(self) -> Measures:
        """What is measured."""
        ...
