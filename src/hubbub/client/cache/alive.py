"""Which runs of a client are alive: each holds a file lock, which the system releases at its end.

Process ids would not do: they are reused, and mean nothing in another container that shares the
folder.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import FileLock


class Locks:
    """The locks of the runs that share one cache file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def acquire(self, run: int) -> FileLock | None:
        """Locks a run; None if another process holds the lock. Raises `OSError`."""
        # Imported here because it loads more slowly than the rest of the cache.
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
        """Removes the lock file of a run that is over. The caller holds the lock."""
        with suppress(OSError):
            self._file(run).unlink(missing_ok=True)

    def _file(self, run: int) -> Path:
        return self._path.with_name(f"{self._path.stem}.{run}.lock")
