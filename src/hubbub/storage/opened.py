"""Whether the files that are open are still those that lie in the folder.

On POSIX systems a file can be removed, or another one put in its place, while a program has it
open. SQLite does not notice that in WAL mode: it goes on in a file that has no name, and is gone
when it is closed (https://www.sqlite.org/howtocorrupt.html, section 4).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class OpenFiles:
    """Those of ``paths`` that are there now, just after they were opened."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._opened = {path: found for path in paths if (found := _identity(path)) is not None}

    def lost(self) -> Path | None:
        """The first one that was removed or exchanged; None while all are there.

        One that cannot be looked at, by a disk that fails, is not taken to be lost.
        """
        for path, opened in self._opened.items():
            try:
                if _identity(path) != opened:
                    return path
            except OSError:
                continue
        return None


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, for the system; None when there is none. Raises `OSError`."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino
