"""The data folder: made if need be, and one server's at a time."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from filelock import FileLock, Timeout

from hubbub import private
from hubbub.storage import guard
from hubbub.storage.errors import FolderInUse, FolderUnusable
from hubbub.storage.opened import OpenFiles

NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # flock(2) and fcntl(2) say these
LOCK_FILE = "hubbub.lock"
MAX_PID_BYTES = 20  # a 64-bit number has 19 digits


class FolderLock:
    """A folder that no other server may use. `lock_folder` makes it.

    It is a lock on a file, which tells who has it, and where the system can do that, one on the
    folder itself, which nobody can remove from under us.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle = _lock_itself(folder)
        try:
            self._lock_file()
        except BaseException:
            self._close_handle()
            raise

    def renew(self) -> None:
        """Makes the lock file again if it was removed.

        Raises `FolderInUse` if another server was quicker, and `OSError`.
        """
        if self._files.lost() is not None and self._folder.is_dir():
            self._file.release()
            self._lock_file()

    def release(self) -> None:
        """Lets others in."""
        self._file.release()
        self._close_handle()

    def _lock_file(self) -> None:
        path = self._folder / LOCK_FILE
        guard.make_file(path)
        self._file = FileLock(
            path,
            thread_local=False,
            fallback_to_soft=False,  # a lock that outlives kill -9 would keep the next start out
            preserve_lock_file=True,
            on_acquired=_write_pid,
        )
        try:
            self._file.acquire(blocking=False)
        except Timeout:
            raise FolderInUse(_in_use(self._folder)) from None
        self._files = OpenFiles([path])

    def _close_handle(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def lock_folder(folder: Path) -> FolderLock:
    """Makes ``folder`` and keeps other servers out of it until the lock is released, or we die.

    Raises `FolderUnusable`, `FolderInUse`, or `DatabaseUnusable` for a lock file that is not ours.
    """
    try:
        _make(folder)
        guard.check_folder(folder)
        if unwritable := guard.unwritable([folder]):
            raise FolderUnusable(unwritable)
        return FolderLock(folder)
    except (OSError, NotImplementedError) as error:
        if getattr(error, "errno", None) in NO_LOCKS:
            raise FolderUnusable(
                f"The data folder {folder} cannot be used: its file system has no locks, as on "
                "some network drives. Choose a folder on a disk of this computer with --data."
            ) from error
        raise FolderUnusable(
            f"The data folder {folder} cannot be used: {_reason(error)}. "
            "Choose another one with --data, or make this one writable."
        ) from error


def is_in_use(folder: Path) -> bool:
    """Whether a server has that folder, maybe one that is starting, as far as can be found out.

    The folder is locked for a moment if none has it; no file is made.
    """
    try:
        handle = _lock_itself(folder)
    except FolderInUse:
        return True
    except OSError:  # there is none, or it is not ours
        return False
    if handle is not None:
        os.close(handle)
    return False


def _lock_itself(folder: Path) -> int | None:
    """An open, locked ``folder``; None where folders cannot be locked. Raises `FolderInUse`."""
    if sys.platform == "win32":
        return None  # and there nobody can remove a file that is open
    import fcntl

    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise FolderInUse(_in_use(folder)) from None
        return None  # some file systems of networks lock only what is open for writing
    return handle


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
