"""What lies in the folders of these tests."""

from __future__ import annotations

import stat
from pathlib import Path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def content(path: Path | str) -> bytes:
    return Path(path).read_bytes()


def contents(folder: Path) -> bytes:
    """All that is in its files, one behind the other."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def mode(path: Path | str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def put(path: Path, data: str | bytes = b"") -> Path:
    """Makes a file, and the folders that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def remove(path: Path) -> None:
    path.unlink()
