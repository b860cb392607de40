"""Reads what is imported: a file, a folder, or a zip archive, with bounds on everything."""

from __future__ import annotations

import os
import stat
import zipfile
from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from hubbub.moving.errors import BadFile, CannotRead
from hubbub.moving.jsonlines import folder_beside
from hubbub.moving.stream import Files

MAX_LINE_BYTES = 16 * 1024 * 1024  # a room of a hundred thousand members
CHUNK_BYTES = 256 * 1024
MAX_FILES = 500_000
_ARCHIVE = b"PK\x03\x04"  # how a zip archive begins
_SAYS_UTF8 = 0x800  # the format's specification, 4.4.4: bit 11
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""What a Mac and Windows leave in folders that somebody has looked at."""

Open = Callable[[str], IO[bytes]]


class OpenFiles:
    """See `hubbub.moving.stream.Files`. ``opened`` opens one of ``names``; ``shown`` is for people.

    Raises `CannotRead`, `BadFile`.
    """

    def __init__(self, names: list[str], opened: Open, shown: Callable[[str], str]) -> None:
        if len(names) > MAX_FILES:
            raise CannotRead(f"There are more than {MAX_FILES:,} files in it.")
        self._names = names
        self._opened = opened
        self._shown = shown

    def names(self) -> list[str]:
        return self._names

    def chunks(self, name: str) -> Iterator[bytes]:
        with self._open(name) as file:
            while data := file.read(CHUNK_BYTES):
                yield data

    def lines(self, name: str) -> Iterator[bytes]:
        number, rest = 0, b""
        for chunk in self._unmarked(name):
            *whole, rest = (rest + chunk).split(b"\n") if b"\n" in chunk else (rest + chunk,)
            for line in whole:
                number += 1
                yield line
            if len(rest) > MAX_LINE_BYTES:
                size = MAX_LINE_BYTES >> 20
                raise BadFile(self._shown(name), number + 1, f"The line has more than {size} MiB.")
        if rest:
            yield rest

    def _unmarked(self, name: str) -> Iterator[bytes]:
        """Its bytes without the mark that some editors put before UTF-8."""
        chunks = self.chunks(name)
        if first := next(chunks, b""):
            yield first.removeprefix(BOM_UTF8)
        yield from chunks

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._opened(name) as file:
                yield file
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise CannotRead(f"{self._shown(name)} cannot be read: {reason}.") from None
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise CannotRead(f"{self._shown(name)} in the archive is damaged: {error}") from None


@contextmanager
def open_files(path: Path) -> Iterator[Files]:
    """The files at ``path``. Raises `CannotRead`."""
    with ExitStack() as opened:
        try:
            files = _opened(path, opened)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise CannotRead(f"{path} cannot be read: {reason}.") from None
        except zipfile.BadZipFile as error:
            raise CannotRead(f"{path} is a damaged archive: {error}") from None
        yield files


def _opened(path: Path, opened: ExitStack) -> OpenFiles:
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise CannotRead(f"There is no file {path}.")
    with path.open("rb") as file:
        is_archive = file.read(len(_ARCHIVE)) == _ARCHIVE
    if is_archive:
        return _archive(path, opened.enter_context(zipfile.ZipFile(path)))
    # Beside an export of Hubbub's may be the copies of files.
    folder = path.parent
    names = [path.name, *_inside(folder, path.with_name(folder_beside(path.name)))]
    return OpenFiles(names, lambda n: (folder / n).open("rb"), lambda n: str(folder / n))


def _folder(path: Path) -> OpenFiles:
    names = _inside(path, path)
    return OpenFiles(names, lambda n: (path / n).open("rb"), lambda n: str(path / n))


def _inside(path: Path, within: Path) -> list[str]:
    """The plain files in ``within`` and below, as they are called from ``path``."""
    names = []
    for folder, folders, files in os.walk(within):  # follows no links to folders
        folders.sort()
        inside = Path(folder)
        names += [(inside / one).relative_to(path).as_posix() for one in files]
    # A FIFO would be waited for without end, and a device may have no end.
    return sorted(
        name
        for name in names
        if not _is_litter(name) and stat.S_ISREG((path / name).lstat().st_mode)
    )


def _archive(path: Path, archive: zipfile.ZipFile) -> OpenFiles:
    found = [one for one in archive.infolist() if not one.is_dir()]
    if any(one.flag_bits & 1 for one in found):
        raise CannotRead(f"{path} is encrypted. Unpack it, and import the folder.")
    there = {_name(one): one for one in found}
    there = {name: one for name, one in there.items() if not _is_litter(name)}
    inside = _common_folder(there)
    names = sorted(name.removeprefix(inside) for name in there)
    shown = f"{path}/{inside}"
    return OpenFiles(names, lambda n: archive.open(there[inside + n]), lambda n: shown + n)


def _name(file: zipfile.ZipInfo) -> str:
    """Its name. Archives of a Mac have it in UTF-8, too, without saying so."""
    if file.flag_bits & _SAYS_UTF8 or file.filename.isascii():
        return file.filename
    try:
        return file.filename.encode("cp437").decode()
    except UnicodeError:
        return file.filename


def _is_litter(name: str) -> bool:
    """Whether somebody's computer has put that file beside theirs."""
    file = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or file.startswith("._") or file in _LITTER


def _common_folder(names: Collection[str]) -> str:
    """The one folder that all are in, as many archives have it; "" if there is none."""
    first = {name.split("/", 1)[0] for name in names}
    if len(first) == 1 and all("/" in name for name in names):
        return f"{next(iter(first))}/"
    return ""
