"""A log that can be searched: in memory, on SQLite with an index that follows it, on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hubbub.domain.search import parse_query
from hubbub.hub.ports import Draft, Finds, Log, Search
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.postgresql.log import PostgresLog
from hubbub.storage.postgresql.search import PostgresSearch
from hubbub.storage.search import indexer
from hubbub.storage.search.sqlite import SqlSearch
from tests.memorylog.log import MemoryLog
from tests.memorylog.search import MemorySearch
from tests.patience import PATIENCE_SECONDS
from tests.storage.talk import Talk, said


@pytest.fixture(autouse=True)
def an_index_that_is_quick_to_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "GATHER_SECONDS", 0.02)


async def until(condition: Callable[[], bool]) -> None:
    """Returns when ``condition`` holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - what another thread does sets no event
            await asyncio.sleep(0.005)


class Searched:
    """A log and its search."""

    def __init__(self, log: Log, search: Search, folder: Path) -> None:
        self.log = log
        self.search = search
        self.folder = folder
        self.talk = Talk(log)

    async def say(self, *drafts: Draft | str) -> None:
        """Says texts; returns when they can be found."""
        await self.talk.settle(*(said(one) if isinstance(one, str) else one for one in drafts))
        await self.caught_up()

    async def caught_up(self) -> None:
        await until(lambda: self.search.behind == 0)

    async def find(
        self,
        query: str,
        *,
        before: int | None = None,
        limit: int = 20,
        rooms: list[str] | None = None,
    ) -> Finds:
        known = rooms if rooms is None else dict.fromkeys(rooms, 0)
        return await self.search.find(parse_query(query), before=before, limit=limit, rooms=known)

    async def texts(self, query: str, **more: object) -> list[str]:
        """The texts that are found, newest first."""
        finds = await self.find(query, **more)  # type: ignore[arg-type]
        return [one.event.text for one in finds.finds]

    async def all_pages(self, query: str, limit: int) -> list[str]:
        """The texts that are found page by page."""
        found: list[str] = []
        before: int | None = None
        while True:
            finds = await self.find(query, limit=limit, before=before)
            found += [one.event.text for one in finds.finds]
            before = finds.next
            if before is None:
                return found


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def searched(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Searched]:
    if request.param == "memory":
        log = MemoryLog(auto=True)
        yield Searched(log, MemorySearch(log.disk), tmp_path)
        await log.close()
        return
    if request.param == "postgresql":
        async with in_database(request.getfixturevalue("database"), tmp_path) as searched:
            yield searched
        return
    async with on_disk(tmp_path) as searched:
        yield searched


@asynccontextmanager
async def on_disk(folder: Path) -> AsyncIterator[Searched]:
    """A log in a folder with its index, as after a start of the server."""
    log = await SqlLog.open(folder, durability="process")
    search = SqlSearch.open(folder / DATABASE, log.id, pauses=False)
    log.watch(search.committed, search.erase)
    yield Searched(log, search, folder)
    await search.close()
    await log.close()


@asynccontextmanager
async def in_database(url: str, folder: Path) -> AsyncIterator[Searched]:
    """A log in a PostgreSQL."""
    log = await PostgresLog.open(url, durability="process")
    search = PostgresSearch(url)
    yield Searched(log, search, folder)
    await search.close()
    await log.close()
