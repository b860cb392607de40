"""The standard streams of a command: a full disk or a reader that is gone ends in a sentence."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from hubbub.cli.failing import EXIT_FAILED


def complain(message: str) -> None:
    """Tells the person why a command cannot do its work, if anybody listens."""
    try:
        sys.stderr.write(f"hubbub: {message}\n")
        sys.stderr.flush()
    except OSError:
        _give_up(sys.stderr)


def stdout_fails() -> bool:
    """Whether an `OSError` was that of what we write: the same text fails again."""
    try:
        _flush()
    except OSError:
        return True
    return False


def finish(code: object) -> object:
    """What a command exits with: ``code``, if all that it has written is written."""
    try:
        _flush()
    except BrokenPipeError:
        pass  # who has read enough needs no word about it
    except OSError as error:
        complain(f"What there is to say cannot be written: {error.strerror or error}.")
    else:
        return code
    _give_up(sys.stdout)
    return code or EXIT_FAILED


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _give_up(stream: TextIO) -> None:
    """What is still in its buffer goes nowhere: Python would try it again, and exit with 120."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
