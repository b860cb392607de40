"""What lies in the data folder is this server's alone: closed to others, no links, and writable.

All of it is looked at before SQLite opens anything. SQLite finds its files by their names, so what
was looked at could be exchanged afterwards by whoever may write in the folder. A folder that we
make lets nobody in; of any other that does, the operator is warned.
"""

from __future__ import annotations

import errno
import logging
import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from hubbub import private
from hubbub.storage.errors import DatabaseUnusable, FolderUnusable

ENDS = ("", "-wal", "-shm", "-journal")
"""The ends of the names of SQLite's files: the database's own, and those beside it."""

_logger = logging.getLogger(__name__)


def check_folder(folder: Path) -> None:
    """Warns if others may look into ``folder``. Raises `FolderUnusable` for a stranger's link."""
    if sys.platform == "win32":
        return
    link = folder.lstat()
    if folder.is_symlink() and not private.is_ours(link):
        raise FolderUnusable(
            f"The data folder {folder} is a symbolic link of {private.owner(link)}, who could lead "
            "it elsewhere at any time. Name the folder that it leads to with --data."
        )
    found = folder.stat()
    if not private.is_ours(found):
        _logger.warning(
            "The data folder %s belongs to %s, who can read and change all that is in it. "
            "To make it this server's: chown %s %s",
            folder,
            private.owner(found),
            _me(),
            _quoted(folder),
        )
    if private.others_may(found, private.OTHERS):
        writes = private.others_may(found, private.OTHERS_WRITE)
        _logger.warning(
            "Others on this computer may %s the data folder %s (mode %o). "
            "To close it: chmod 700 %s",
            "change what is in" if writes else "look into",
            folder,
            found.st_mode & 0o777,
            _quoted(folder),
        )


def make_file(path: Path) -> None:
    """Makes ``path`` if need be; closes it to others. Raises `DatabaseUnusable` if it is not ours.

    That is: a link, no file, or one that cannot be written.
    """
    try:
        was = private.make_file(path)
    except private.StillOpen:
        _logger.warning(
            "Others on this computer may read %s, which belongs to %s. To close it: chmod 600 %s",
            path,
            private.owner(path.stat()),
            _quoted(path),
        )
        return
    except OSError as error:
        raise _refused(path, error) from error
    if was is not None:
        _logger.warning(
            "Others on this computer could read %s (mode %o). It is closed to them now.", path, was
        )


def close_all(database: Path) -> None:
    """Does so with those of the database's files that are there."""
    for path in files_of(database):
        # Not exists(), which follows a link: one that leads nowhere is a link, too.
        if os.path.lexists(path):
            make_file(path)


def files_of(database: Path) -> list[Path]:
    """All that SQLite may keep of that database."""
    return [database.with_name(database.name + end) for end in ENDS]


def unwritable(paths: Iterable[Path]) -> str | None:
    """Says which of ``paths`` this user may not write, whose it is, and the cure; None if none."""
    for path in paths:
        if path.exists() and not os.access(path, os.W_OK | (os.X_OK if path.is_dir() else 0)):
            return _cannot_write(path)
    return None


def _refused(path: Path, error: OSError) -> DatabaseUnusable:
    if error.errno == errno.ELOOP:
        return DatabaseUnusable(
            f"{path} is a symbolic link. Hubbub follows none there: who lays one could have it "
            "overwrite any file. To keep the data elsewhere, name that folder with --data, or let "
            "the data folder itself be the link."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DatabaseUnusable(_cannot_write(path, error.errno))
    return DatabaseUnusable(
        f"{path} cannot be used: {error.strerror}. "
        "Move it away, or choose another data folder with --data."
    )


def _cannot_write(path: Path, number: int | None = None) -> str:
    """A sentence for the operator: what is wrong with ``path``, and what mends it."""
    folder = path if path.is_dir() else path.parent
    if number == errno.EROFS or _is_read_only(path):
        return (
            f"{path} cannot be written: its disk is there for reading only. "
            "Have it mounted for writing, or choose another data folder with --data."
        )
    if sys.platform == "win32":
        return f"{path} cannot be written. Choose another data folder with --data."
    found = path.stat()
    if found.st_uid != os.geteuid():
        return (
            f"{path} cannot be written: it belongs to {private.owner(found)}, and this server runs "
            f"as {_me()}. To hand it over: sudo chown -R {_me()} {_quoted(folder)}"
        )
    rights = "u+rwx" if path.is_dir() else "u+rw"
    return (
        f"{path} cannot be written, though it is yours (mode {found.st_mode & 0o777:o}). "
        f"To mend that: chmod {rights} {_quoted(path)}"
    )


def _is_read_only(path: Path) -> bool:
    if sys.platform == "win32":
        return False
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _me() -> str:
    if sys.platform == "win32":
        return ""
    name = private.name_of(os.geteuid())
    return name if not name.startswith("user ") else str(os.geteuid())


def _quoted(path: Path) -> str:
    return shlex.quote(str(path.absolute()))
