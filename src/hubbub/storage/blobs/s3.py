"""Blobs in a bucket, which several servers share: see `hubbub.storage.bucket`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import obstore

from hubbub.domain.errors import LogUnavailable
from hubbub.hub.fileports import NoSuchBlob, StoredBlob, place_of, thumbnail_of
from hubbub.storage.blobs.durably import RETRY_SECONDS
from hubbub.storage.bucket import Bucket

PART_BYTES = 8 * 1024 * 1024
PARTS_AT_ONCE = 2  # in memory
READ_BYTES = 1024 * 1024  # asked for at a time: what waits in memory for a slow reader
LISTED = 1000  # blobs at a time

_logger = logging.getLogger(__name__)


class S3Blobs:
    """A `hubbub.hub.fileports.Blobs` below ``s3://bucket/prefix``."""

    def __init__(self, url: str) -> None:
        """Raises `LogUnavailable`, with what is wrong with it in words."""
        self._bucket = Bucket(url, LogUnavailable)
        self._store = self._bucket.store

    async def prepare(self) -> None:
        with self._bucket.asking("cannot be used"):  # told as it is, to who starts the server
            await obstore.list_with_delimiter_async(self._store)

    async def put(self, file: Path, key: str) -> None:
        with self._asking("cannot be written"):
            await obstore.put_async(
                self._store,
                place_of(key),
                file,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        store, place = self._store, place_of(key)
        while start < end:
            upto = min(start + READ_BYTES, end)
            with self._asking("cannot be read"):
                try:
                    piece = await obstore.get_range_async(store, place, start=start, end=upto)
                except FileNotFoundError:
                    raise NoSuchBlob from None
            start = upto
            yield bytes(piece)

    async def delete(self, key: str) -> None:
        for one in (thumbnail_of(key), key):
            with self._asking("has a file that cannot be deleted"), suppress(FileNotFoundError):
                await obstore.delete_async(self._store, place_of(one))

    async def stored(self) -> AsyncIterator[Sequence[StoredBlob]]:
        with self._asking("cannot be looked into"):
            listed = obstore.list(self._store, chunk_size=LISTED)
        while True:
            with self._asking("cannot be looked into"):
                found = await asyncio.to_thread(next, listed, None)
            if found is None:
                return
            yield [
                StoredBlob(key, round(one["last_modified"].timestamp() * 1000))
                for one in found
                if "." not in (key := one["path"].rpartition("/")[2])
            ]

    @contextmanager
    def _asking(self, failure: str) -> Iterator[None]:
        """As `Bucket.asking`; who keeps the server is told why, and who uses it, that."""
        try:
            with self._bucket.asking(failure):
                yield
        except LogUnavailable as error:
            _logger.error("%s", error)
            raise LogUnavailable(
                "The server cannot store or read files just now. Its own log says why.",
                retry_after=RETRY_SECONDS,
            ) from None
