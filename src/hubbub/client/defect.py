"""An unexpected error in words that a person can report."""

from __future__ import annotations

import traceback
from pathlib import Path

MOST_CHARS = 200  # of an error's own text


def first(error: BaseException) -> BaseException:
    """The error itself: the first one of a group, and of groups in it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def words(error: BaseException) -> str:
    """The error's type, its text, and the file and line where it was raised."""
    error = first(error)
    text = " ".join(str(error).split())
    text = f"{text[: MOST_CHARS - 1]}…" if len(text) > MOST_CHARS else text
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    place = f" (in {Path(frames[0].filename).name}, line {frames[0].lineno})" if frames else ""
    return said + place
