"""Backups in a folder, which may be on the disk of another computer."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from hubbub import private
from hubbub.storage.backup import naming
from hubbub.storage.backup.archive import Input
from hubbub.storage.backup.errors import PlaceUnusable, of_disk
from hubbub.storage.backup.place import Stored, Told

PART = ".part"
"""The end of the name of a file that is not whole yet."""


class FolderPlace:
    """A `hubbub.storage.backup.place.Place` on a disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        try:
            make_folder(self._folder)
        except OSError as error:
            raise of_disk(error, "Backups cannot be put there", self._folder) from error
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise PlaceUnusable(
                f"Backups cannot be put there: this user may not write in {self._folder}."
            )

    def workshop(self) -> Path | None:
        return self._folder

    def stored(self) -> list[Stored]:
        found = []
        try:
            for entry in os.scandir(self._folder):
                name = naming.parse(entry.name)
                if name is not None and entry.is_file(follow_symlinks=False):
                    size = entry.stat(follow_symlinks=False).st_size
                    found.append(Stored(entry.name, entry.path, size, name.at, name.log))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise of_disk(error, "Backups cannot be looked for", self._folder) from error
        return sorted(found, key=lambda one: (one.at, one.name), reverse=True)

    def put(self, file: Path, name: str, told: Told) -> str:
        path = self._folder / name
        size = file.stat().st_size
        told(0)
        try:
            file.rename(path)
            sync(self._folder)
        except OSError as error:
            raise of_disk(error, "The backup cannot be put there", path) from error
        told(size)
        return str(path)

    def opened(self, name: str) -> AbstractContextManager[Input]:
        path = self._folder / name
        try:
            return path.open("rb")
        except OSError as error:
            raise of_disk(error, "The backup cannot be read", path) from error

    def delete(self, name: str) -> None:
        path = self._folder / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise of_disk(error, "An old backup cannot be deleted", path) from error


def make_folder(folder: Path) -> list[Path]:
    """Makes ``folder`` and those above it, so that a power cut does not take them away again.

    Returns those it made. Raises `OSError`.
    """
    made = private.make_folder(folder)
    for path in made:
        sync(path.parent)
    return made


def hand_over(paths: Iterable[Path], folder: Path) -> None:
    """Gives them to the owner of ``folder``, if root has made them: to the user of a service.

    Raises `OSError`.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    owner = folder.stat()
    for path in paths:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def remove_folder(folder: Path) -> None:
    """Removes it with all that is in it, if it is there; a link alone. Raises `OSError`."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def sync(folder: Path) -> None:
    """Returns when the names in ``folder`` are on the disk, where the system can do that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
