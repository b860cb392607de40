"""The log in a folder, on SQLite: the folder's lock, the upgrade, one writer, readers."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage
from typing import Self

from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.exc import DBAPIError, NoResultFound

from hubbub.hub.ports import DiskState
from hubbub.storage import guard
from hubbub.storage.copying.marks import MARKS, why_not_served
from hubbub.storage.databaselog import DatabaseLog, log_error
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
)
from hubbub.storage.lock import FolderLock, lock_folder
from hubbub.storage.opened import OpenFiles
from hubbub.storage.reader import CONNECTIONS, Reader
from hubbub.storage.schema import meta
from hubbub.storage.search.sqlite import INDEX
from hubbub.storage.slack import UNFINISHED, Slack
from hubbub.storage.takeover import take_over
from hubbub.storage.transaction import Transactions
from hubbub.storage.trouble import OnError
from hubbub.storage.upgrade import upgrade
from hubbub.storage.wal import Wal
from hubbub.storage.writer import Writer

DATABASE = "hubbub.db"

_logger = logging.getLogger(__name__)


class SqlLog(DatabaseLog):
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
        slack: Slack,
    ) -> None:
        super().__init__(id, writer, reader)
        self.path = path
        self._engine = engine
        self._lock = lock
        self._pin = pin
        self._files = files
        self._slack = slack

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
        killed = path.with_name(f"{path.name}-wal").exists()  # who closes it removes that
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
        connection = WritingConnection(engine)
        slack = Slack(path, files)
        writer = Writer(
            connection,
            Transactions(connection, engine.dialect),
            Wal(connection, engine.dialect, slack.clean),
            loop=asyncio.get_running_loop(),
            on_error=on_error,
            in_place=durability == "process",
            clears=left or killed,
        )
        return cls(path, engine, id, writer, Reader(readers, on_error), lock, pin, files, slack)

    async def look_at_disk(self) -> DiskState:
        # In a thread: a network's file system may not answer.
        return await asyncio.to_thread(self._look_at_disk)

    async def _let_go(self) -> None:
        self._pin.close()
        await self._reader.close()
        await asyncio.to_thread(self._slack.end, unclear=self._writer.unclear)
        # The last connection, which can write, leaves the WAL empty behind it.
        await asyncio.to_thread(self._engine.dispose)
        self._slack.close()
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
    """Brings the database up to date; its id, and whether it was left as by one who was killed.

    Or by one who ended before copies of rows were gone from it, see `hubbub.storage.slack`.
    """
    try:
        left = take_over(engine, path)
        upgrade(engine, path)
        with engine.begin() as connection:
            marked = select(meta.c.key, meta.c.value).where(meta.c.key.in_(MARKS))
            rows = [(key, value) for key, value in connection.execute(marked)]
            if (why := why_not_served(rows, path.parent)) is not None:
                raise DatabaseUnusable(why)
            # Written as it was: SQLite opens what it may only read, and says so at a write only.
            itself = update(meta).where(meta.c.key == "log_id").values(value=meta.c.value)
            connection.execute(itself)
            id = connection.execute(select(meta.c.value).where(meta.c.key == "log_id"))
            unfinished = connection.execute(text("PRAGMA user_version")).scalar() == UNFINISHED
            return str(id.scalar_one()), left or unfinished
    except (DBAPIError, OSError) as error:
        if is_refused(error) and (
            unwritable := guard.unwritable([path.parent, *guard.files_of(path)])
        ):
            raise DatabaseUnusable(unwritable) from error
        raise opening_error(error, path) from error
    except NoResultFound as error:
        raise damaged(path) from error
