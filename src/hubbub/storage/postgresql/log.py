"""The log on PostgreSQL, put together: the upgrade, one writer, a pool of readers."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Self

import psycopg
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError, NoResultFound

from hubbub.hub.ports import DiskState, Shown
from hubbub.storage.databaselog import DatabaseLog, log_error
from hubbub.storage.engine import Durability
from hubbub.storage.errors import DatabaseUnusable
from hubbub.storage.lock import FolderLock, lock_folder
from hubbub.storage.postgresql.address import READ_SECONDS, Address
from hubbub.storage.postgresql.connection import SharedConnection
from hubbub.storage.postgresql.lineage import Lineage, generation_of, id_of
from hubbub.storage.postgresql.moves import NotServed
from hubbub.storage.postgresql.reader import SharedReader
from hubbub.storage.postgresql.transaction import SharedTransactions
from hubbub.storage.postgresql.upgrade import check_others, upgrade
from hubbub.storage.reader import CONNECTIONS, Reader
from hubbub.storage.schema import meta
from hubbub.storage.trouble import OnError
from hubbub.storage.writer import REST_OF_SHARED, Writer

OLDEST_VERSION = 13
_SESSION = "SELECT current_setting('hubbub.session', true)"

_logger = logging.getLogger(__name__)


class PostgresLog(DatabaseLog):
    """A `hubbub.hub.ports.Log` that other servers may have, too. `open` makes it."""

    def __init__(
        self,
        id: str,
        writer: Writer,
        reader: Reader,
        shared: SharedConnection,
        address: Address,
        lineage: Lineage,
        lock: FolderLock | None,
    ) -> None:
        super().__init__(id, writer, reader)
        self._address = address
        self._shared = shared
        self._lineage = lineage
        self.admit = lineage.admit
        """Looks whether a new connection leads to a database that is as it was: see `Lineage`."""
        self._lock = lock

    @classmethod
    async def open(
        cls,
        url: str,
        folder: Path | None = None,
        *,
        durability: Durability = "full",
        on_error: OnError = log_error,
    ) -> Self:
        """Opens the log in the database at ``url``, making or upgrading its tables if need be.

        ``folder``: of this server alone, as long as the log is open. ``durability`` ``process``:
        what was acknowledged may be lost when the database dies. ``on_error``: see
        `hubbub.storage.log.SqlLog.open`. Raises `hubbub.storage.errors.StorageError`.
        """
        address = Address(url)
        lock = None if folder is None else lock_folder(folder)
        lineage = Lineage(address)
        shared = SharedConnection(address, durability, lineage.admit)
        try:
            # Not in a thread: nothing else runs yet, and Ctrl-C ends a long upgrade at once.
            id = _prepare(shared, address, durability)
            lineage.generation = generation_of(shared.connect())
        except BaseException as error:
            shared.close()
            if lock is not None:
                lock.release()
            if isinstance(error, NotServed):
                raise DatabaseUnusable(str(error)) from error
            if isinstance(error, (psycopg.Error, DBAPIError)):
                raise opening_error(error, address) from error
            raise
        readers = address.engine(seconds=READ_SECONDS, pool=CONNECTIONS, admit=lineage.admit)
        writer = Writer(
            shared,
            SharedTransactions(shared, readers.dialect),
            NothingToTidy(),
            loop=asyncio.get_running_loop(),
            on_error=on_error,
            rest=REST_OF_SHARED,
        )
        reader = SharedReader(readers, on_error, lineage.saw)
        return cls(id_of(id, lineage.generation), writer, reader, shared, address, lineage, lock)

    @property
    def origin(self) -> str:
        return self._lineage.origin

    def doubt(self) -> None:
        self._lineage.doubt()

    async def holds(self, shown: Callable[[], Sequence[Shown]]) -> bool:
        return await self._lineage.holds(shown)

    async def look_at_disk(self) -> DiskState:
        """It has none that could be looked at from here."""
        return DiskState()

    async def close(self) -> None:
        """As its base; a database that does not answer is left alone."""
        try:
            await super().close()
        except TimeoutError:
            self._address.abort()
            await super().close()

    async def _let_go(self) -> None:
        await self._reader.close()
        self._shared.close()
        if self._lock is not None:
            self._lock.release()


class NothingToTidy:
    """A `hubbub.storage.writer.Tidying` of a database that does it all by itself."""

    def grew(self, entries: int, chars: int) -> None: ...

    def is_due(self, *, pause: bool) -> bool:
        return False

    def empty(self) -> None: ...

    def clear(self) -> bool:
        return True

    def cover(self) -> None: ...


def check(url: str) -> None:
    """Looks whether this version could open the log there, while other servers have it.

    Raises `hubbub.storage.errors.StorageError`.
    """
    address = Address(url)
    try:
        with address.connect() as connection:
            refuse_unsuited(connection, address, "process")
        with address.engine().connect() as looking:
            check_others(looking, address)
    except (psycopg.Error, DBAPIError) as error:
        raise opening_error(error, address) from error


def _prepare(shared: SharedConnection, address: Address, durability: Durability) -> str:
    """Brings the database up to date; the id of its log."""
    refuse_unsuited(shared.connect(), address, durability)
    engine = address.engine()
    upgrade(engine, address)
    return _id(engine, address)


def refuse_unsuited(
    connection: psycopg.Connection, address: Address, durability: Durability
) -> None:
    """Refuses what the log cannot be on; warns of what makes it less than it promises."""
    version = connection.info.server_version // 10_000
    if version < OLDEST_VERSION:
        raise DatabaseUnusable(
            f"The database {address} is a PostgreSQL {version}; Hubbub needs {OLDEST_VERSION} or "
            "newer. Upgrade it, or name another one with --database."
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseUnusable(
            f"The database {address} keeps text as {encoding}, which has not all letters. Make one "
            "with UTF-8: CREATE DATABASE hubbub ENCODING 'UTF8' TEMPLATE template0"
        )
    _refuse_shared_session(connection, address)
    if not connection.pgconn.ssl_in_use and _is_far(connection.info.hostaddr):
        _logger.warning(
            "The connection to the database %s is not encrypted: who is on the way can read what "
            "is said. sslmode=verify-full in its address encrypts, and looks who answers.",
            address,
        )
    found = connection.execute(
        "SELECT current_setting('fsync'), current_setting('full_page_writes')"
    )
    if durability == "full" and found.fetchone() != ("on", "on"):
        _logger.warning(
            "The database %s does not wait for its disk (fsync or full_page_writes is off): what "
            "was acknowledged may be lost, or all of it damaged, by a power cut.",
            address,
        )


def _refuse_shared_session(connection: psycopg.Connection, address: Address) -> None:
    """Refuses a pooler that gives the next transaction to another session of the database.

    The locks that keep a move away, what was set and what was prepared are a session's.
    """
    token = secrets.token_hex(8)
    connection.execute("SELECT set_config('hubbub.session', %s, false)", (token,), prepare=False)
    with address.connect() as other:
        theirs = other.execute(_SESSION, prepare=False).fetchone()
    mine = connection.execute(_SESSION, prepare=False).fetchone()
    if mine != (token,) or theirs == (token,):
        raise DatabaseUnusable(
            f"A pooler before the database {address} gives each transaction to another session of "
            "it, as PgBouncer does with pool_mode = transaction. Hubbub needs sessions of its own: "
            "set pool_mode = session for it, or connect to the PostgreSQL itself."
        )


def _is_far(address: str) -> bool:
    """Whether the IP ``address`` is of another computer; "" and a folder are a Unix socket's."""
    try:
        return not ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _id(engine: Engine, address: Address) -> str:
    with engine.connect() as connection:
        try:
            found = connection.execute(select(meta.c.value).where(meta.c.key == "log_id"))
            return str(found.scalar_one())
        except NoResultFound as error:
            raise DatabaseUnusable(
                f"The database {address} has lost the id of its log. Restore it from a backup."
            ) from error


def opening_error(error: Exception, address: Address) -> DatabaseUnusable:
    """What ``error`` at the opening of the database means, in words."""
    said = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
    end = "" if said.endswith("?") else "."  # it may end with what libpq asks itself
    return DatabaseUnusable(
        f"The database {address} cannot be used: {said}{end} Check that it runs, that --database "
        "names it, and what its user may do: it must own the database, or may create tables in it."
    )
