"""The file of a backup: a tar archive that any ``tar`` reads, in one strict form.

    manifest.json      what there is (`hubbub.storage.backup.manifest`)
    hubbub.db.gz       the database
    tls/…, files/…     what else is kept, in the order of the manifest
    sha256             of all bytes before this entry, as `sha256sum` would show it

It is written and read from the beginning to the end, so that it can come from a network. Nothing
but this form is read: no links, no folders, no names that the manifest does not have.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import BinaryIO, Protocol

from hubbub.storage.backup import manifest as manifests
from hubbub.storage.backup.errors import DamagedBackup, NotABackup
from hubbub.storage.backup.manifest import Contents, Manifest

MANIFEST = "manifest.json"
DATABASE = "hubbub.db.gz"
CHECKSUM = "sha256"
BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)
CHUNK = 256 * 1024
LEVEL = 4  # of zlib: 6 makes it 5 % smaller in twice the time
GZIP = 16 + zlib.MAX_WBITS  # zlib's word for the format of gzip

Check = Callable[[], None]
"""Is called after each `CHUNK`: may rest, and raises what ends the work."""


class Input(Protocol):
    """What is read from the beginning to the end."""

    def read(self, size: int, /) -> bytes: ...


class Writer:
    """Writes a backup into ``file``, an empty one that can be read, too."""

    def __init__(self, file: BinaryIO, at: int, check: Check) -> None:
        """``at``: the time that all entries have, in seconds since the Unix epoch."""
        self._file = file
        self._at = at
        self._check = check

    def manifest(self, manifest: Manifest) -> None:
        """To be written first."""
        self._small(MANIFEST, manifests.encode(manifest))

    def database(self, source: Input, expected: Contents) -> None:
        """Packs the database. Raises `OSError` if it is another one than expected."""
        header = self._file.tell()
        self._file.write(bytes(BLOCK))
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
        for chunk in same(source, expected, self._check):
            self._file.write(packer.compress(chunk))
        self._file.write(packer.flush())
        size = self._file.tell() - header - BLOCK
        self._pad(size)
        end = self._file.tell()
        self._file.seek(header)
        self._file.write(self._header(DATABASE, size))
        self._file.seek(end)

    def file(self, name: str, source: Input, expected: Contents) -> None:
        """Adds a file as it is. Raises `OSError` if it is another one than expected."""
        self._file.write(self._header(name, expected.bytes))
        for chunk in same(source, expected, self._check):
            self._file.write(chunk)
        self._pad(expected.bytes)

    def finish(self) -> Contents:
        """Reads all that was written, and writes its checksum; what the whole file then is."""
        self._file.flush()
        self._file.seek(0)
        whole = sha256()
        while chunk := self._file.read(CHUNK):
            whole.update(chunk)
            self._check()
        begin = self._file.tell()
        self._small(CHECKSUM, f"{whole.hexdigest()}\n".encode())
        self._file.write(END)
        self._file.flush()
        size = self._file.tell()
        self._file.seek(begin)
        whole.update(self._file.read())
        return Contents(size, whole.hexdigest())

    def _small(self, name: str, data: bytes) -> None:
        self._file.write(self._header(name, len(data)) + data)
        self._pad(len(data))

    def _header(self, name: str, size: int) -> bytes:
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, self._at, 0o600
        header = info.tobuf(tarfile.GNU_FORMAT)
        assert len(header) == BLOCK, "a name that is too long"
        return header

    def _pad(self, size: int) -> None:
        self._file.write(bytes(-size % BLOCK))


class Reader:
    """Reads a backup from ``source``: `manifest`, then `database`, each of `files`, and `finish`.

    Raises `NotABackup`, `DamagedBackup`, `hubbub.storage.backup.errors.NewerBackup`, and what
    ``source`` raises.
    """

    def __init__(self, source: Input, check: Check) -> None:
        self._source = source
        self._check = check
        self._hash = sha256()
        self._size = 0
        self.manifest = self._read_manifest()

    def database(self) -> Iterator[bytes]:
        """The database, unpacked."""
        packed = self._entry(DATABASE)
        return _expected(self._unpacked(packed), self.manifest.database, "the database")

    def files(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The other files; each has to be read before the next one."""
        for file in self.manifest.files:
            size = self._header(file.name)
            if size != file.bytes:
                raise _damaged(f"{file.name} has another size than it should have")
            yield file.name, _expected(self._body(size), file, file.name)

    def finish(self) -> Contents:
        """Raises `DamagedBackup` unless the whole file is what was written; what it is."""
        before = self._hash.hexdigest()
        found = b"".join(self._entry(CHECKSUM, most=BLOCK))
        if found != f"{before}\n".encode():
            raise _damaged("its checksum is another one")
        if self._take(len(END)) != END or self._source.read(1):
            raise _damaged("there is something behind its end")
        return Contents(self._size, self._hash.hexdigest())

    def _read_manifest(self) -> Manifest:
        first = self._take(BLOCK, or_less=True)
        try:
            info = tarfile.TarInfo.frombuf(first, "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError):
            info = None
        if info is None or info.name != MANIFEST:
            raise NotABackup("This is no backup of Hubbub.")
        if not info.isreg() or not 0 < info.size <= manifests.MAX_BYTES:
            raise _damaged("what it says of itself is too long")
        return manifests.decode(b"".join(self._body(info.size)))

    def _entry(self, name: str, most: int | None = None) -> Iterator[bytes]:
        size = self._header(name)
        if most is not None and size > most:
            raise _damaged(f"{name} is too long")
        return self._body(size)

    def _header(self, name: str) -> int:
        """Reads the head of the entry that has to be here; its size."""
        try:
            info = tarfile.TarInfo.frombuf(self._take(BLOCK), "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError):
            raise _damaged(f"there should be {name}") from None
        if info.name != name or not info.isreg() or info.size < 0:
            raise _damaged(f"there should be {name}")
        return info.size

    def _body(self, size: int) -> Iterator[bytes]:
        left = size
        while left:
            chunk = self._take(min(left, CHUNK))
            left -= len(chunk)
            self._check()
            yield chunk
        if any(self._take(-size % BLOCK)):
            raise _damaged("there is something between its entries")

    def _unpacked(self, packed: Iterable[bytes]) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(GZIP)
        for chunk in packed:
            data = chunk
            while data and not unpacker.eof:
                try:
                    yield unpacker.decompress(data, CHUNK)  # however much there may be in it
                except zlib.error:
                    raise _damaged("its database cannot be unpacked") from None
                data = unpacker.unconsumed_tail
            if unpacker.unused_data or data:
                raise _damaged("there is something behind its database")
        yield unpacker.flush()
        if not unpacker.eof:
            raise _damaged("its database is cut off")

    def _take(self, size: int, *, or_less: bool = False) -> bytes:
        parts = []
        left = size
        while left and (part := self._source.read(left)):
            parts.append(part)
            left -= len(part)
        if left and not or_less:
            raise _damaged("it ends too early")
        data = b"".join(parts)
        self._hash.update(data)
        self._size += len(data)
        return data


def contents(source: Input, check: Check) -> Contents:
    """What is in ``source``."""
    whole, size = sha256(), 0
    while chunk := source.read(CHUNK):
        whole.update(chunk)
        size += len(chunk)
        check()
    return Contents(size, whole.hexdigest())


def same(source: Input, expected: Contents, check: Check) -> Iterator[bytes]:
    """What is in ``source``; raises `OSError` if that is not what was expected."""
    whole, left = sha256(), expected.bytes
    while left and (chunk := source.read(min(left, CHUNK))):
        whole.update(chunk)
        left -= len(chunk)
        yield chunk
        check()
    if left or whole.hexdigest() != expected.sha256 or source.read(1):
        raise OSError(None, "it was changed while it was read")


def _expected(chunks: Iterable[bytes], expected: Contents, what: str) -> Iterator[bytes]:
    """``chunks``, which have to be what the manifest says. Never yields more than that."""
    whole, left = sha256(), expected.bytes
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise _damaged(f"{what} is larger than it should be")
        whole.update(chunk)
        yield chunk
    if left or whole.hexdigest() != expected.sha256:
        raise _damaged(f"{what} is not what it should be")


def _damaged(why: str) -> DamagedBackup:
    return DamagedBackup(f"This backup is damaged: {why}. Take another one.")
