"""Search in a SQLite log, put together: the indexer's thread, and threads that ask."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from hubbub.domain.errors import SearchUnavailable
from hubbub.domain.search import Query
from hubbub.hub.ports import Finds
from hubbub.storage.engine import reading_engine
from hubbub.storage.errors import StorageError, reason
from hubbub.storage.guard import close_all
from hubbub.storage.search.finder import find
from hubbub.storage.search.index import IndexLost, is_broken, is_worthless, reading
from hubbub.storage.search.indexed import Connections, spans
from hubbub.storage.search.indexer import Indexer
from hubbub.storage.search.source import Source
from hubbub.storage.trouble import OnError, Trouble

INDEX = "search.db"
THREADS = 2  # searches at the same time: Python would not run more of them

_logger = logging.getLogger(__name__)


def log_error(error: Exception) -> None:
    """Tells the operator why texts cannot be found."""
    if isinstance(error, IndexLost):
        _logger.error(
            "The search index was removed, or another file was put in its place. "
            "It is made again from the log."
        )
    elif is_worthless(error):
        _logger.error("The search index is damaged. It is made again from the log.")
    else:
        _logger.error(
            "The search index fails, and is tried again. The chat goes on. %s", reason(error)
        )


def can_search() -> bool:
    """Whether this Python's SQLite has full-text search."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE texts USING fts5 (text)")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


class SqlSearch:
    """A `hubbub.hub.ports.Search` over the log in the database file ``path``. `open` makes it."""

    def __init__(self, index: Path, source: Source, indexer: Indexer, trouble: Trouble) -> None:
        self._index = index
        self._source = source
        self._indexer = indexer
        self._trouble = trouble
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hubbub-search")
        self._connections = Connections()
        self._closed = False

    @classmethod
    def open(
        cls, path: Path, log: str, *, on_error: OnError = log_error, pauses: bool = True
    ) -> Self:
        """Begins to index the log with the id ``log``; what is wrong with the index is mended.

        ``on_error`` is told, on the loop, what fails: once for each reason.
        """
        loop = asyncio.get_running_loop()
        trouble = Trouble(on_error, "Searches work again.")

        def troubled(error: Exception) -> None:
            loop.call_soon_threadsafe(trouble.met, error)

        source = Source(reading_engine(path, THREADS + 1))
        index = path.with_name(INDEX)
        # What is wrong with its files, the indexer finds out, and tells; the chat goes on.
        with suppress(StorageError):
            close_all(index)
        indexer = Indexer(
            index,
            log,
            source,
            troubled=troubled,
            mended=trouble.ended,
            pauses=pauses,
        )
        indexer.start()
        return cls(index, source, indexer, trouble)

    def committed(self, events: int) -> None:
        """So many more events are saved."""
        self._indexer.committed(events)

    def erase(self, texts: Mapping[int, str]) -> None:
        """These texts are about to be taken back, by the ids of their events. For any thread."""
        self._indexer.erase(texts)

    @property
    def behind(self) -> int:
        """See `hubbub.hub.ports.Search`; so for `find`."""
        return self._indexer.behind

    async def find(
        self, query: Query, *, before: int | None, limit: int, rooms: Mapping[str, int] | None
    ) -> Finds:
        if self._closed:
            raise _unavailable()
        known = None if rooms is None else dict(rooms)
        try:
            find = partial(self._find, query, before, limit, known)
            return await asyncio.get_running_loop().run_in_executor(self._threads, find)
        except (sqlite3.Error, SQLAlchemyError, OSError) as error:
            self._trouble.met(error)
            if isinstance(error, sqlite3.Error) and is_broken(error):
                self._indexer.start_anew()
            raise _unavailable() from error

    async def close(self) -> None:
        """Ends the searches and the indexer, which goes on from there at the next start."""
        self._closed = True
        await asyncio.to_thread(self._indexer.stop)
        await asyncio.to_thread(self._threads.shutdown)
        self._connections.close()
        self._source.close()

    def _find(
        self, query: Query, before: int | None, limit: int, rooms: Mapping[str, int] | None
    ) -> Finds:
        if self._closed:
            raise _unavailable()
        generation = self._indexer.generation
        connection = self._connections.take(generation) or reading(self._index)
        try:
            asked = spans(connection, self._source, query, before=before, rooms=rooms)
            found = find(asked, query, limit=limit, rooms=rooms)
        except BaseException:
            connection.close()
            raise
        self._connections.give_back(connection, generation)
        return found


def _unavailable() -> SearchUnavailable:
    return SearchUnavailable("The server cannot search just now. Please try again in a moment.")
