"""The thread that keeps the index: it reads what was saved, behind the log's writer.

It has all the time in the world, and the event loop has none: Python runs one thread at a time. So
it works for moments only, and pauses for longer in between. While the server is flooded the pauses
are so long that nobody notices it, and the index falls behind until there is time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from hubbub.domain.words import prepare
from hubbub.storage.search.index import Index, IndexLost, is_worthless, remove
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
            told = self._told
            self._found = max(1, self._source.newest() - index.place), told
            prepare()
            self._follow(index)
        finally:
            index.close()

    def _follow(self, index: Index) -> None:
        while not (self._stopping.is_set() or self._worthless):
            self._woken.clear()
            index.check()
            told = self._told
            rows = self._source.next(index.place, BATCH)
            if not rows:
                self._found = 0, told
                while not self._woken.wait(CHECK_SECONDS):
                    index.check()
                self._stopping.wait(GATHER_SECONDS)
                continue
            self._since = time.monotonic()
            with suppress(_Stopped):
                index.add(rows, self._pause)
                self.place = index.place
                if index.place <= MADE_ANEW and index.is_outdated:
                    self._worthless = True
                    return
                told = self._told
                self._found = max(0, self._source.newest() - index.place), told
                self._mended()

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
