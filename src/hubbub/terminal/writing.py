"""Writes all bytes to a file descriptor, and describes errors of the standard streams."""

from __future__ import annotations

import os
import select


class StreamFailed(OSError):
    """A standard stream cannot be used; the message is for the person."""

    def __init__(self, what: str, error: OSError) -> None:
        super().__init__(error.errno, error.strerror or str(error))
        self._what = what

    def __str__(self) -> str:
        return f"{self._what}: {self.strerror}."


def write_all(fd: int, data: bytes) -> None:
    """Writes all of ``data``, however long that takes. Raises `OSError`.

    The descriptor may be non-blocking: another program that shares the open file may have set that.
    """
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            select.select((), (fd,), ())
