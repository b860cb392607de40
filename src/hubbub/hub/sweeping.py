"""Deletes what nobody needs of files: unsaid ones, blobs of files that are gone, or never came."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from hubbub.domain.errors import ChatError
from hubbub.hub.ports import ForgetBlobs, ForgetFiles
from hubbub.hub.uploading import EXPIRES_MS, Uploading

if TYPE_CHECKING:
    from hubbub.hub.services import Services

SWEEP_SECONDS = 60.0  # between two looks for what has expired, and for what was put off
SOON_SECONDS = 5.0  # between two looks for blobs that are not needed any more
ORPHANS_SECONDS = 86_400.0  # between two looks through all that is stored
AT_ONCE = 100

_logger = logging.getLogger(__name__)


class Sweeping:
    """What is swept, and when. Any server may do it; twice is harmless."""

    def __init__(self, hub: Services, uploading: Uploading) -> None:
        self._hub = hub
        self._uploading = uploading
        self._blobs = uploading.blobs
        self._due = asyncio.Event()
        uploading.spare = self.soon

    def soon(self) -> None:
        """Something was taken back, or deleted, that may have had files."""
        self._due.set()

    async def run(self) -> None:
        """Sweeps until cancelled."""
        monotonic = self._hub.monotonic
        swept = orphans = -ORPHANS_SECONDS
        while True:
            try:
                if monotonic() - swept >= SWEEP_SECONDS:
                    swept = monotonic()
                    self._uploading.try_again()
                    self._uploading.count_anew()
                    self._hub.measures.files = await self._hub.log.counted_files()
                    await self._uploading.expire()
                    await self.forget_unsaid()
                await self.delete_unneeded()
                if monotonic() - orphans >= ORPHANS_SECONDS:
                    orphans = monotonic()
                    await self.delete_orphans()
            except ChatError as error:
                _logger.debug("Files are swept later: %s", error)
            self._due.clear()
            try:
                async with asyncio.timeout(SOON_SECONDS):
                    await self._due.wait()
            except TimeoutError:
                continue

    async def forget_unsaid(self) -> None:
        """Files that nobody has said for a day are no files any more. Raises `LogUnavailable`."""
        while ids := await self._hub.log.unsaid_files(self._hub.clock() - EXPIRES_MS, AT_ONCE):
            outcome = await self._hub.outcome(partial(ForgetFiles, tuple(ids), None))
            if outcome.error is not None:
                raise outcome.error

    async def delete_unneeded(self) -> None:
        """Deletes blobs that no file has any more. Raises `LogUnavailable`.

        First the blob and then what says that it is to be deleted: after a crash it is done again.
        """
        while keys := await self._hub.log.unneeded_blobs(AT_ONCE):
            for key in keys:
                await self._blobs.delete(key)
            outcome = await self._hub.outcome(partial(ForgetBlobs, tuple(keys)))
            if outcome.error is not None:
                raise outcome.error

    async def delete_orphans(self) -> None:
        """Deletes blobs of which the log never knew: a server was killed in between.

        Not what is younger than a day, which may be on its way into the log. Raises
        `LogUnavailable`.
        """
        before = self._hub.clock() - EXPIRES_MS
        async for stored in self._blobs.stored():
            old = [one.key for one in stored if one.at < before]
            needed = await self._hub.log.needed_blobs(old) if old else set()
            for key in old:
                if key not in needed:
                    await self._blobs.delete(key)
