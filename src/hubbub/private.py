"""Files and folders for this user only, whatever the umask is and whatever was there before.

What people say to each other is not for everyone who has an account on this machine. And whoever
may write in a folder can lay a symbolic link there under the name of a file: none is followed, so
that a link never leads us to write, or to make private, a file that is not meant.

Windows has no such modes and owners: there, files are as private as their folder.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS = stat.S_IRWXG | stat.S_IRWXO

_OPEN = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


class StillOpen(PermissionError):
    """Others may read the file, and only its owner, who is not this user, could change that."""


def make_folder(folder: Path) -> list[Path]:
    """Makes ``folder`` and those above it, for this user only; those it made. Raises `OSError`."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
        path.chmod(0o700)  # the umask may have taken away what we need ourselves
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    return missing


def make_file(path: Path) -> int | None:
    """Makes the file if need be; one that was there is closed to others.

    Returns the mode that it had if it was open to others. Not to be used for a database that this
    process has open: to close a file drops the locks that SQLite holds on it.

    Raises `StillOpen` for what is writable and stays readable by others, and `OSError` when it is
    no plain file, or not to be opened for writing.
    """
    try:
        file = os.open(path, _OPEN | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, 0o600)
        made = True
    except FileExistsError:
        if _NO_FOLLOW and path.is_symlink():
            raise _link(path) from None
        file = os.open(path, _OPEN | _NO_FOLLOW)
        made = False
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        if sys.platform == "win32":
            return None
        if made or found.st_mode & OTHERS:
            _close_to_others(file, path)
        return None if made or not found.st_mode & OTHERS else stat.S_IMODE(found.st_mode)
    finally:
        os.close(file)


def write(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Writes the whole file, or leaves it as it was. Raises `OSError`.

    ``durable``: it is on the disk before the file is replaced, and survives a power cut.
    """
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    beside.chmod(0o600)
    beside.replace(path)
    if durable and sys.platform != "win32":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def others_may(found: os.stat_result, what: int) -> bool:
    """Whether anybody but the owner has one of the rights ``what`` (`OTHERS_WRITE`, `OTHERS`).

    A group that is the owner's alone is nobody else: many systems give each user such a group, and
    let it write what the user makes (umask 002).
    """
    mode = found.st_mode & what
    if mode & stat.S_IRWXO:
        return True
    return bool(mode & stat.S_IRWXG) and not _is_own_group(found)


def is_ours(found: os.stat_result) -> bool:
    """Whether it belongs to this user, or to root, who may do everything anyway."""
    return sys.platform == "win32" or found.st_uid in (0, os.geteuid())


def owner(found: os.stat_result) -> str:
    """The owner's name; the number of one without a name."""
    return name_of(found.st_uid)


def name_of(user: int) -> str:
    """The name of the user with this number; the number, if it has none."""
    try:
        import pwd

        return pwd.getpwuid(user).pw_name
    except (ImportError, KeyError):
        return f"user {user}"


def _is_own_group(found: os.stat_result) -> bool:
    try:
        import grp
        import pwd

        group = grp.getgrgid(found.st_gid)
        user = pwd.getpwuid(found.st_uid)
    except (ImportError, KeyError):
        return False
    return group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}


def _link(path: Path) -> OSError:
    return OSError(errno.ELOOP, "it is a symbolic link, and none is followed here", str(path))


if sys.platform != "win32":

    def _close_to_others(file: int, path: Path) -> None:
        try:
            os.fchmod(file, 0o600)
        except PermissionError as error:
            raise StillOpen(error.errno, "others may read it", str(path)) from None
