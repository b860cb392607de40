"""Search in a PostgreSQL: threads that ask it. What is saved is found at once, on every server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any

import psycopg

from hubbub.domain.errors import SearchUnavailable
from hubbub.domain.search import Query
from hubbub.domain.words import prepare
from hubbub.hub.ports import Finds
from hubbub.storage.errors import StorageError, is_connection_lost, reason
from hubbub.storage.postgresql.address import Address, Admit
from hubbub.storage.postgresql.renewing import Renewing
from hubbub.storage.search.finder import SEARCH_SECONDS, find
from hubbub.storage.search.vectored import spans
from hubbub.storage.trouble import OnError, Trouble

THREADS = 2  # searches at the same time: Python would not run more of them

# What is sought decides how; and no search lasts long enough for a plan to be compiled, or for
# other processes to be started.
_SET_UP = """
SELECT set_config('plan_cache_mode', 'force_custom_plan', false), set_config('jit', 'off', false),
       set_config('max_parallel_workers_per_gather', '0', false),
       set_config('default_transaction_read_only', 'on', false)
"""

_logger = logging.getLogger(__name__)


def log_error(error: Exception) -> None:
    """Tells the operator why texts cannot be found."""
    _logger.error("Searches in the database fail. The chat goes on. %s", reason(error))


GOES_ON = "What an earlier version has prepared for searches is brought up to date again."


def _warn(error: Exception) -> None:
    _logger.warning(
        "What an earlier version has prepared for searches cannot be brought up to date just now; "
        "it is found all the same. %s",
        reason(error),
    )


class PostgresSearch:
    """A `hubbub.hub.ports.Search` in the database at ``url``; it connects when somebody searches.

    To be made on the loop. ``on_error`` is told there what fails: once for each reason.
    """

    behind = 0
    """The terms of a text are saved with it."""

    def __init__(
        self, url: str, *, admit: Admit | None = None, on_error: OnError = log_error
    ) -> None:
        """``admit``: see `Address.connect`."""
        self._address = Address(url)
        self._admit = admit
        self._trouble = Trouble(on_error, "Searches work again.")
        self._threads = ThreadPoolExecutor(
            THREADS, thread_name_prefix="hubbub-search", initializer=prepare
        )
        self._lock = Lock()
        self._idle: list[psycopg.Connection[Any]] = []
        self._closed = False
        self._renewing = Renewing(self._address, admit, Trouble(_warn, GOES_ON))

    async def find(
        self, query: Query, *, before: int | None, limit: int, rooms: Mapping[str, int] | None
    ) -> Finds:
        """See `hubbub.hub.ports.Search`."""
        if self._closed:
            raise _unavailable()
        known = None if rooms is None else dict(rooms)
        try:
            search = partial(self._find, query, before, limit, known)
            found = await asyncio.get_running_loop().run_in_executor(self._threads, search)
        except (psycopg.Error, StorageError, OSError) as error:
            self._trouble.met(error)
            raise _unavailable() from error
        self._trouble.ended()
        return found

    async def close(self) -> None:
        """Ends the searches, and the connections."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._renewing.close)
        for connection in self._idle:
            connection.close()

    def _find(
        self, query: Query, before: int | None, limit: int, rooms: Mapping[str, int] | None
    ) -> Finds:
        if self._closed:
            raise _unavailable()
        while True:
            with self._lock:
                kept = self._idle.pop() if self._idle else None
            connection = kept or self._connect()
            try:
                asked = spans(connection, query, before=before, rooms=rooms)
                found = find(asked, query, limit=limit, rooms=rooms)
            except BaseException as error:
                with suppress(psycopg.Error):
                    connection.close()
                # Nothing tells of a connection that was lost while it was idle.
                if kept is not None and isinstance(error, Exception) and is_connection_lost(error):
                    continue
                raise
            with self._lock:
                self._idle.append(connection)
            return found

    def _connect(self) -> psycopg.Connection[Any]:
        connection = self._address.connect(seconds=SEARCH_SECONDS, admit=self._admit)
        try:
            connection.execute(_SET_UP)
        except BaseException:
            connection.close()
            raise
        return connection


def _unavailable() -> SearchUnavailable:
    return SearchUnavailable("The server cannot search just now. Please try again in a moment.")
