"""Backups on S3: see `hubbub.storage.bucket`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import obstore

from hubbub.storage.backup import naming
from hubbub.storage.backup.archive import Input
from hubbub.storage.backup.errors import PlaceUnusable
from hubbub.storage.backup.place import Stored, Told
from hubbub.storage.bucket import Bucket

PART_BYTES = 8 * 1024 * 1024
MAX_PARTS = 9000  # S3 takes 10,000
PARTS_AT_ONCE = 2  # in memory
READ_BYTES = 4 * 1024 * 1024  # asked for at a time, so that each can be asked for again


class S3Place:
    """A `hubbub.storage.backup.place.Place` in a bucket."""

    def __init__(self, url: str) -> None:
        """``url``: ``s3://bucket/prefix``."""
        self._bucket = Bucket(url, PlaceUnusable)
        self._store, self._asking = self._bucket.store, self._bucket.asking

    def prepare(self) -> None:
        self.stored()  # whoever may not even look is told before anything is made

    def workshop(self) -> Path | None:
        return None

    def stored(self) -> list[Stored]:
        with self._asking("cannot be looked into"):
            objects = obstore.list_with_delimiter(self._store)["objects"]
        found = []
        for one in objects:
            title = one["path"].rpartition("/")[2]
            name = naming.parse(title)
            if name is not None:
                found.append(Stored(title, self._where(title), one["size"], name.at, name.log))
        return sorted(found, key=lambda one: (one.at, one.name), reverse=True)

    def put(self, file: Path, name: str, told: Told) -> str:
        size = file.stat().st_size
        part = max(PART_BYTES, size // MAX_PARTS + 1)
        ended: list[BaseException] = []

        def parts() -> Iterator[bytes]:
            done = 0
            with file.open("rb") as source:
                while chunk := source.read(part):
                    try:
                        told(done)
                    except BaseException as error:
                        ended.append(error)
                        raise
                    yield chunk
                    done += len(chunk)

        try:
            with self._asking("cannot be written"):
                obstore.put(
                    self._store, name, parts(), chunk_size=part, max_concurrency=PARTS_AT_ONCE
                )
        except BaseException:
            if ended:
                raise ended[0] from None
            raise
        told(size)
        return self._where(name)

    @contextmanager
    def opened(self, name: str) -> Iterator[Input]:
        with self._asking(f"has no {name} that can be read"):
            size = obstore.head(self._store, name)["size"]
        yield _Object(lambda start: self._read(name, start, min(start + READ_BYTES, size)))

    def delete(self, name: str) -> None:
        with (
            self._asking("keeps an old backup that cannot be deleted"),
            suppress(FileNotFoundError),
        ):
            obstore.delete(self._store, name)

    def _read(self, name: str, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        with self._asking(f"cannot be read ({name})"):
            return bytes(obstore.get_range(self._store, name, start=start, end=end))

    def _where(self, name: str) -> str:
        return f"{self._bucket.url}/{name}"


class _Object:
    """Reads an object from its beginning, piece by piece."""

    def __init__(self, piece: Callable[[int], bytes]) -> None:
        """``piece`` returns what comes from some byte on, b"" at the end."""
        self._piece = piece
        self._at = 0
        self._rest = memoryview(b"")

    def read(self, size: int, /) -> bytes:
        if not self._rest:
            self._rest = memoryview(self._piece(self._at))
            self._at += len(self._rest)
        data, self._rest = self._rest[:size], self._rest[size:]
        return bytes(data)
