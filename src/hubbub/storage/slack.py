"""Overwrites copies of rows in the unallocated space of SQLite's pages.

When rows grow or go, SQLite divides pages and joins them. A page that it builds anew then keeps
bytes of what stood there before, between its list of rows and the first of them; ``secure_delete``
clears what is deleted, not that. So a row that is overwritten in its place later, as by a
redaction, may still stand there as a copy, and only VACUUM would take that out: which holds up all
who say something, for as long as it takes to write the whole database twice.

Here a thread reads the database for such pages, which holds up nobody. Then that space of theirs
is overwritten in the file itself, with the write lock, and only in pages that are not in the
write-ahead log: so the file says what is in them, and no commit or checkpoint of anybody writes
them there. A commit behind that makes all connections forget the pages that they remember. SQLite
gives no meaning to these bytes, so that nothing depends on how many of them get to the disk.

Source: https://www.sqlite.org/fileformat2.html#b_tree_pages
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from struct import unpack_from
from threading import Event, Thread
from time import monotonic, sleep

from hubbub.storage.opened import OpenFiles
from hubbub.storage.takeover import FLAGS, sync

LOOK_BYTES = 256 * 1024  # read at once: less than 100 µs of work in Python
MOST_PAGES = 128  # overwritten while nobody can write: about as long as one sync of the disk
REST = 20  # times as long as a look took, nothing is looked for again
MOST_LOGGED_BYTES = 16 * 1024 * 1024  # of the write-ahead log, in which they are looked for then
RETRY_SECONDS = 0.020  # with pages in the write-ahead log, or while somebody writes
TRIES = 50
TROUBLE_SECONDS = 5.0  # until the next try, when somebody reads for long, or the disk failed
END_SECONDS = 1.0  # a log that is closed waits for no longer look than that,
JOIN_SECONDS = 2.0  # and so long for a disk that does not answer

UNFINISHED = 1
"""The database's own ``user_version`` while such copies may be in it, though nobody uses it."""

_FILE_HEADER, _WAL_HEADER, _FRAME_HEADER = 100, 32, 24
_INTERIOR_INDEX, _INTERIOR_TABLE, _LEAF_INDEX, _LEAF_TABLE = 2, 5, 10, 13
_HEADERS = {_INTERIOR_INDEX: 12, _INTERIOR_TABLE: 12, _LEAF_INDEX: 8, _LEAF_TABLE: 8}
_LARGEST_PAGE = 65536
_MOST_PAGES_TOLD = _INTERIOR_INDEX << 24
"""Pages of one kind begin with a number of a page, and those of trees with their kind. With fewer
pages than this, the one cannot be taken for the other."""


def gap_of(page: bytes) -> tuple[int, int] | None:
    """From where to where a page's space is unallocated; None if it is no page of a tree.

    Not for the first page of a file, which has a header, and of rows only the tables' definitions.
    """
    header = _HEADERS.get(page[0])
    if header is None:
        return None
    block, rows, content = unpack_from(">HHH", page, 1)
    begin, end = header + 2 * rows, content or _LARGEST_PAGE
    if not begin <= end <= len(page) or 0 < block < end:
        return None
    at = unpack_from(f">{rows}H", page, header)
    return (begin, end) if not at or (end <= min(at) and max(at) < len(page)) else None


def has_bytes(page: bytes, gap: tuple[int, int]) -> bool:
    """Whether anything stands in it."""
    begin, end = gap
    return page.count(0, begin, end) < end - begin


def logged_in(wal: Path) -> set[int] | None:
    """All pages, from 0 on, in the file of a write-ahead log; None if it is too large to look.

    Source: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
    """
    with os.fdopen(os.open(wal, FLAGS), "rb", buffering=0) as file:
        header = file.read(_WAL_HEADER)
        if len(header) < _WAL_HEADER:
            return set()
        if os.fstat(file.fileno()).st_size > MOST_LOGGED_BYTES:
            return None
        (size,) = unpack_from(">I", header, 8)
        pages = set()
        while len(frame := file.read(4)) == 4:
            pages.add(unpack_from(">I", frame)[0] - 1)
            file.seek(_FRAME_HEADER - 4 + size, os.SEEK_CUR)
        return pages


