"""Uploads that gather in a folder: their bytes in one file, what they are in another beside it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage

import msgspec

from hubbub.hub.fileports import Begun
from hubbub.private import make_folder, write
from hubbub.storage.blobs.durably import in_thread

FOLDER = "uploads"
"""Its name in the data folder."""

ABOUT = ".json"
"""The ending of the file that tells what an upload is."""


class UploadFolder:
    """A `hubbub.hub.fileports.Uploads` in a folder of one server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def load(self) -> list[tuple[Begun, int]]:
        return await in_thread(self._load)

    async def free(self) -> int | None:
        return (await in_thread(disk_usage, self._folder)).free

    async def begin(self, begun: Begun) -> None:
        await in_thread(self._begin, begun)

    async def spool(self, id: str) -> None:
        await in_thread(_emptied, self.path(id))

    async def append(self, id: str, offset: int, data: bytes) -> None:
        await in_thread(_append, self.path(id), offset, data)

    def path(self, id: str) -> Path:
        return self._folder / id

    async def measured(self, file: Path) -> tuple[str, int]:
        return await in_thread(_measured, file)

    async def delete(self, *files: Path) -> None:
        await in_thread(_delete, files)

    async def drop(self, id: str) -> None:
        await in_thread(self._drop, id)

    def _load(self) -> list[tuple[Begun, int]]:
        """What is half of an upload, as after a crash, is deleted."""
        make_folder(self._folder)
        found = []
        for path in sorted(self._folder.iterdir()):
            if path.suffix == ABOUT:
                with suppress(OSError, msgspec.MsgspecError):
                    begun = msgspec.json.decode(path.read_bytes(), type=Begun)
                    found.append((begun, self.path(begun.id).stat().st_size))
        known = {begun.id for begun, _ in found}
        for path in self._folder.iterdir():
            if path.name.removesuffix(ABOUT) not in known:
                path.unlink(missing_ok=True)
        return found

    def _begin(self, begun: Begun) -> None:
        path = self.path(begun.id)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            write(self._about(begun.id), msgspec.json.encode(begun))
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _drop(self, id: str) -> None:
        for path in (self._about(id), self.path(id)):
            path.unlink(missing_ok=True)

    def _about(self, id: str) -> Path:
        return self._folder / f"{id}{ABOUT}"


def _emptied(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))


def _append(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b", buffering=0) as file:
        try:
            file.seek(offset)
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
        except OSError:
            with suppress(OSError):
                file.truncate(offset)  # a full disk has taken a part, of which nobody was told
            raise


def _measured(file: Path) -> tuple[str, int]:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest(), source.tell()


def _delete(files: Sequence[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
