"""The folder of an export: for this user only, and under its name when it is whole."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

from hubbub.moving.errors import CannotWrite
from hubbub.private import make_folder


class OutFolder:
    """Writes files into a folder beside its place, which it takes with `finish`.

    Raises `CannotWrite`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.bytes = 0
        if path.exists():
            raise CannotWrite(f"{path} is there already. Choose another name, or remove it.")
        try:
            beside = tempfile.mkdtemp(prefix=f"{path.name}.part-", dir=path.parent)  # 0700
            self._beside = Path(beside)
        except OSError as error:
            raise self._failed(error) from None

    async def write(self, name: str, data: bytes) -> None:
        """A file; ``name`` may have folders, with "/" between them."""
        self.bytes += len(data)
        try:
            await asyncio.to_thread(self._write, name, data)
        except OSError as error:
            raise self._failed(error) from None

    async def copy(self, name: str, pieces: AsyncIterator[bytes]) -> None:
        """A file with what ``pieces`` hold; if they end with an error, there is none."""
        try:
            file = await asyncio.to_thread(self._opened, name)
        except OSError as error:
            raise self._failed(error) from None
        try:
            async for piece in pieces:
                await self._add(file.write, piece)
            size = file.tell()
            await self._add(file.close)
        except BaseException:
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                (self._beside / name).unlink(missing_ok=True)
            raise
        self.bytes += size

    async def finish(self) -> None:
        """All is written."""
        try:
            await asyncio.to_thread(self._beside.rename, self._path)
        except OSError as error:
            raise self._failed(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """What is not finished is removed."""
        shutil.rmtree(self._beside, ignore_errors=True)

    async def _add(self, work: Callable[..., object], *data: bytes) -> None:
        try:
            await asyncio.to_thread(work, *data)
        except OSError as error:
            raise self._failed(error) from None

    def _write(self, name: str, data: bytes) -> None:
        with self._opened(name) as file:
            file.write(data)

    def _opened(self, name: str) -> BinaryIO:
        path = self._beside / name
        make_folder(path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        return os.fdopen(os.open(path, flags, 0o600), "wb")

    def _failed(self, error: OSError) -> CannotWrite:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return CannotWrite(f"{self._path} cannot be written: {reason}.")
