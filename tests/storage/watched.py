"""SQLite connections whose COMMITs a test may watch, or let fail."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import ClassVar

import pytest

Watcher = Callable[["WatchedConnection"], object]


class WatchedConnection(sqlite3.Connection):
    """What `watch` makes of every connection."""

    watchers: ClassVar[list[Watcher]] = []

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
