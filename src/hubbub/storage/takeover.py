"""What another process left in SQLite's write-ahead log is made certain before it is shown."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sqlalchemy import Engine

COPY_BYTES = 1024 * 1024
FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def take_over(engine: Engine, path: Path) -> bool:
    """Makes sure that all that is in the log of the database ``path`` is on disk.

    Whether anything was in it: who closes a database leaves an empty one behind.

    Who was killed between writing and syncing a commit has left it whole in the file and perhaps
    nowhere on the disk, and SQLite reads it as saved. A sync alone would not do: after one that
    failed the system takes pages for written that are not
    (https://wiki.postgresql.org/wiki/Fsync_Errors). Only what is written anew is certain; the
    bytes stay what they are, so that nothing can break while they are.

    Raises what the database raises, and OSError.
    """
    with engine.begin():  # nobody else writes meanwhile
        try:
            handle = os.open(path.with_name(f"{path.name}-wal"), FLAGS)
        except FileNotFoundError:
            return False
        with os.fdopen(handle, "r+b") as file:
            found = False
            while data := file.read(COPY_BYTES):
                found = True
                file.seek(-len(data), os.SEEK_CUR)
                file.write(data)
            file.flush()
            sync(file.fileno())
            return found


def sync(file: int) -> None:
    """Returns when what was written to ``file`` is on the disk itself."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(file, fcntl.F_FULLFSYNC)  # fsync leaves it in the disk's own cache
    else:
        os.fsync(file)
