"""What the hub needs for files: where blobs are, where uploads gather, and who looks at them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from hubbub.domain.ids import UserId


class StoredBlob(Struct, frozen=True):
    """A blob that is stored under ``key`` since the time ``at`` (ms)."""

    key: str
    at: int


class Blobs(Protocol):
    """Where what files hold is stored. All raise `LogUnavailable`.

    A key is used once, and never again after its blob was deleted: so whoever deletes one need not
    wait for anybody. Beside a blob there may be a small picture of it, under `thumbnail_of` its
    key.
    """

    async def prepare(self) -> None:
        """Finds out whether it can be used."""
        ...

    async def put(self, file: Path, key: str) -> None:
        """Stores what ``file`` holds; it is on the disk then."""
        ...

    def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes ``start <= n < end``, in pieces; `NoSuchBlob` if there is no such blob."""
        ...

    async def delete(self, key: str) -> None:
        """Deletes a blob and its small picture, if they are there."""
        ...

    def stored(self) -> AsyncIterator[Sequence[StoredBlob]]:
        """All blobs, some at a time, but the small pictures."""
        ...


class NoSuchBlob(Exception):
    """It is not stored, or not any more."""


PREFIX_CHARS = 2
"""Of a key, which name the folder that its blob is in: 256 folders, with a few files each."""


def place_of(key: str) -> str:
    """Where a blob is below a folder, or in a bucket: the same, so that one is copied as it is."""
    return f"{key[:PREFIX_CHARS]}/{key}"


def thumbnail_of(key: str) -> str:
    """By what key the small picture of a blob is stored."""
    return f"{key}.thumbnail"


class Begun(Struct, frozen=True):
    """An upload: its bytes come in any number of requests. ``at``: when it began, in ms.

    ``size``: how many they will be; None as long as that is not known. ``client``: the key of the
    client whose the bytes are, for who has no account.
    """

    id: str
    owner: UserId
    name: str
    size: int | None
    at: int
    client: str = ""


class Uploads(Protocol):
    """The disk on which the bytes of uploads gather. All raise `LogUnavailable`."""

    async def load(self) -> list[tuple[Begun, int]]:
        """Those that are there from before, each with the number of its bytes."""
        ...

    async def free(self) -> int | None:
        """The bytes that the disk has left, if that is known."""
        ...

    async def begin(self, begun: Begun) -> None:
        """It is there from now on, without a byte."""
        ...

    async def spool(self, id: str) -> None:
        """Bytes may gather under ``id``, of no upload: at the next start they are gone."""
        ...

    async def append(self, id: str, offset: int, data: bytes) -> None:
        """Puts ``data`` behind the ``offset`` bytes that are there."""
        ...

    def path(self, id: str) -> Path:
        """Where its bytes are."""
        ...

    async def measured(self, file: Path) -> tuple[str, int]:
        """The SHA-256 of what ``file`` holds, in hexadecimal digits, and how many bytes it has."""
        ...

    async def delete(self, *files: Path) -> None:
        """Deletes what was made of an upload, as far as it is there yet."""
        ...

    async def drop(self, id: str) -> None:
        """Nothing of it is left."""
        ...


class Examined(Protocol):
    """What a file is found to be by what it holds: see `hubbub.pictures`.

    ``cleaned``: a file that is to be served in its place. ``thumbnail``: a small picture of it.
    Both may be deleted by who is told.
    """

    @property
    def type(self) -> str: ...

    @property
    def width(self) -> int | None: ...

    @property
    def height(self) -> int | None: ...

    @property
    def animated(self) -> bool: ...

    @property
    def cleaned(self) -> Path | None: ...

    @property
    def thumbnail(self) -> Path | None: ...


Examine = Callable[[Path, str], Awaitable[Examined]]
"""Looks at a file that somebody has called so. Raises a `ChatError` for what is not to be taken."""
