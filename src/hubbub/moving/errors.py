"""Why rooms cannot be moved: each error is a sentence for the operator that says what to do."""

from __future__ import annotations


class MovingError(Exception):
    """Base of all. ``message`` is for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadFile(MovingError):
    """A file is not what it should be. ``file`` and ``line`` say where; ``line`` 0: not known."""

    def __init__(self, file: str, line: int, what: str) -> None:
        place = f"{file}, line {line}" if line else file
        super().__init__(f"{place}: {what}")
        self.file = file
        self.line = line


class CannotRead(MovingError):
    """A file or a folder cannot be read, or is of no format that is known."""


class CannotWrite(MovingError):
    """An export cannot be written: the disk is full, say. What was there before is as it was."""


class CannotImport(MovingError):
    """The server cannot take it as it is asked for. Nothing was changed."""


class Stopped(MovingError):
    """An import stopped in the middle: the disk is full, say. The same command goes on from there.

    No room that was not whole by then is seen by anybody.
    """
