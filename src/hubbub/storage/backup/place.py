"""Where backups are kept: what a folder and S3 have in common."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from hubbub.storage.backup.archive import Input

Told = Callable[[int], None]
"""Is told how many bytes are done; may raise what ends it."""


class Stored(Struct, frozen=True):
    """A backup in a place. ``where``: what `verify` and `restore` take. ``log``: as in its name."""

    name: str
    where: str
    bytes: int
    at: int
    log: str


class Place(Protocol):
    """Keeps backups by their names. All wait for a disk or a network, so: in a thread.

    Raises `PlaceUnusable`, in words and without credentials, or `NoRoom`.
    """

    def prepare(self) -> None:
        """Makes sure that it can be written, as far as that can be told before."""
        ...

    def workshop(self) -> Path | None:
        """Where a file is best made that is put here; None: anywhere."""
        ...

    def stored(self) -> list[Stored]:
        """All backups, the newest first."""
        ...

    def put(self, file: Path, name: str, told: Told) -> str:
        """Puts a whole file there under that name, in one step for all who look; where it is.

        The file may be gone afterwards.
        """
        ...

    def opened(self, name: str) -> AbstractContextManager[Input]:
        """Reads a backup from its beginning."""
        ...

    def delete(self, name: str) -> None:
        """Deletes a backup; nothing is said if it is not there."""
        ...
