"""Which store of blobs the setting ``files`` means."""

from __future__ import annotations

from pathlib import Path

from hubbub.hub.fileports import Blobs
from hubbub.storage.blobs.folder import FOLDER, FolderBlobs

S3 = "s3://"


def blobs_of(where: str, data: Path) -> Blobs:
    """The store; raises `LogUnavailable` for one that cannot be. ``data``: the data folder."""
    if where.startswith(S3):
        from hubbub.storage.blobs.s3 import S3Blobs

        return S3Blobs(where)
    return FolderBlobs(Path(where).expanduser() if where else data / FOLDER)
