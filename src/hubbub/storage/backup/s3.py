"""Backups on S3, or what speaks its protocol: Garage, MinIO, Ceph, R2, B2 …

Credentials come from the environment, as for all programs that use S3: ``AWS_ACCESS_KEY_ID``,
``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``, ``AWS_ENDPOINT_URL`` for a server of another keeper. No
error shows more of an answer than its code: what a server sends along may have secrets in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from hubbub.storage.backup import naming
from hubbub.storage.backup.archive import Input
from hubbub.storage.backup.errors import PlaceUnusable
from hubbub.storage.backup.place import Stored, Told

PART_BYTES = 8 * 1024 * 1024
MAX_PARTS = 9000  # S3 takes 10,000
PARTS_AT_ONCE = 2  # in memory
READ_BYTES = 4 * 1024 * 1024  # asked for at a time, so that each can be asked for again
CONNECT_SECONDS = 5
ANSWER_SECONDS = 600  # for one part, through a slow line
RETRIES = 3
RETRY_SECONDS = 120

ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
CREDENTIALS = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
"""Others than keys: one of these is set where Amazon's own machines bring some."""

SCHEME = "s3://"
REFUSED = ("401", "403")
METADATA = "169.254.169.254"  # whom machines of Amazon's ask for credentials
FAILURES = (BaseError, OSError, ValueError)
"""What obstore raises: FileNotFoundError, for one, is none of its own."""

PANIC = "PanicException"
"""The type of what a defect in Rust raises. It is no `Exception`, so it would end the server."""

_ENDPOINT = re.compile(r"https?://[^/?#\s]+/?")
_CODE = re.compile(r"<Code>([A-Za-z]{3,60})</Code>")
_MISSING = re.compile(r"Missing \w*(Key|key)")
_STATUS = re.compile(r"status code: (\d{3})")


class S3Place:
    """A `hubbub.storage.backup.place.Place` in a bucket."""

    def __init__(self, url: str) -> None:
        """``url``: ``s3://bucket/prefix``."""
        bucket, _, prefix = url.removeprefix(SCHEME).partition("/")
        self._bucket = bucket
        self._url = SCHEME + "/".join(part for part in (bucket, prefix.strip("/")) if part)
        endpoint = next(filter(None, map(os.environ.get, ENDPOINT_VARIABLES)), "")
        if endpoint and not _ENDPOINT.fullmatch(endpoint):
            raise PlaceUnusable(
                f"{self._url} cannot be used: {ENDPOINT_VARIABLES[1]} has to be an address such as "
                "https://s3.example.org."
            )
        with self._asking("cannot be used"):
            self._store = S3Store(
                bucket,
                endpoint=endpoint or None,
                prefix=prefix.strip("/") or None,
                client_options={
                    # Who names an address without encryption means it.
                    "allow_http": endpoint.startswith("http://"),
                    "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                    "timeout": timedelta(seconds=ANSWER_SECONDS),
                },
                retry_config={
                    "max_retries": RETRIES,
                    "retry_timeout": timedelta(seconds=RETRY_SECONDS),
                },
            )

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
        return f"{self._url}/{name}"

    @contextmanager
    def _asking(self, failure: str) -> Iterator[None]:
        try:
            yield
        except FAILURES as error:
            raise PlaceUnusable(f"{self._url} {failure}: {self._why(error)}") from None
        except BaseException as error:
            if type(error).__name__ != PANIC:
                raise
            raise PlaceUnusable(f"{self._url} {failure}: a defect ({error})") from None

    def _why(self, error: Exception) -> str:
        told = str(error)
        code = found[1] if (found := _CODE.search(told)) else ""
        if code == "NoSuchBucket":
            return f"there is no bucket {self._bucket}. Make it first."
        if isinstance(error, FileNotFoundError):
            return "it is not there."
        status = found[1] if (found := _STATUS.search(told)) else ""
        if status in REFUSED or METADATA in told or _MISSING.search(told):
            if not all(name in os.environ for name in KEYS) and not _has_others():
                return f"there are no credentials in the environment ({' and '.join(KEYS)})."
            return (
                f"the credentials in the environment are not accepted{_named(code)}. They have to "
                "allow listing, reading, writing and deleting there."
            )
        if code or status:
            return f"the server of the bucket refuses it{_named(code or status)}."
        endpoint = ENDPOINT_VARIABLES[1]
        return f"the server of the bucket does not answer. Check the network, and {endpoint}."


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


def _has_others() -> bool:
    return any(name in os.environ for name in CREDENTIALS)


def _named(code: str) -> str:
    return f" ({code})" if code else ""
