"""Writes bytes to a file descriptor as a whole, and says what is wrong with a standard stream."""

from __future__ import annotations

import os
import select


class StreamFailed(OSError):
    """A standard stream that cannot be used; the text is for the person."""

    def __init__(self, what: str, error: OSError) -> None:
        super().__init__(error.errno, error.strerror or str(error))
        self._what = what

    def __str__(self) -> str:
        return f"{self._what}: {self.strerror}."


def write_all(fd: int, data: bytes) -> None:
    """Writes all of ``data``, however long that takes. Raises `OSError` when it cannot be.

    A descriptor may be non-blocking because another program has made it so: it is one file for all
    that share it.
    """
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            select.select((), (fd,), ())
