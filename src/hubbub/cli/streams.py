"""Errors of the standard output, such as a full disk or a closed pipe, as one sentence."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TextIO

from hubbub.cli.failing import EXIT_FAILED

_NOT_TAKEN = (errno.ENOSPC, errno.EPIPE, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EAGAIN)


def complain(message: str) -> None:
    """Writes why a command failed to the standard error, if that is open.

    Names of files and rooms in it may be anybody's: they change nothing on the screen.
    """
    from hubbub.terminal.safe import safe_lines

    try:
        sys.stderr.write("hubbub: " + "\n".join(safe_lines(message)) + "\n")
        sys.stderr.flush()
    except OSError:
        _give_up(sys.stderr)


def is_of_stdout(error: OSError) -> bool:
    """Whether it is an error of writing to a stream: it has no file name."""
    return error.filename is None and error.errno in _NOT_TAKEN


def finish(code: object) -> object:
    """Flushes the standard output. Returns ``code``, or another exit code if that fails."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        failed = not_written(error)
        return code or failed
    return code


def not_written(error: OSError) -> int:
    """Reports an error of the standard output. Returns the exit code for it."""
    if not isinstance(error, BrokenPipeError):  # a reader that has closed the pipe has read enough
        complain(f"What there is to say cannot be written: {error.strerror or error}.")
    _give_up(sys.stdout)
    return EXIT_FAILED


def _give_up(stream: TextIO) -> None:
    """Discards the buffered output: Python would flush it again at exit, and exit with 120."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
