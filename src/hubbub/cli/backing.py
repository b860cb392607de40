"""The daily backup, beside the server that it is of."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from hubbub.config import Settings
from hubbub.hub.ports import Clock
from hubbub.storage.backup.daily import Daily
from hubbub.storage.backup.making import sweep


def daily_of(
    settings: Settings, data: Path, log_id: str, clock: Clock, heard: Callable[[int], None]
) -> Daily | None:
    """What makes the daily backups of the log in ``data``; None if there are to be none.

    ``heard`` is told the time of the newest one.
    """
    if not settings.backup_to:
        return None
    return Daily(
        data,
        log_id,
        settings.backup_to,
        keep=settings.backup_keep,
        keep_free=settings.free_disk_bytes,
        clock=clock,
        hour=_hour,
        heard=heard,
    )


@asynccontextmanager
async def beside(data: Path, daily: Daily | None) -> AsyncIterator[Daily | None]:
    """Within this, backups are made. One under way at the end is given up, which takes a moment.

    What one has left in the folder ``data`` that was killed is removed first.
    """
    with suppress(OSError):  # the next backup tells of it
        await asyncio.to_thread(sweep, data)
    if daily is None:
        yield None
        return
    task = asyncio.create_task(daily.run())
    try:
        yield daily
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _hour(at: int) -> float:
    """Of the day, on the clock of this computer."""
    there = time.localtime(at / 1000)
    return there.tm_hour + there.tm_min / 60