class Slack:
    """Care for the database ``path``, which is open. `clean` may be called by any thread.

    Raises what SQLite raises, and OSError.
    """

    def __init__(self, path: Path, files: OpenFiles) -> None:
        """``files``: those of the database, which nothing is opened in place of."""
        self._files = files
        self._wal = path.with_name(f"{path.name}-wal")
        # Kept open: to close it drops the locks that SQLite has for this whole process.
        self._file = os.fdopen(os.open(path, FLAGS), "r+b", buffering=0)
        self._connection: sqlite3.Connection | None = None
        self._path = path
        self._unsure: set[int] = set()  # overwritten, though a connection may remember them
        self._due = False
        self._woken, self._ending = Event(), Event()
        self._until = 0.0
        self._took = 0.0
        self._thread: Thread | None = None

    def clean(self) -> None:
        """Copies of rows are to be nowhere any more, as soon as may be."""
        self._due = True
        self._woken.set()
        if self._thread is None:
            self._thread = Thread(target=self._run, name="hubbub-slack", daemon=True)
            self._thread.start()

    def end(self, *, unclear: bool = False) -> None:
        """Finishes, if that does not take long; else it is noted for the next start.

        Nobody may use the database meanwhile but the one who closes it then, and then this.
        ``unclear``: rows were overwritten, and the write-ahead log could not be cleared behind it.
        """
        self._until = monotonic() + END_SECONDS
        self._ending.set()
        if unclear:
            self.clean()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)
            if not self._thread.is_alive() and self._connection is not None:
                self._connection.close()

    def close(self) -> None:
        """To be called after all connections to the database are closed."""
        if self._thread is None or not self._thread.is_alive():
            self._file.close()

    # On the thread:

    def _run(self) -> None:
        while not (self._ending.is_set() and not self._due):
            self._woken.wait()
            self._woken.clear()
            if self._due:
                self._due = False
                done = False
                with suppress(sqlite3.Error, OSError):  # the next commit tells of those
                    done = self._clean()
                if not done:  # nothing is assigned otherwise: `clean` may be called meanwhile
                    self._due = True
                if not done and self._ending.is_set():
                    with suppress(sqlite3.Error, OSError):
                        self._connected().execute(f"PRAGMA user_version = {UNFINISHED}")
                    return
                if not done:
                    self._woken.set()
                self._ending.wait(REST * self._took if done else TROUBLE_SECONDS)

    def _clean(self) -> bool:
        """Whether all that was there is overwritten."""
        if self._ending.is_set() and not self._is_in_file():
            return False
        pages = {*self._unsure}
        began = monotonic()
        for found in self._look():
            if found is None:
                return False
            pages.add(found)
        self._took = monotonic() - began
        rest = sorted(pages)
        while rest:
            some, rest = rest[:MOST_PAGES], rest[MOST_PAGES:]
            for _ in range(TRIES):
                some = self._overwrite(some)
                if not some:
                    break
                sleep(RETRY_SECONDS)
            else:
                return False
        connection = self._connected()
        if connection.execute("PRAGMA user_version").fetchone() != (0,):
            connection.execute("PRAGMA user_version = 0")
        return True

    def _is_in_file(self) -> bool:
        """Whether all that was committed is in the database itself, which then can be looked at."""
        (busy, *_) = self._connected().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def _look(self) -> Iterator[int | None]:
        """The numbers of the pages, from 0 on, that have something; None if there is no time."""
        size = self._page_size()
        place = 1
        while size is not None:
            began = monotonic()
            self._file.seek(place * size)
            data = self._file.read(max(LOOK_BYTES, size))
            for start in range(0, len(data) - size + 1, size):
                page = data[start : start + size]
                gap = gap_of(page)
                if gap is not None and has_bytes(page, gap):
                    yield place
                place += 1
            if len(data) < size:
                return
            if not self._ending.is_set():
                sleep(monotonic() - began)
            elif monotonic() > self._until:
                yield None
                return

    def _page_size(self) -> int | None:
        """None for a database that is not to be touched: none of ours is one."""
        self._file.seek(0)
        header = self._file.read(_FILE_HEADER)
        if len(header) < _FILE_HEADER:
            return None
        (size,) = unpack_from(">H", header, 16)
        size = _LARGEST_PAGE if size == 1 else size
        (vacuumed,) = unpack_from(">I", header, 52)  # then pages of yet another kind are there
        many = os.fstat(self._file.fileno()).st_size // size >= _MOST_PAGES_TOLD
        return None if vacuumed or many else size

    def _overwrite(self, pages: list[int]) -> list[int]:
        """Does so with ``pages``; those with which it is not possible now."""
        connection = self._connected()
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # as far as others let it
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return pages
        try:
            size, logged = self._page_size(), logged_in(self._wal)
            if size is None or logged is None:
                return pages
            possible = [place for place in pages if place not in logged]
            self._unsure.update(possible)
            for place in possible:
                self._overwrite_page(place, size)
            sync(self._file.fileno())
            # Always written, unlike a row that stays what it is.
            connection.execute(f"PRAGMA user_version = {UNFINISHED}")
            connection.execute("COMMIT")
            self._unsure.difference_update(possible)
            return [place for place in pages if place in logged]
        finally:
            if connection.in_transaction:
                connection.rollback()

    def _overwrite_page(self, place: int, size: int) -> None:
        self._file.seek(place * size)
        page = self._file.read(size)
        gap = gap_of(page) if len(page) == size else None
        if gap is not None and has_bytes(page, gap):
            begin, end = gap
            self._file.seek(place * size + begin)
            self._file.write(bytes(end - begin))

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            if lost := self._files.lost():
                raise FileNotFoundError(errno.ENOENT, "It was removed or exchanged", str(lost))
            self._connection = sqlite3.connect(
                self._path, isolation_level=None, timeout=0, check_same_thread=False
            )
            self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        return self._connection
