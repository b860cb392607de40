"""What is asked on the socket of a running server, and where that is; see `hubbub.admin.socket`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Raw, Struct

NAME = "admin.sock"
MAX_PATH_BYTES = 100  # of a Unix socket: sun_path has 104 on macOS and the BSDs, and 108 on Linux


class CannotListen(Exception):
    """There can be no such socket here. The text is for who keeps the server."""


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for."""

    task: str
    arguments: Raw = Raw(b"{}")


class Progress(Struct, frozen=True, omit_defaults=True):
    """How far a task has come: ``what`` it does now, and ``done`` of so many ``of``."""

    what: str
    done: int = 0
    of: int = 0


@contextlib.contextmanager
def reachable(folder: Path) -> Iterator[str]:
    """A path of the socket in ``folder`` that is short enough to be used.

    Raises `CannotListen`, and `OSError` for a folder that cannot be entered.
    """
    path = str(folder / NAME)
    if len(os.fsencode(path)) <= MAX_PATH_BYTES:
        yield path
        return
    if sys.platform != "linux":
        raise CannotListen(
            f"the path {path} is too long for a socket. Choose a folder with a shorter one."
        )
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{NAME}"
    finally:
        os.close(handle)
