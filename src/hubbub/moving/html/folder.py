"""The folder of an export: for this user only, and under its name when it is whole."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import Self

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

    def _write(self, name: str, data: bytes) -> None:
        path = self._beside / name
        make_folder(path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(data)

    def _failed(self, error: OSError) -> CannotWrite:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return CannotWrite(f"{self._path} cannot be written: {reason}.")
