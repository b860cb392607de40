"""What a disk may hold after a power cut, by a trace of what was done to its files.

The model is POSIX's and no kinder: only what was synced is surely there. Of what was not, each
sector of 512 bytes may have been written or not, in any order, in any of the versions that it
had since the last sync; so may each file's size and each name in a folder, and a file that has
grown holds zeros where nothing was written yet. A sync that failed leaves its pages clean and
unwritten, so that a later sync that succeeds says nothing about them (as Linux does: see
https://wiki.postgresql.org/wiki/Fsync_Errors); they are written only with the next change to them.

A sector is never torn, and bytes next to a write are safe, which SQLite assumes, too
(https://www.sqlite.org/psow.html).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from tests.faults.disk.trace import Kind, Record

PAGE = 4096
SECTOR = 512


class Cut(Enum):
    """What becomes of what was not synced."""

    NOTHING = "none of it is there"
    ALL = "all of it is there, as after kill -9"
    SECTORS = "any sector of it may be there"
    PAGES = "any page of it may be there"


class File:
    """One file: as its processes see it, as it surely is, and what else its pages may hold."""

    def __init__(self) -> None:
        self.seen = bytearray()
        self.synced = bytearray()
        self._versions: dict[int, list[bytes]] = {}
        self._sizes: list[int] = []
        self._dirty: set[int] = set()

    def write(self, at: int, data: bytes) -> None:
        if at + len(data) > len(self.seen):
            self.truncate(at + len(data))
        self.seen[at : at + len(data)] = data
        for page in range(at // PAGE, (at + len(data) - 1) // PAGE + 1):
            self._dirty.add(page)
            self._versions.setdefault(page, []).append(_page(self.seen, page))

    def truncate(self, size: int) -> None:
        self._sizes.append(size)
        if size < len(self.seen):
            del self.seen[size:]
        else:
            self.seen.extend(bytes(size - len(self.seen)))

    def sync(self) -> None:
        _resize(self.synced, len(self.seen))
        for page in self._dirty:
            self.synced[page * PAGE : (page + 1) * PAGE] = self.seen[
                page * PAGE : (page + 1) * PAGE
            ]
            del self._versions[page]
        self._dirty.clear()
        self._sizes.clear()

    def fail_to_sync(self) -> None:
        self._dirty.clear()

    def after(self, cut: Cut, dice: random.Random) -> bytes:
        """What the disk holds."""
        if cut is Cut.NOTHING:
            return bytes(self.synced)
        if cut is Cut.ALL:
            return bytes(self.seen)
        grain = SECTOR if cut is Cut.SECTORS else PAGE
        held = bytearray(self.synced)
        _resize(held, max(len(held), len(self.seen), *self._sizes, 0))
        for page, versions in self._versions.items():
            for at in range(0, PAGE, grain):
                version = dice.randint(0, len(versions))  # 0: as it was
                if version:
                    place = page * PAGE + at
                    held[place : place + grain] = versions[version - 1][at : at + grain]
        _resize(held, dice.choice([len(self.synced), *self._sizes]))
        return bytes(held)


def _page(data: bytearray, page: int) -> bytes:
    found = bytes(data[page * PAGE : (page + 1) * PAGE])
    return found + bytes(PAGE - len(found))


def _resize(data: bytearray, size: int) -> None:
    if size < len(data):
        del data[size:]
    else:
        data.extend(bytes(size - len(data)))


class Folder:
    """The names of one folder: files, by now and for sure."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self._synced: dict[str, File] = {}
        self._changed: dict[str, list[File | None]] = {}

    def set(self, name: str, file: File | None) -> None:
        """The name is that of ``file`` from now on; of none, if it is None."""
        if file is None:
            self.files.pop(name, None)
        else:
            self.files[name] = file
        self._changed.setdefault(name, []).append(file)

    def sync(self) -> None:
        self._synced = dict(self.files)
        self._changed.clear()

    def after(self, cut: Cut, dice: random.Random) -> dict[str, File]:
        """The names that the disk holds."""
        if cut is Cut.NOTHING:
            return self._synced
        if cut is Cut.ALL:
            return self.files
        held = dict(self._synced)
        for name, files in self._changed.items():
            file = dice.choice([self._synced.get(name), *files])
            if file is None:
                held.pop(name, None)
            else:
                held[name] = file
        return held


class Platter:
    """A folder on a disk, made and filled as a trace says. ``keeps``: the names that count.

    ``beside``: another folder, from which files are moved into this one.
    """

    def __init__(
        self, path: Path, keeps: Callable[[str], bool], beside: Path | None = None
    ) -> None:
        self._path = path
        self._keeps = keeps
        self._beside = beside
        self._moving: dict[str, File] = {}
        self._folder = Folder()
        self._made = self._surely_made = False

    def apply(self, record: Record) -> None:
        """What a process did."""
        kind, path = record.kind, record.path
        if path == self._path.parent and kind is Kind.SYNC:
            self._surely_made = self._made
        elif path == self._path:
            if kind is Kind.MAKE_FOLDER:
                self._made = True
            elif kind is Kind.SYNC:
                self._folder.sync()
        elif kind is Kind.RENAME:
            self._move(path, Path(record.data.decode()))
        elif path.parent == self._path and self._keeps(path.name):
            self._change(record)
        elif path.parent == self._beside:
            self._change_beside(record)

    def _move(self, path: Path, to: Path) -> None:
        if to.parent != self._path or not self._keeps(to.name):
            return
        if path.parent == self._path:
            self._folder.set(to.name, self._folder.files[path.name])
            self._folder.set(path.name, None)
        elif path.parent == self._beside:
            self._folder.set(to.name, self._moving[path.name])

    def _change_beside(self, record: Record) -> None:
        """Names there do not count, what is in the files does."""
        if record.kind is Kind.CREATE:
            self._moving[record.path.name] = File()
        elif record.path.name in self._moving:
            _change(self._moving[record.path.name], record)

    def _change(self, record: Record) -> None:
        name, files = record.path.name, self._folder.files
        match record.kind:
            case Kind.CREATE:
                self._folder.set(name, File())
            case Kind.UNLINK:
                self._folder.set(name, None)
            case _:
                _change(files[name], record)

    def restore(self, into: Path, cut: Cut, dice: random.Random) -> None:
        """Makes ``into``, which is not there yet, what the folder is when the power is back."""
        made = {
            Cut.NOTHING: self._surely_made,
            Cut.ALL: self._made,
        }.get(cut, self._surely_made or (self._made and dice.random() < 0.5))
        if not made:
            return
        into.mkdir()
        for name, file in self._folder.after(cut, dice).items():
            (into / name).write_bytes(file.after(cut, dice))


def _change(file: File, record: Record) -> None:
    match record.kind:
        case Kind.WRITE:
            file.write(record.at, record.data)
        case Kind.TRUNCATE:
            file.truncate(record.at)
        case Kind.SYNC:
            file.sync()
        case Kind.FAILED_SYNC:
            file.fail_to_sync()
        case Kind.UNLINK:
            pass
        case _:
            raise AssertionError(record)
