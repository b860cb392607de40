"""Whether the log's disk may be given more: enough of it is free, and its files are still there."""

from __future__ import annotations

import logging

from hubbub.domain.errors import LogUnavailable
from hubbub.hub.ports import DiskState, Log

LOOK_SECONDS = 2.0  # between two looks
RETRY_SECONDS = 10.0  # that a refused client is told to wait

logger = logging.getLogger(__name__)


class DiskWatch:
    """Looks at the disk now and then; ``floor`` is how many bytes of it are kept free."""

    def __init__(self, log: Log, floor: int) -> None:
        self._log = log
        self._floor = floor
        self._is_full = False
        self._lost: str | None = None  # what was taken away, in words
        self._looking = False
        self.seen = DiskState()
        """The disk as it was when it was last looked at."""

    @property
    def floor(self) -> int:
        """The bytes of the disk that are kept free."""
        return self._floor

    @property
    def takes_nothing(self) -> bool:
        """Whether the disk has less left than is to be kept free, or its files are lost."""
        return self._is_full or self._lost is not None

    def check(self) -> None:
        """Raises `LogUnavailable` when nothing more is given to the disk."""
        if self._lost is not None:
            raise LogUnavailable(
                "The files in which this server keeps what is said were taken away from it, so "
                "nothing can be saved until its keeper has mended that.",
                retry_after=RETRY_SECONDS,
            )
        if self._is_full:
            raise LogUnavailable(
                "The disk of this server is nearly full, so nothing more can be saved until its "
                "keeper makes room. All that was said can be read.",
                retry_after=RETRY_SECONDS,
            )

    async def look(self) -> None:
        """Asks the log, and tells the keeper of the server what has changed."""
        if self._looking:
            return  # a disk that does not answer is asked by one thread only
        self._looking = True
        try:
            disk = self.seen = await self._log.look_at_disk()
        finally:
            self._looking = False
        if disk.lost is not None and disk.lost != self._lost:
            logger.critical("Nothing is taken from anybody: %s", disk.lost)
        elif self._lost is not None and disk.lost is None:
            logger.warning("The log's files are in their place again: all is taken as before.")
        self._lost = disk.lost
        free = disk.free
        is_full = free is not None and free < self._floor
        if is_full and not self._is_full:
            logger.error(
                "The disk has %d MiB left, less than the setting free-disk-bytes (%d MiB) keeps: "
                "nothing is taken from anybody until there is more.",
                (free or 0) >> 20,
                self._floor >> 20,
            )
        elif self._is_full and not is_full:
            logger.warning("The disk has room again: all is taken as before.")
        self._is_full = is_full
