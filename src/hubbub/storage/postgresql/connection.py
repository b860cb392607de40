"""The writer's connection: what a transaction does is sent as a pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from time import monotonic
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.storage.engine import Durability
from hubbub.storage.postgresql.address import HOLD_SECONDS, WRITE_SECONDS, Address, Admit
from hubbub.storage.postgresql.moves import refuse_if_moved

FIRST_PAUSE_SECONDS = 0.1  # after the first attempt to connect that failed; then twice as long
LONGEST_PAUSE_SECONDS = 2.0


class Cursor:
    """What of a DBAPI cursor the writer uses. Only who fetches waits for an answer."""

    def __init__(self, connection: psycopg.Connection[Any], pipeline: psycopg.Pipeline) -> None:
        self._connection = connection
        self._pipeline = pipeline
        self._last: psycopg.Cursor[Any] | None = None

    def execute(self, sql: str, values: Sequence[object] = ()) -> None:
        """Sends one statement."""
        self._last = self._connection.execute(_known(sql), values)

    def executemany(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Sends it for each of ``rows``."""
        for row in rows:
            self.execute(sql, row)

    @property
    def rowcount(self) -> int:
        """How many rows the last statement has changed."""
        assert self._last is not None
        self._pipeline.sync()
        return self._last.rowcount

    def fetchone(self) -> Any:
        """The next row that the last statement has found; None after the last one."""
        assert self._last is not None
        return self._last.fetchone()

    def fetchall(self) -> list[Any]:
        """All rows that the last statement has found."""
        assert self._last is not None
        return self._last.fetchall()


class SharedConnection:
    """As `hubbub.storage.engine.WritingConnection`: ``with`` it is a transaction.

    A lost connection is made again by the next use; after one that could not be made, none is made
    for a moment, and the same error is raised.
    """

    def __init__(
        self, address: Address, durability: Durability, admit: Admit | None = None
    ) -> None:
        """``admit``: see `Address.connect`."""
        self._address = address
        self._admit = admit
        self._durability = durability
        self._connection: psycopg.Connection[Any] | None = None
        self._pipeline: AbstractContextManager[psycopg.Pipeline] | None = None
        self._pause = 0.0
        self._paused_until = 0.0
        self._failed: psycopg.Error | None = None
        self.uncertain = False
        """Whether what the last transaction has changed may be saved although it raised."""

    def connect(self) -> psycopg.Connection[Any]:
        """The connection."""
        if self._connection is not None:
            return self._connection
        if self._failed is not None and monotonic() < self._paused_until:
            raise self._failed
        try:
            self._connection = self._connected()
        except psycopg.Error as error:
            self._failed = error
            self._pause = min(self._pause * 2 or FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
            self._paused_until = monotonic() + self._pause
            raise
        self._failed = None
        self._pause = 0.0
        return self._connection

    def _connected(self) -> psycopg.Connection[Any]:
        made = self._address.connect(
            seconds=WRITE_SECONDS,
            hold_seconds=HOLD_SECONDS,
            durability=self._durability,
            admit=self._admit,
        )
        try:
            refuse_if_moved(made, self._address)
        except psycopg.Error:
            made.close()
            raise
        return made

    def __enter__(self) -> DBAPICursor:
        self.uncertain = False
        connection = self.connect()
        try:
            pipeline = connection.pipeline()
            cursor = Cursor(connection, pipeline.__enter__())
            self._pipeline = pipeline
            cursor.execute("BEGIN")
        except BaseException:
            self.release()
            raise
        return cursor  # type: ignore[return-value]  # as much of one as is used

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        connection, pipeline = self._connection, self._pipeline
        assert connection is not None
        assert pipeline is not None
        done = False
        try:
            if kind is None:
                self.uncertain = True
                end = connection.execute("COMMIT")
                self._pipeline = None
                pipeline.__exit__(None, None, None)
                done = end.statusmessage == "COMMIT"
                if not done:  # of a transaction that has failed it makes a ROLLBACK
                    raise psycopg.InternalError(f"COMMIT has answered {end.statusmessage}")
        except psycopg.Error:
            # An answer of the server is certain: nothing was saved.
            self.uncertain = connection.closed
            raise
        finally:
            if not done:
                self.release()

    def execute_alone(self, sql: str, values: Sequence[object]) -> Any:
        """One statement that is a transaction by itself; all rows that it finds."""
        self.uncertain = False
        connection = self.connect()
        self.uncertain = True
        try:
            found = connection.execute(_known(sql), values).fetchall()
        except BaseException:
            self.uncertain = connection.closed
            self.release()
            raise
        self.uncertain = False
        return found

    def ask(self, sql: str, values: Sequence[object]) -> Callable[[], Any]:
        """Sends a statement of the transaction; what is returned waits for the first row."""
        assert self._connection is not None
        return self._connection.execute(_known(sql), values).fetchone

    def release(self) -> None:
        """Ends what is under way; the connection is kept if it is good."""
        connection, self._connection = self._connection, None
        pipeline, self._pipeline = self._pipeline, None
        if connection is None:
            return
        if pipeline is not None:
            with suppress(psycopg.Error):  # why we are here
                pipeline.__exit__(None, None, None)
        with suppress(psycopg.Error):  # it is lost
            if not connection.closed:
                connection.rollback()
            if connection.info.transaction_status is TransactionStatus.IDLE:
                self._connection = connection
                return
        connection.close()

    def close(self) -> None:
        """Closes it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _known(sql: str) -> Any:
    """SQL that was compiled here: psycopg takes only what stands in the program itself."""
    return sql
