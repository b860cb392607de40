"""A connection that gives up on a database that does not answer.

A process of PostgreSQL that hangs (on its disk, in a debugger, stopped) ends no statement when its
time is over, and its computer goes on to confirm what the network brings: neither
``statement_timeout`` nor keep-alives notice it. So whoever waits does.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import QueryCanceled, _WaitTimeout

LATE_SECONDS = 2.0  # beyond what a statement may take: its own refusal is on its way for so long

R = TypeVar("R")


class PatientConnection(psycopg.Connection[Any]):
    """``patience``: the seconds for which an answer is waited for; None: for ever."""

    patience: float | None = None
    _twin: socket.socket | None = None

    def allow(self, seconds: float) -> None:
        """From now on a statement may take so long; 0: any time."""
        self.patience = seconds + LATE_SECONDS if seconds else None
        # Another descriptor of the same socket, so that `abort` meets nobody else's.
        self._twin = socket.socket(fileno=socket.dup(self.pgconn.socket))

    def wait(self, gen: PQGen[R], interval: float = 0.1, timeout: float | None = None) -> R:
        """See `psycopg.Connection.wait`.

        Raises `QueryCanceled`, as for a statement whose time is over, and is closed then. Nothing
        is tried again after that: it would take as long.
        """
        limit = self.patience if timeout is None else timeout
        try:
            return super().wait(gen, interval, limit)
        except _WaitTimeout:
            if timeout is not None:
                raise
            self.close()
            raise QueryCanceled(f"the database has not answered for {limit:g} seconds") from None

    def abort(self) -> None:
        """Ends it, in any thread: whoever waits for an answer is told that it is lost."""
        if self._twin is not None:
            with suppress(OSError):  # it is closed, or was never connected
                self._twin.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Closes it."""
        super().close()
        if self._twin is not None:
            self._twin.close()
