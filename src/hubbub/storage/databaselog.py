"""The log on SQL, whichever database it is in: one writer, readers, and who is told of what."""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence

from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName
from hubbub.domain.state import Member
from hubbub.hub.ports import (
    DeviceRecord,
    DiskState,
    FileRecord,
    FilesCounted,
    Guest,
    Heads,
    Lines,
    Marker,
    MemberRecord,
    Passage,
    RoomRecord,
    SecretKind,
    Settled,
    Shown,
    Stretch,
    Unread,
)
from hubbub.storage.errors import reason
from hubbub.storage.reader import Reader
from hubbub.storage.writer import Measured, Writer

CLOSE_SECONDS = 4.0  # the server is to end within 5; a disk that takes longer does not answer

_logger = logging.getLogger(__name__)


def log_error(error: Exception) -> None:
    """Tells the operator why the log refuses to save, or cannot be read."""
    _logger.error("The log in the database fails: %s", reason(error))


class DatabaseLog:
    """A `hubbub.hub.ports.Log`, but for what each database has of its own."""

    def __init__(self, id: str, writer: Writer, reader: Reader) -> None:
        self._id = id
        self._writer = writer
        self._reader = reader
        self.append = writer.append
        self._committed: Callable[[int], None] | None = None

    @abstractmethod
    async def look_at_disk(self) -> DiskState:
        """See `hubbub.hub.ports.Log`; so for the others."""

    @abstractmethod
    async def _let_go(self) -> None:
        """Closes what else is open, after the writer has ended and the readers are gone."""

    @property
    def id(self) -> str:
        return self._id

    def listen(self, settled: Callable[[Sequence[Settled]], None]) -> None:
        committed = self._committed
        if committed is None:
            self._writer.listen(settled)
            return

        def heard(outcomes: Sequence[Settled]) -> None:
            settled(outcomes)
            if outcomes[-1].error is None or any(one.error is None for one in outcomes):
                committed(len(outcomes))

        self._writer.listen(heard)

    def watch(
        self,
        committed: Callable[[int], None],
        erase: Callable[[Mapping[int, str]], None] | None = None,
    ) -> None:
        """Says who is told, behind the listener, that about so many events were saved.

        ``erase`` is told, on the writer's thread and before it happens, which texts are taken back,
        by the ids of their events. To be called before `listen`.
        """
        self._committed = committed
        if erase is not None:
            self._writer.erase(erase)

    def measure(self, committed: Measured) -> None:
        """Says who is told how many seconds a commit took, and how many entries it saved."""
        self._writer.measure(committed)

    async def read(self, room: int | str, after: int, upto: int) -> list[AnyEvent]:
        return await self._reader.read(room, after, upto)

    async def timeline(self, room: int | str, passage: Passage) -> Lines:
        return await self._reader.timeline(room, passage)

    async def messages(self, room: int | str, seqs: Collection[int]) -> list[AnyEvent]:
        return await self._reader.messages(room, seqs)

    async def versions(self, room: int | str, target: int) -> list[AnyEvent]:
        return await self._reader.versions(room, target)

    async def conversation(
        self, room: int | str, target: int, most: int
    ) -> tuple[list[AnyEvent], bool]:
        return await self._reader.conversation(room, target, most)

    async def first_at(self, room: int | str, time: int, after: int, upto: int) -> int:
        return await self._reader.first_at(room, time, after, upto)

    async def lines_back(self, room: int | str, upto: int, lines: int) -> int:
        return await self._reader.lines_back(room, upto, lines)

    async def expired(self, room: int | str, after: int, before: int, now: int, most: int) -> int:
        return await self._reader.expired(room, after, before, now, most)

    async def rooms(self, keys: Collection[str] | None = None) -> list[RoomRecord]:
        return await self._reader.rooms(keys)

    async def heads(self, since: str | None = None) -> Heads:
        return await self._reader.heads(since)

    async def room(self, which: int | str) -> RoomRecord | None:
        return await self._reader.room(which)

    async def keys(self) -> Mapping[int, str]:
        return await self._reader.keys()

    async def members(self, room: str | None = None) -> list[MemberRecord]:
        return await self._reader.members(room)

    async def guests(self) -> list[Guest]:
        return await self._reader.guests()

    def fence(self, node: str) -> None:
        self._writer.fence(node)

    @property
    def origin(self) -> str:
        return ""

    def doubt(self) -> None:
        """Nobody else writes here, and what was saved stays."""

    async def holds(self, shown: Callable[[], Sequence[Shown]]) -> bool:
        return True

    async def guest(self, key: str) -> Guest | None:
        return await self._reader.guest(key)

    async def claimed(self, keys: Collection[str]) -> dict[str, Member]:
        return await self._reader.claimed(keys)

    async def markers(self, user: UserId | None = None) -> list[Marker]:
        return await self._reader.markers(user)

    async def read_by(self, user: UserId, reader: str, room: RoomName) -> int | None:
        return await self._reader.read_by(user, reader, room)

    async def all_read_by(self, user: UserId, reader: str) -> dict[str, int]:
        return await self._reader.all_read_by(user, reader)

    async def written(self, author: UserId, nonce: str) -> AnyEvent | None:
        return await self._reader.written(author, nonce)

    async def room_of(self, author: UserId, nonce: str) -> RoomName | None:
        return await self._reader.room_of(author, nonce)

    async def head(self, room: int | str) -> int:
        return await self._reader.head(room)

    async def traces(self, author: UserId) -> list[RoomName]:
        return await self._reader.traces(author)

    async def secret(self, kind: SecretKind, owner: UserId | RoomName) -> str | None:
        return await self._reader.secret(kind, owner)

    async def identity(self, issuer: str, subject: str) -> UserId | None:
        return await self._reader.identity(issuer, subject)

    async def has_identity(self, user: UserId) -> bool:
        return await self._reader.has_identity(user)

    async def certificates(self, user: UserId) -> list[str]:
        return await self._reader.certificates(user)

    async def files(self, ids: Collection[str]) -> list[FileRecord]:
        return await self._reader.files(ids)

    async def file_bytes(self, owner: UserId | None = None) -> int:
        return await self._reader.file_bytes(owner)

    async def counted_files(self) -> FilesCounted:
        return await self._reader.counted_files()

    async def unsaid_files(self, before: int, most: int) -> list[str]:
        return await self._reader.unsaid_files(before, most)

    async def unneeded_blobs(self, most: int) -> list[str]:
        return await self._reader.unneeded_blobs(most)

    async def needed_blobs(self, keys: Collection[str]) -> set[str]:
        return await self._reader.needed_blobs(keys)

    async def devices(self, user: UserId) -> list[DeviceRecord]:
        return await self._reader.devices(user)

    async def count(
        self,
        stretches: Sequence[Stretch],
        user: UserId,
        name: str,
        most: int,
        without: Collection[UserId] = (),
    ) -> list[Unread]:
        return await self._reader.count(stretches, user, name, most, without)

    async def close(self) -> None:
        """Saves all that was appended, tells of it, and lets go of the database.

        Raises TimeoutError when that does not answer for `CLOSE_SECONDS`; a folder then stays
        locked until the process ends.
        """
        async with asyncio.timeout(CLOSE_SECONDS):
            await self._writer.close()
            await self._let_go()
