"""What can be wrong with a backup or the place for it: sentences for the operator."""

from __future__ import annotations

import errno
from pathlib import Path

from hubbub.storage.errors import StorageError


class BackupFailed(StorageError):
    """It was not made, read or restored. The text says why, and what to do."""


class BackupBusy(BackupFailed):
    """Another one is being made of the same folder."""


class NotABackup(BackupFailed):
    """The file is no backup of Hubbub."""


class DamagedBackup(BackupFailed):
    """The backup is not what was written: cut off, or changed."""


class NewerBackup(BackupFailed):
    """The backup was made by a version of Hubbub that is newer than this one."""


class RestoreRefused(BackupFailed):
    """Something is in the way where the backup was to be restored."""


class NoRoom(BackupFailed):
    """The disk has too little room left."""


class PlaceUnusable(BackupFailed):
    """Where backups are kept cannot be reached, read or written."""


class Stopped(Exception):
    """The work was to end. Nothing of it is left."""


def of_disk(error: OSError, doing: str, path: Path) -> BackupFailed:
    """What ``error`` means that came while ``doing`` something at ``path``."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return NoRoom(f"{doing}: the disk of {path} is full. Make room there, then try again.")
    return PlaceUnusable(f"{doing}: {path}: {error.strerror or error}.")
