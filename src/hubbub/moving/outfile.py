"""The file of an export: for this user only, and under its name when it is whole."""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

from hubbub.moving.errors import CannotWrite

BUFFER_BYTES = 1024 * 1024  # that are written at a time, in a thread: the loop waits for no disk


class OutFile:
    """Writes a file beside its place, which it takes with `finish`. Raises `CannotWrite`.

    What was there under that name is as it was until then.
    """

    def __init__(self, path: Path, *, replace: bool = False) -> None:
        self._path = path
        self._buffer: list[bytes] = []
        self._waiting = 0
        self.bytes = 0
        if not replace and path.exists():
            raise CannotWrite(f"{path} is there already. Choose another name, or remove it.")
        try:
            file, beside = tempfile.mkstemp(prefix=f"{path.name}.part-", dir=path.parent)  # 0600
            self._beside = Path(beside)
            self._file: BinaryIO = os.fdopen(file, "wb")
        except OSError as error:
            raise self._failed(error) from None

    async def write(self, data: bytes) -> None:
        """Adds ``data``."""
        self._buffer.append(data)
        self._waiting += len(data)
        self.bytes += len(data)
        if self._waiting >= BUFFER_BYTES:
            await self._flush()

    async def finish(self) -> None:
        """All is written: the file is on disk, under its name."""
        await self._flush()
        try:
            await asyncio.to_thread(self._save)
        except OSError as error:
            raise self._failed(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """What is not finished is removed."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._beside.unlink(missing_ok=True)

    async def _flush(self) -> None:
        data, self._buffer, self._waiting = b"".join(self._buffer), [], 0
        try:
            await asyncio.to_thread(self._file.write, data)
        except OSError as error:
            raise self._failed(error) from None

    def _save(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._beside.replace(self._path)

    def _failed(self, error: OSError) -> CannotWrite:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return CannotWrite(f"{self._path} cannot be written: {reason}.")
