"""The files of the data folder that a backup has beside the database."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from hubbub.storage.backup import archive
from hubbub.storage.backup.archive import Check
from hubbub.storage.backup.errors import BackupFailed
from hubbub.storage.backup.manifest import (
    KEPT_FOLDERS,
    MAX_FILES,
    FileContents,
    may_be_restored,
)

_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

_logger = logging.getLogger(__name__)


def hold(folder: Path, into: Path) -> None:
    """Puts all of it into the empty folder ``into``, where it stays as it is now.

    What people take back meanwhile is deleted from ``folder``, and does not end the backup. Raises
    `OSError`.
    """
    for name in _names(folder):
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            try:
                path.hardlink_to(folder / name)
            except FileNotFoundError:
                raise
            except OSError:  # a disk that knows no links
                shutil.copyfile(folder / name, path)
        except FileNotFoundError:
            continue


def kept(folder: Path, check: Check) -> list[FileContents]:
    """What there is, by name. Links are not followed. Raises `OSError`, `BackupFailed`."""
    found: list[FileContents] = []
    for name in sorted(_names(folder)):
        if not may_be_restored(name):
            _logger.warning(
                "The backup is without %s: none of Hubbub's files has such a name.", name
            )
            continue
        if len(found) == MAX_FILES:
            raise BackupFailed(f"There are more than {MAX_FILES:,} files in {folder}.")
        with opened(folder, name) as file:
            contents = archive.contents(file, check)
        found.append(FileContents(contents.bytes, contents.sha256, name))
    return found


def opened(folder: Path, name: str) -> BinaryIO:
    """The file of that name under the data folder. Raises `OSError`."""
    return os.fdopen(os.open(folder / name, _OPEN), "rb")


def _names(folder: Path) -> Iterator[str]:
    for top in KEPT_FOLDERS:
        if (folder / top).is_symlink():
            _logger.warning("The backup is without %s, which is a link.", folder / top)
            continue
        for where, _, files in os.walk(folder / top):
            for file in files:
                path = Path(where, file)
                if path.is_file() and not path.is_symlink():
                    yield path.relative_to(folder).as_posix()
