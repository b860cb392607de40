"""The backup that the server makes each day, without anybody having to think of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from hubbub.hub.ports import Clock
from hubbub.storage.backup import naming
from hubbub.storage.backup.errors import BackupBusy
from hubbub.storage.backup.listing import backups
from hubbub.storage.backup.making import BackupMade, back_up
from hubbub.storage.backup.place import Stored
from hubbub.storage.backup.pruning import prune
from hubbub.storage.backup.schedule import HOUR, WORRYING, is_due, newest
from hubbub.storage.errors import StorageError

FIRST_SECONDS = 60.0  # after a start: the people who come back are served first
LOOK_SECONDS = 60.0
RETRY_SECONDS = 300.0  # after a failure; doubled each time,
MAX_RETRY_SECONDS = 7200.0  # up to this
MIB = 1024 * 1024

logger = logging.getLogger(__name__)


class DailyState(Struct, frozen=True, kw_only=True):
    """How it is with the daily backups. Times are in ms since the Unix epoch.

    ``newest``: of this log in the place, None if there is none or nobody has looked yet. ``error``:
    why the last attempt failed, None after one that did not; ``failed_at``: when.
    """

    place: str
    newest: Stored | None = None
    looked: bool = False
    running: bool = False
    error: str | None = None
    failed_at: int | None = None

    def concern(self, now: int) -> str | None:
        """What is wrong, for the operator; None if nothing is."""
        if self.error is not None:
            return f"The daily backup failed: {self.error}"
        if not self.looked or self.running:
            return None
        return concern(self.place, self.newest, now)


def concern(place: str, newest: Stored | None, now: int) -> str | None:
    """What is wrong with the backups in ``place``; None if nothing is."""
    if newest is None:
        return f"There is no backup of this server in {place}."
    if now - newest.at >= WORRYING:
        age = (now - newest.at) // (24 * HOUR)
        return f"The newest backup in {place} is {age} days old ({newest.name})."
    return None


class Daily:
    """Makes the daily backups of one data folder."""

    def __init__(
        self,
        folder: Path,
        log_id: str,
        place: str,
        *,
        keep: int,
        keep_free: int,
        clock: Clock,
        hour: Callable[[int], float],
        heard: Callable[[int], None] = lambda at: None,
    ) -> None:
        """``keep``: how many there are to be. ``keep_free``: as for `back_up`.

        ``hour`` tells what hour of the day a time is where people live: 3.5 for half past three.
        ``heard`` is told the time of the newest backup, when it is known; 0 if there is none,
        and none can be made.
        """
        self._folder = folder
        self._log_id = log_id
        self._keep = keep
        self._keep_free = keep_free
        self._clock = clock
        self._hour = hour
        self._heard = heard
        self._failures = 0
        self.state = DailyState(place=place)

    async def run(self) -> None:
        """Makes them until it is cancelled."""
        pause = FIRST_SECONDS
        while True:
            await asyncio.sleep(pause)
            pause = await self.look()

    async def look(self) -> float:
        """Makes one if one is due; how many seconds later to look again."""
        try:
            await self._make_if_due()
        except BackupBusy:
            return LOOK_SECONDS  # somebody makes one by hand
        except StorageError as error:
            return self._failed(str(error))
        except Exception as error:  # a server does not end because of a backup
            logger.exception("A defect in the daily backup")
            return self._failed(f"{type(error).__name__} (the server's log has all of it)")
        finally:
            self._set(running=False)
        self._failures = 0
        return LOOK_SECONDS

    async def _make_if_due(self) -> None:
        if self.state.looked and not self._is_due():
            return
        await self._look()  # again, if one seems to be due: it may have been made by hand
        if not self._is_due():
            self._set(error=None, failed_at=None)
            return
        self._set(running=True)
        place = self.state.place
        now = self._clock()
        made = await back_up(self._folder, place, at=now, keep_free=self._keep_free)
        stored = Stored(made.name, made.where, made.bytes, now, self._log_id[: naming.ID_CHARS])
        self._set(newest=stored, error=None, failed_at=None)
        _tell(made)
        try:
            for name in await prune(place, stored, self._keep):
                logger.info("The backup %s was deleted: the newest %d are kept.", name, self._keep)
        except StorageError as error:
            logger.warning("Old backups stay where they are: %s", error)

    async def _look(self) -> None:
        found = newest(await backups(self.state.place), self._log_id, self._clock())
        self._set(newest=found, looked=True)

    def _is_due(self) -> bool:
        now = self._clock()
        last = self.state.newest
        return is_due(now, None if last is None else last.at, self._hour(now), self._log_id)

    def _failed(self, why: str) -> float:
        self._set(error=why, failed_at=self._clock())
        if self.state.newest is None:
            self._heard(0)
        pause = min(RETRY_SECONDS * 2.0**self._failures, MAX_RETRY_SECONDS)
        self._failures += 1
        logger.warning(
            "The daily backup failed, and is tried again in %d minutes: %s", pause // 60, why
        )
        return pause

    def _set(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        if self.state.newest is not None:
            self._heard(self.state.newest.at)


def _tell(made: BackupMade) -> None:
    logger.info(
        "A backup was made in %.0f s: %s (%d events, %.1f MiB)",
        made.seconds,
        made.where,
        made.manifest.events,
        made.bytes / MIB,
    )
