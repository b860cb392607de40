from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from hubbub.hub.ports import Log
from hubbub.storage.databaselog import DatabaseLog
from hubbub.storage.log import SqlLog
from hubbub.storage.postgresql.log import PostgresLog
from tests.memorylog.log import MemoryLog
from tests.storage.talk import Talk
from tests.storage.watched import watch

OpenLog = Callable[[], Awaitable[Log]]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenLog]:
    """Opens the log; each time after the first, as the same server would after a restart."""
    log: DatabaseLog | MemoryLog | None = None
    url = request.getfixturevalue("database") if request.param == "postgresql" else ""

    async def open_log() -> Log:
        nonlocal log
        if log is not None:
            await log.close()
        if request.param == "sqlite":
            log = await SqlLog.open(tmp_path, durability="process")
        elif request.param == "postgresql":
            log = await PostgresLog.open(url, durability="process")
        else:
            disk = log.disk if isinstance(log, MemoryLog) else None
            log = MemoryLog(auto=True, disk=disk)
        return log

    yield open_log
    if log is not None:
        await log.close()


@pytest.fixture
async def talk(reopen: OpenLog) -> Talk:
    """A new log of each kind, and who listens to it."""
    return Talk(await reopen())


@pytest.fixture(autouse=True)
def _watched(monkeypatch: pytest.MonkeyPatch) -> None:
    watch(monkeypatch)


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Talk]:
    """A log on SQLite in ``tmp_path``, and who listens to it."""
    log = await SqlLog.open(tmp_path, durability="process")
    yield Talk(log)
    await log.close()
