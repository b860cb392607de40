"""Which place a setting, or the address of a backup, means."""

from __future__ import annotations

from pathlib import Path

from hubbub.storage.backup.folder import FolderPlace
from hubbub.storage.backup.place import Place

S3 = "s3://"


def place_of(text: str) -> Place:
    """The place that the setting ``backup-to`` names."""
    if text.startswith(S3):
        from hubbub.storage.backup.s3 import S3Place

        return S3Place(text)
    return FolderPlace(Path(text).expanduser())


def place_and_name(where: str) -> tuple[Place, str]:
    """The place and the name of one backup: ``where`` of `Stored`, or the path of a file."""
    if where.startswith(S3):
        place, _, name = where.rpartition("/")
        return place_of(place), name
    path = Path(where).expanduser()
    return FolderPlace(path.parent), path.name
