"""The data folder: made if need be, and one server's at a time."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from hubbub import private
from hubbub.storage import guard
from hubbub.storage.errors import FolderInUse, FolderUnusable

LOCK_FILE = "hubbub.lock"
MAX_PID_BYTES = 20  # a 64-bit number has 19 digits


def lock_folder(folder: Path) -> FileLock:
    """Makes ``folder`` and keeps other servers out of it until the lock is released, or we die.

    Raises `FolderUnusable`, `FolderInUse`, or `DatabaseUnusable` for a lock file that is not ours.
    """
    path = folder / LOCK_FILE
    lock = FileLock(
        path,
        thread_local=False,
        fallback_to_soft=False,  # a lock that outlives kill -9 would keep the next start out
        preserve_lock_file=True,
        on_acquired=_write_pid,
    )
    try:
        _make(folder)
        guard.check_folder(folder)
        if unwritable := guard.unwritable([folder]):
            raise FolderUnusable(unwritable)
        guard.make_file(path)
        lock.acquire(blocking=False)
    except Timeout:
        raise FolderInUse(_in_use(folder)) from None
    except (OSError, NotImplementedError) as error:
        raise FolderUnusable(
            f"The data folder {folder} cannot be used: {_reason(error)}. "
            "Choose another one with --data, or make this one writable."
        ) from error
    return lock


def _make(folder: Path) -> None:
    """Makes ``folder`` and those above it, so that a power cut does not take them away again."""
    for path in private.make_folder(folder):
        if os.name == "posix":
            _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_pid(handle: int) -> None:
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, str(os.getpid()).encode())


def _in_use(folder: Path) -> str:
    try:
        pid = (folder / LOCK_FILE).read_bytes()[:MAX_PID_BYTES].decode()
    except (OSError, UnicodeDecodeError):
        pid = ""  # Windows does not let others read a locked file
    who = f"Another Hubbub server (process {pid})" if pid.isdecimal() else "Another Hubbub server"
    return (
        f"{who} is using the data folder {folder}. "
        "Stop it first, or give this one another folder with --data."
    )


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
