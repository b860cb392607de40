"""One set-up at a time: a lock on a file, and in the file whether the last set-up got through.

The operating system holds the lock and drops it when the process ends, however that ends. It also
lasts as long as any child process that was handed it (`inherited`): a pip that outlives a killed
start is waited for, not disturbed.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

UNFINISHED = b"A set-up is under way, or was interrupted.\n"


class Turn:
    def __init__(self, fd: int) -> None:
        self._fd = fd
        # Read once, at the start: did the set-up before this one begin and not finish?
        self.found_unfinished = os.fstat(fd).st_size > 0

    def begin(self) -> None:
        os.ftruncate(self._fd, 0)
        os.lseek(self._fd, 0, os.SEEK_SET)
        os.write(self._fd, UNFINISHED)

    def finish(self) -> None:
        os.ftruncate(self._fd, 0)

    @property
    def inherited(self) -> tuple[int, ...]:
        """For `subprocess`'s `pass_fds`, which Windows does not have."""
        return () if sys.platform == "win32" else (self._fd,)


@contextlib.contextmanager
def take_turn(path: Path, on_wait: Callable[[], None]) -> Iterator[Turn]:
    """Wait until no one else has the turn; `on_wait` is called first if someone has.

    Raises OSError where the file cannot be made or written.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(fd, on_wait)
        yield Turn(fd)
    finally:
        os.close(fd)


if sys.platform == "win32":
    import msvcrt

    FAR_BYTE = 1 << 30  # a lock on Windows keeps others from reading what it covers: cover nothing

    def _lock(fd: int, on_wait: Callable[[], None]) -> None:
        os.lseek(fd, FAR_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            on_wait()
            while True:
                with contextlib.suppress(OSError):  # raised after ten seconds of waiting
                    msvcrt.locking(fd, msvcrt.LK_LOCK, 1)
                    return

else:
    import fcntl

    def _lock(fd: int, on_wait: Callable[[], None]) -> None:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(fd, fcntl.LOCK_EX)
