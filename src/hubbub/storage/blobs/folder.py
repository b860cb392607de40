"""Blobs in a folder of one server: each is a file, named by its key."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path

from hubbub.hub.fairqueue import to_its_end
from hubbub.hub.fileports import NoSuchBlob, StoredBlob, place_of, thumbnail_of
from hubbub.private import make_folder
from hubbub.storage.blobs.durably import in_thread, sync_file, sync_folder

FOLDER = "files"
"""Its name in the data folder."""

READ_BYTES = 64 * 1024  # at a time: what a socket takes at once
NEW = ".new"
"""How a file is called that comes from another disk, as long as it is not whole."""


class FolderBlobs:
    """A `hubbub.hub.fileports.Blobs` in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def prepare(self) -> None:
        await in_thread(make_folder, self._folder)

    async def put(self, file: Path, key: str) -> None:
        await in_thread(self._put, file, key)

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        file = await in_thread(_opened, self.path(key), start)
        try:
            while start < end:
                piece = await to_its_end(in_thread(file.read, min(READ_BYTES, end - start)))
                if not piece:
                    raise NoSuchBlob
                start += len(piece)
                yield piece
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        await in_thread(self._delete, key)

    async def stored(self) -> AsyncIterator[Sequence[StoredBlob]]:
        for folder in await in_thread(self._folders):
            yield await in_thread(_listed, folder)

    def path(self, key: str) -> Path:
        """Where the blob is."""
        return self._folder / place_of(key)

    def _put(self, file: Path, key: str) -> None:
        path = self.path(key)
        os.utime(file)  # how old the blob is: its bytes may have waited here for days
        sync_file(file)
        made = make_folder(path.parent)
        try:
            path.hardlink_to(file)
        except OSError:  # another disk, or one that knows no links
            beside = path.with_name(path.name + NEW)
            try:
                shutil.copyfile(file, beside)
                sync_file(beside)
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
        path.chmod(0o600)
        for folder in (path.parent, *(one.parent for one in made)):
            sync_folder(folder)

    def _delete(self, key: str) -> None:
        for path in (self.path(thumbnail_of(key)), self.path(key)):
            path.unlink(missing_ok=True)
        with suppress(OSError):
            sync_folder(self.path(key).parent)

    def _folders(self) -> list[Path]:
        return sorted(one for one in self._folder.iterdir() if one.is_dir())


def _opened(path: Path, start: int) -> FileIO:
    try:
        file = FileIO(path)
    except FileNotFoundError:
        raise NoSuchBlob from None
    file.seek(start)
    return file


def _listed(folder: Path) -> list[StoredBlob]:
    found = []
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # deleted meanwhile
            if "." not in path.name:
                found.append(StoredBlob(path.name, path.stat().st_mtime_ns // 1_000_000))
    return found
