"""SQLite connections whose COMMITs a test may watch, or let fail."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

import pytest

Watcher = Callable[["WatchedConnection"], object]


class WatchedCursor(sqlite3.Cursor):
    """Takes a statement that is a transaction by itself apart, so that it has a COMMIT."""

    def execute(self, sql: str, parameters: Any = ()) -> WatchedCursor:
        alone = sql.startswith("INSERT INTO events") and not self.connection.in_transaction
        if alone:
            super().execute("BEGIN IMMEDIATE")
        super().execute(sql, parameters)
        if alone:
            self.connection.commit()
        return self


class WatchedConnection(sqlite3.Connection):
    """What `watch` makes of every connection."""

    watchers: ClassVar[list[Watcher]] = []

    def cursor(self, factory: Any = WatchedCursor) -> Any:
        return super().cursor(factory)

    def commit(self) -> None:
        for watcher in self.watchers:
            watcher(self)
        super().commit()


def watch(patch: pytest.MonkeyPatch) -> None:
    """From now on each new connection is a watched one."""
    connect = sqlite3.dbapi2.connect

    patch.setattr(sqlite3.dbapi2, "connect", partial(connect, factory=WatchedConnection))


@contextmanager
def at_commit(watcher: Watcher) -> Iterator[None]:
    """Calls ``watcher(connection)`` before each COMMIT."""
    WatchedConnection.watchers.append(watcher)
    try:
        yield
    finally:
        WatchedConnection.watchers.remove(watcher)


def disk_error(connection: WatchedConnection) -> None:
    """A watcher that lets each COMMIT fail."""
    raise sqlite3.OperationalError("disk I/O error")
