"""What is looked at: the data folder and its settings, without disturbing a server that uses them.

All of it is done in a thread, in short pieces with rests between them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from hubbub.config import Settings
from hubbub.domain.state import NO_FACTS, RoomFacts
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.errors import DamagedRows
from hubbub.storage.log import DATABASE
from hubbub.storage.rows import facts_of
from hubbub.storage.search.sqlite import INDEX

STEPS = 10_000  # of SQLite's machine between two looks at the clock: a millisecond
BUSY_SECONDS = 5.0


class Running(Struct, frozen=True, kw_only=True):
    """What only the server knows that runs on the folder.

    ``backups``: what is wrong with the daily ones, in words. ``behind``: events that are not
    indexed. ``healthy``: what is said is saved. ``ends``: of its certificate (ms). ``bus``: what
    is wrong with it, in words.
    """

    healthy: bool = True
    behind: int = 0
    backups: str | None = None
    ends: int | None = None
    bus: str | None = None


class TimeUp(Exception):
    """There is no more time for this."""


class Patient:
    """``now``: the time (ms). ``rest`` is called often, and sleeps now and then.

    ``running``: None for a folder that no server uses. ``hashes``: all that people have sent is
    read, which may take long.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        *,
        now: int,
        stop: Stop,
        rest: Callable[[], None],
        running: Running | None,
        hashes: bool = False,
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.now = now
        self.rest = rest
        self.running = running
        self.hashes = hashes
        self._stop = stop

    @property
    def database(self) -> Path:
        """The log."""
        return self.folder / DATABASE

    @property
    def index(self) -> Path:
        """What is searched in."""
        return self.folder / INDEX

    @contextmanager
    def reading(self, path: Path) -> Iterator[sqlite3.Connection]:
        """The database in ``path``, to read. Raises `sqlite3.Error`, `TimeUp`."""
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS
        )
        ended: list[BaseException] = []

        def pause() -> int:
            try:
                self.rest()
            except BaseException as error:  # noqa: BLE001 - SQLite would only print it
                ended.append(error)
                return 1
            return 0

        connection.set_progress_handler(pause, STEPS)
        try:
            with self._stop.interrupting(connection):
                yield connection
        except sqlite3.OperationalError:
            if ended:
                raise ended[0] from None
            raise
        finally:
            connection.close()

    def facts(self, connection: sqlite3.Connection, key: str) -> RoomFacts:
        """What holds in the room with that key, by what is saved beside its log."""
        found = connection.execute(
            "SELECT state FROM room_state JOIN rooms ON rooms.id = room_id WHERE key = ?", (key,)
        ).fetchone()
        try:
            return NO_FACTS if found is None else facts_of(found[0])
        except DamagedRows:
            return NO_FACTS
