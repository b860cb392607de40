"""Which runs of a client are alive: each holds a lock that the system lets go when it dies.

A number of a process would not do: it is given to another one some day, and says nothing about
processes in another container that share the folder.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import FileLock


class Locks:
    """The locks of the runs on one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self, run: int) -> FileLock | None:
        """The lock of that run; None while another holds it. Raises `OSError`."""
        # Imported where it is needed: it takes longer than all the rest of the cache.
        from filelock import FileLock, Timeout

        lock = FileLock(
            self._file(run),
            mode=0o600,
            thread_local=False,
            fallback_to_soft=False,  # a lock that outlives kill -9 would look like a living run
            preserve_lock_file=True,
        )
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return None
        except NotImplementedError as error:
            raise OSError(str(error)) from error
        return lock

    def remove(self, run: int) -> None:
        """The run is over and its number not used again; whoever calls this holds the lock."""
        with suppress(OSError):
            self._file(run).unlink(missing_ok=True)

    def _file(self, run: int) -> Path:
        return self._path.with_name(f"{self._path.stem}.{run}.lock")
