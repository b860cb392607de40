"""What HTTP needs of the hub: to read, and to ask for what an account may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hubbub.domain.commands import MAX_ROOMS_LISTED, Command, Hello
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Found, Messages, Page, Reply, RoomList
from hubbub.domain.rules import Role
from hubbub.hub.access import Viewer
from hubbub.hub.measures import Measures
from hubbub.hub.ports import FileRecord
from hubbub.hub.session import User
from hubbub.hub.signons import SignOns
from hubbub.hub.uploading import Uploading


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

    async def pins(self, viewer: Viewer, room: RoomName, *, client: str = "") -> Messages:
        """The messages that are pinned to a room, the newest pin first; raises as `timeline`."""
        ...

    async def conversation(
        self, viewer: Viewer, room: RoomName, target: int, *, client: str = ""
    ) -> Messages:
        """The messages that are joined with ``target`` by replies; raises as `timeline`."""
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

    @property
    def uploading(self) -> Uploading | None:
        """What people upload; None where no files are taken."""
        ...

    async def identify_guest(self, name: UserName, token: str, client: str = "") -> User:
        """The guest of that name, whose token it is; raises as `identify`."""
        ...

    def file_pass(self, user: User) -> str:
        """A word for the addresses of files that ``user`` may read."""
        ...

    async def identify_by_pass(self, word: str, client: str = "") -> User:
        """Whose pass it is; raises a `ChatError`."""
        ...

    async def file(self, viewer: Viewer, id: str, client: str = "") -> FileRecord:
        """A file that ``viewer`` may have; raises `NoSuchFile`, or a `ChatError`."""
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
