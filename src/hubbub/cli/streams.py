"""The standard streams of a command: a full disk or a reader that is gone ends in a sentence."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TextIO

from hubbub.cli.failing import EXIT_FAILED

_NOT_TAKEN = (errno.ENOSPC, errno.EPIPE, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EAGAIN)


def complain(message: str) -> None:
    """Tells the person why a command cannot do its work, if anybody listens."""
    try:
        sys.stderr.write(f"hubbub: {message}\n")
        sys.stderr.flush()
    except OSError:
        _give_up(sys.stderr)


def is_of_stdout(error: OSError) -> bool:
    """Whether it tells that what was written, to no file of a name, is not taken."""
    return error.filename is None and error.errno in _NOT_TAKEN


def finish(code: object) -> object:
    """What a command exits with: ``code``, if all that it has written is written."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        failed = not_written(error)
        return code or failed
    return code


def not_written(error: OSError) -> int:
    """Tells that the standard output takes nothing; the exit code for it."""
    if not isinstance(error, BrokenPipeError):  # who has read enough needs no word about it
        complain(f"What there is to say cannot be written: {error.strerror or error}.")
    _give_up(sys.stdout)
    return EXIT_FAILED


def _give_up(stream: TextIO) -> None:
    """What is still in its buffer goes nowhere: Python would try it again, and exit with 120."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
