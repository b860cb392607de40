"""What moving needs of the server that rooms are moved into, or out of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Protocol

from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.state import Member
from hubbub.hub.fileports import Begun
from hubbub.hub.ports import Done, Entry, FileRecord, Log, Settled


class Server(Protocol):
    """A server: `hubbub.moving.served.Served` makes one of a hub, which may have no listeners."""

    @property
    def log(self) -> Log:
        """Its log."""
        ...

    def clock(self) -> int:
        """The time of day (ms)."""
        ...

    def name(self) -> str:
        """What it is called; "" if it has no name."""
        ...

    def accounts(self) -> Collection[Member]:
        """Who has an account."""
        ...

    def is_taken(self, name: UserName, id: UserId) -> bool:
        """Whether somebody but ``id`` uses the name just now, with an account or without."""
        ...

    def keep_days(self) -> int:
        """Days after which the server deletes what was said; 0: never."""
        ...

    def is_busy(self) -> bool:
        """Whether people are connected, whom an import must not hold up."""
        ...

    def check_disk(self) -> None:
        """Raises `hubbub.domain.errors.LogUnavailable` when nothing more may be written."""
        ...

    @property
    def has_files(self) -> bool:
        """Whether it can keep files of messages."""
        ...

    def blob(self, key: str, size: int) -> AsyncIterator[bytes]:
        """What is stored under ``key``, in pieces.

        Raises `hubbub.hub.fileports.NoSuchBlob`, `hubbub.domain.errors.LogUnavailable`.
        """
        ...

    async def bring_file(self, file: Begun, pieces: AsyncIterator[bytes]) -> FileRecord:
        """Keeps a file that nobody has said yet; once, whatever share its owner has.

        Raises `hubbub.domain.errors.ChatError`, and what ``pieces`` raise.
        """
        ...

    async def settle(self, entries: Sequence[Callable[[Done], Entry]]) -> list[Settled]:
        """Appends all that ``entries`` make, and returns the outcomes, in the same order."""
        ...

    async def adopt(self, rooms: Collection[RoomName]) -> None:
        """Shows rooms whose logs were written beside the hub."""
        ...
