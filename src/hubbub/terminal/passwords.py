"""The password of a program that nobody watches: never an argument, which `ps` shows to all."""

from __future__ import annotations

import os

VARIABLE = "HUBBUB_PASSWORD"
MOST_BYTES = 4096  # of a password, far beyond what servers take

NO_PASSWORD = (
    f"A program gives it in ${VARIABLE}; send and tail also take it from a file "
    "descriptor, with --password-fd."
)


def given_password(fd: int | None) -> str | None:
    """The first line of the file descriptor ``fd``, else what the environment has; None if neither.

    Raises `OSError` for a descriptor that cannot be read.
    """
    if fd is None:
        return os.environ.get(VARIABLE) or None
    read = b""
    while len(read) < MOST_BYTES and b"\n" not in read and (more := os.read(fd, MOST_BYTES)):
        read += more
    line = read.split(b"\n", 1)[0].removesuffix(b"\r")
    return line.decode(errors="replace") or None
