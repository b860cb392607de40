"""The log on SQL, put together: the folder's lock, the upgrade, one writer, readers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage
from typing import Self

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import DBAPIError, NoResultFound

from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName
from hubbub.hub.ports import (
    DeviceRecord,
    DiskState,
    Guest,
    Lines,
    Marker,
    MemberRecord,
    Passage,
    RoomRecord,
    SecretKind,
    Settled,
    Stretch,
    Unread,
)
from hubbub.storage import guard
from hubbub.storage.engine import (
    Durability,
    WritingConnection,
    keep_to,
    reading_engine,
    writing_engine,
)
from hubbub.storage.errors import (
    DatabaseUnusable,
    StorageError,
    damaged,
    is_refused,
    opening_error,
    reason,
)
from hubbub.storage.lock import FolderLock, lock_folder
from hubbub.storage.opened import OpenFiles
from hubbub.storage.reader import CONNECTIONS, Reader
from hubbub.storage.schema import meta
from hubbub.storage.search.sqlite import INDEX
from hubbub.storage.takeover import take_over
from hubbub.storage.trouble import OnError
from hubbub.storage.upgrade import upgrade
from hubbub.storage.writer import Measured, Writer

DATABASE = "hubbub.db"
CLOSE_SECONDS = 4.0  # the server is to end within 5; a disk that takes longer does not answer

_logger = logging.getLogger(__name__)


def log_error(error: Exception) -> None:
    """Tells the operator why the log refuses to save, or cannot be read."""
    _logger.error("The log in the database fails: %s", reason(error))


class SqlLog:
    """A `hubbub.hub.ports.Log` in a folder. `open` makes it, for the running loop."""

    def __init__(
        self,
        path: Path,
        engine: Engine,
        id: str,
        writer: Writer,
        reader: Reader,
        lock: FolderLock,
        pin: Connection,
        files: OpenFiles,
    ) -> None:
        self.path = path
        self._engine = engine
        self._id = id
        self._writer = writer
        self._reader = reader
        self._lock = lock
        self._pin = pin
        self._files = files
        self.append = writer.append
        self._committed: Callable[[int], None] | None = None

    @classmethod
    async def open(
        cls,
        folder: Path,
        *,
        durability: Durability = "full",
        on_error: OnError = log_error,
    ) -> Self:
        """Opens the log in ``folder``, making or upgrading it if need be.

        ``on_error`` is told, on the loop, why something could not be saved or read: once for
        each reason, until it goes well again. Raises `hubbub.storage.errors.StorageError`.
        """
        lock = lock_folder(folder)
        # Not in a thread: nothing else runs yet, and Ctrl-C ends a long upgrade at once.
        path = folder / DATABASE
        engine = writing_engine(path, durability)
        try:
            guard.make_file(path)
            guard.close_all(path)
            id, left = _prepare(engine, path)
        except BaseException:
            engine.dispose()
            lock.release()
            raise
        readers = reading_engine(path, CONNECTIONS + 1)
        # While one connection is open, SQLite keeps its files: those that are missing were removed.
        pin = readers.connect()
        pin.execute(select(meta.c.key)).all()
        pin.detach()  # from the pool, so that closing it closes it
        files = OpenFiles(guard.files_of(path))
        keep_to(files, engine)
        keep_to(files, readers)
        writer = Writer(
            WritingConnection(engine),
            engine.dialect,
            loop=asyncio.get_running_loop(),
            on_error=on_error,
            in_place=durability == "process",
            clears=left,
        )
        return cls(path, engine, id, writer, Reader(readers, on_error), lock, pin, files)

    @property
    def id(self) -> str:
        """See `hubbub.hub.ports.Log`; so for the others."""
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

    def watch(self, committed: Callable[[int], None]) -> None:
        """Says who is told, behind the listener, that about so many events were saved.

        To be called before `listen`.
        """
        self._committed = committed

    def measure(self, committed: Measured) -> None:
        """Says who is told how many seconds a commit took, and how many entries it saved."""
        self._writer.measure(committed)

    async def read(self, room: str, after: int, upto: int) -> list[AnyEvent]:
        return await self._reader.read(room, after, upto)

    async def timeline(self, room: str, passage: Passage) -> Lines:
        return await self._reader.timeline(room, passage)

    async def lines_back(self, room: str, upto: int, lines: int) -> int:
        return await self._reader.lines_back(room, upto, lines)

    async def expired(self, room: str, after: int, before: int, now: int, most: int) -> int:
        return await self._reader.expired(room, after, before, now, most)

    async def look_at_disk(self) -> DiskState:
        # In a thread: a network's file system may not answer.
        return await asyncio.to_thread(self._look_at_disk)

    async def rooms(self) -> list[RoomRecord]:
        return await self._reader.rooms()

    async def members(self) -> list[MemberRecord]:
        return await self._reader.members()

    async def guests(self) -> list[Guest]:
        return await self._reader.guests()

    async def markers(self, user: UserId | None = None) -> list[Marker]:
        return await self._reader.markers(user)

    async def written(self, author: UserId, nonce: str) -> AnyEvent | None:
        return await self._reader.written(author, nonce)

    async def room_of(self, author: UserId, nonce: str) -> RoomName | None:
        return await self._reader.room_of(author, nonce)

    async def head(self, room: str) -> int:
        return await self._reader.head(room)

    async def traces(self, author: UserId) -> list[RoomName]:
        return await self._reader.traces(author)

    async def secret(self, kind: SecretKind, owner: UserId | RoomName) -> str | None:
        return await self._reader.secret(kind, owner)

    async def identity(self, issuer: str, subject: str) -> UserId | None:
        return await self._reader.identity(issuer, subject)

    async def has_identity(self, user: UserId) -> bool:
        return await self._reader.has_identity(user)

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
        """Saves all that was appended, tells of it, and lets go of the folder.

        Raises TimeoutError when the disk does not answer for `CLOSE_SECONDS`; the folder then
        stays locked until the process ends.
        """
        async with asyncio.timeout(CLOSE_SECONDS):
            await self._writer.close()
            self._pin.close()
            await self._reader.close()
            # The last connection, which can write, leaves the WAL empty behind it.
            await asyncio.to_thread(self._engine.dispose)
        self._lock.release()

    def _look_at_disk(self) -> DiskState:
        try:
            free = disk_usage(self.path.parent).free
        except OSError:
            free = None
        files = self._sizes()
        lost = self._files.lost()
        if lost is not None:
            return DiskState(
                free,
                f"{lost} was removed, or another file was put in its place, while this server has "
                "it open. What is saved now would be gone when it ends. To mend that: stop the "
                "server, restore the folder, start the server. Until it stops, what was said can "
                "be saved from the files that it has open, as docs/reliability.md tells.",
                files,
            )
        try:
            self._lock.renew()
        except StorageError as error:
            return DiskState(free, f"The lock file was removed, and: {error}", files)
        except OSError as error:
            _logger.debug("The lock file cannot be made again: %s", error)
        return DiskState(free, files=files)

    def _sizes(self) -> dict[str, int]:
        """The sizes of the files that are there."""
        sizes = {}
        for what, path in (
            ("database", self.path),
            ("wal", self.path.with_name(f"{self.path.name}-wal")),
            ("search", self.path.with_name(INDEX)),
        ):
            with suppress(OSError):
                sizes[what] = path.stat().st_size
        return sizes


def _prepare(engine: Engine, path: Path) -> tuple[str, bool]:
    """Brings the database up to date; its id, and whether it was left as by one who was killed."""
    try:
        left = take_over(engine, path)
        upgrade(engine, path)
        with engine.begin() as connection:
            # Written as it was: SQLite opens what it may only read, and says so at a write only.
            itself = update(meta).where(meta.c.key == "log_id").values(value=meta.c.value)
            connection.execute(itself)
            found = connection.execute(select(meta.c.value).where(meta.c.key == "log_id"))
            return str(found.scalar_one()), left
    except (DBAPIError, OSError) as error:
        if is_refused(error) and (
            unwritable := guard.unwritable([path.parent, *guard.files_of(path)])
        ):
            raise DatabaseUnusable(unwritable) from error
        raise opening_error(error, path) from error
    except NoResultFound as error:
        raise damaged(path) from error
