"""Files as tests have them: in a folder of their own, looked at by who believes every name."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from hubbub.hub.fileports import Blobs
from hubbub.hub.uploading import FilePorts
from hubbub.storage.blobs.folder import FolderBlobs
from hubbub.storage.blobs.uploads import UploadFolder

TYPES = {"png": "image/png", "txt": "text/plain", "html": "text/html", "svg": "image/svg+xml"}
CLEANED, THUMBNAIL = b"cleaned ", b"thumbnail of "


class Look(Struct, frozen=True):
    """What a file is said to be."""

    type: str
    width: int | None = None
    height: int | None = None
    animated: bool = False
    cleaned: Path | None = None
    thumbnail: Path | None = None


async def looked_at(path: Path, name: str) -> Look:
    """Believes the name; of a ``.png`` it makes a cleaned copy, and a thumbnail."""
    kind = TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    if kind != "image/png":
        return Look(kind)
    cleaned, thumbnail = path.with_suffix(".cleaned"), path.with_suffix(".thumbnail")
    cleaned.write_bytes(CLEANED + path.read_bytes())  # noqa: ASYNC240 - it is small
    thumbnail.write_bytes(THUMBNAIL + path.read_bytes())  # noqa: ASYNC240
    return Look(kind, 4, 3, cleaned=cleaned, thumbnail=thumbnail)


def file_ports(folder: Path, blobs: Blobs | None = None) -> FilePorts:
    """Files in ``folder``."""
    folder.mkdir(exist_ok=True)
    kept = blobs or FolderBlobs(folder / "files")
    (folder / "files").mkdir(exist_ok=True)
    return FilePorts(kept, UploadFolder(folder / "uploads"), looked_at)


def names_in(folder: Path) -> set[str]:
    """The names of all files in it, and below."""
    return {path.name for path in folder.rglob("*") if path.is_file()}
