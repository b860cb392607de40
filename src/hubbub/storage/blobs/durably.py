"""Files that are on the disk when that is said, and what to say when they cannot be."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from hubbub.domain.errors import LogUnavailable

P = ParamSpec("P")
R = TypeVar("R")

RETRY_SECONDS = 10.0  # that somebody is told to wait when the disk is full, or does not answer
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_logger = logging.getLogger(__name__)


async def in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What ``work`` returns; raises `LogUnavailable` for what a disk refuses.

    Not `NoSuchBlob` or the like, which say something about what was asked for.
    """
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except OSError as error:
        raise unavailable(error) from error


def unavailable(error: OSError) -> LogUnavailable:
    """What people are told of ``error``; its keeper reads it in the server's log."""
    if error.errno in _FULL:
        _logger.error("No file can be taken: %s", error)
        return LogUnavailable(
            "The disk of this server is full, so this file cannot be taken until its keeper makes "
            "room.",
            retry_after=RETRY_SECONDS,
        )
    _logger.error("Files cannot be stored, or read: %s", error)
    return LogUnavailable(
        "The server cannot store or read files just now. Its own log says why.",
        retry_after=RETRY_SECONDS,
    )


def sync_file(path: Path) -> None:
    """What the file holds is on the disk."""
    handle = os.open(path, os.O_RDWR)  # Windows syncs only what may be written
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """What the folder names is on the disk."""
    if sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
