"""The thread that keeps the index: it reads what was saved, behind the log's writer.

It has all the time in the world, and the event loop has none: Python runs one thread at a time. So
it works for moments only, and pauses for longer in between. While the server is flooded the pauses
are so long that nobody notices it, and the index falls behind until there is time.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from hubbub.domain.words import prepare
from hubbub.storage.search.index import Index, IndexLost, Row, is_worthless, remove
from hubbub.storage.search.source import Source

BATCH = 1000  # events of one transaction
MOMENT_SECONDS = 0.001  # of work between two pauses
PAUSE_RATIO = 3  # a pause is so much longer than the work before it
FLOOD_RATIO = 40  # and that much while more is said than this a second:
FLOOD_EVENTS = 2000
LOOK_SECONDS = 0.25  # how often it is looked at how much is said
GATHER_SECONDS = 1.0  # from the first new event until it is indexed: by the second, not one by one
RETRY_SECONDS = 5.0  # after the disk was full, say
MADE_ANEW = 200_000  # events: so small an index begins anew at once when texts are gone, else later
CLEAN_RATIO = 20  # so much longer it waits as it takes to take out of it what was taken back
CHECK_SECONDS = 2.0  # between looks whether the index's files are still there


class Indexer:
    """Indexes ``source`` into the file ``path``. ``troubled`` is told, on the thread, what fails.

    ``generation``: another number when it may be another file.
    ``place``: id of the newest event that can be found.
    """

    def __init__(
        self,
        path: Path,
        log: str,
        source: Source,
        *,
        troubled: Callable[[Exception], None],
        mended: Callable[[], None],
        pauses: bool = True,
    ) -> None:
        self.place = 0
        self._found = (1, 0)  # so many are newer, at least; and what was told before that was known
        self.generation = 0
        self._path = path
        self._log = log
        self._source = source
        self._troubled = troubled
        self._mended = mended
        self._pauses = pauses
        self._woken = Event()
        self._stopping = Event()
        self._worthless = False
        self._index: Index | None = None
        self._erased: dict[int, str] = {}
        self._needed_no_more: list[int] = []  # of those
        self._clean_from = 0.0
        self._since = 0.0
        self._told = 0
        self._looked_at = (0.0, 0)
        self._ratio = PAUSE_RATIO
        self._thread = Thread(target=self._run, name="hubbub-indexer", daemon=True)

    @property
    def behind(self) -> int:
        """How many events are newer than what can be found; rather too many than too few."""
        newer, told = self._found
        return newer + self._told - told

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def committed(self, events: int) -> None:
        """So many more events are saved."""
        self._told += events
        self._wake()

    def erase(self, texts: Mapping[int, str]) -> None:
        """These texts are about to be gone from the log, by their ids: it needs them once more.

        For any thread. They are only remembered: if the process ends first, the index is made anew.
        """
        self._erased.update(texts)

    def _wake(self) -> None:
        if not self._woken.is_set():
            self._woken.set()

    def start_anew(self) -> None:
        """Somebody found the index damaged."""
        self._worthless = True
        self._wake()

    def stop(self) -> None:
        """Ends the thread; blocks for a moment."""
        self._stopping.set()
        self._woken.set()
        index = self._index
        if index is not None:
            with suppress(sqlite3.Error):  # it is closed meanwhile
                index.interrupt()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work()
            except IndexLost as error:
                self._worthless = True
                self._troubled(error)
            except Exception as error:  # noqa: BLE001 - whatever it is, it may be over later
                if self._stopping.is_set():
                    return  # interrupted
                self._worthless = self._worthless or is_worthless(error)
                self._troubled(error)
                self._stopping.wait(RETRY_SECONDS)

    def _work(self) -> None:
        """Follows the log, until told to stop or until the index is worthless."""
        if self._worthless:
            self.place = 0
            remove(self._path)
            self._worthless = False
        index = Index.open(self._path, self._log, self._source.stamp)
        self.generation += 1  # `open` may have begun a new file, too
        try:
            self.place = index.place
            index.clean = 0 if index.place else self._source.newest()
            self._index = index
            told = self._told
            self._found = max(1, self._source.newest() - index.place), told
            prepare()
            self._follow(index)
        finally:
            self._index = None
            index.close()

    def _follow(self, index: Index) -> None:
        while not (self._stopping.is_set() or self._worthless):
            self._woken.clear()
            index.check()
            told = self._told
            rows = self._source.next(index.place, BATCH)
            if not rows:
                self._found = 0, told
                self._clean(index)
                while not self._woken.wait(CHECK_SECONDS):
                    index.check()
                    self._clean(index)
                self._stopping.wait(GATHER_SECONDS)
                continue
            self._since = time.monotonic()
            with suppress(_Stopped):
                index.add(rows, self._pause, self._before)
                self.place = index.place
                while self._needed_no_more:
                    self._erased.pop(self._needed_no_more.pop(), None)
                if index.place <= MADE_ANEW and index.is_outdated:
                    self._worthless = True
                    return
                told = self._told
                self._found = max(0, self._source.newest() - index.place), told
                self._mended()

    def _before(self, row: Row) -> tuple[Row, str | None] | None:
        """See `hubbub.storage.search.index.Before`."""
        version = self._source.before(row)
        if version is None:
            return None
        if row.redacted:
            self._needed_no_more += self._source.versions(row)
        return version.row, version.text or self._erased.get(version.id)

    def _clean(self, index: Index) -> None:
        """Takes what was taken back out of the file; of a large one, not each at once."""
        now = time.monotonic()
        if now >= self._clean_from and index.is_unclean:
            index.clean_up()
            took = time.monotonic() - now
            self._clean_from = now + took + CLEAN_RATIO * took

    def _pause(self) -> None:
        if self._stopping.is_set():
            raise _Stopped
        worked = time.monotonic() - self._since
        if self._pauses and worked >= MOMENT_SECONDS:
            self._look()
            time.sleep(worked * self._ratio)
            self._since = time.monotonic()

    def _look(self) -> None:
        """Whether there is a flood."""
        now, (before, told) = time.monotonic(), self._looked_at
        if now - before >= LOOK_SECONDS:
            # After silence, too: a flood that has just begun is one.
            flood = self._told - told > FLOOD_EVENTS * min(1.0, now - before)
            self._ratio = FLOOD_RATIO if flood else PAUSE_RATIO
            self._looked_at = now, self._told


class _Stopped(Exception):
    """The rest of the batch is for the next start."""
