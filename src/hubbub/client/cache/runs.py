"""Where runs of the client ended, with the lines they left unsent, and who goes on from there.

Several clients may use one file at once. Each has a run of its own, and writes no other's. Who
starts goes on from a run of the same user that ended or was killed. Lines that other such runs
left are taken along, so that they are not forgotten if no more clients start.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.json import Decoder, Encoder
from msgspec.structs import replace

from hubbub.client.cache.alive import Locks
from hubbub.client.cache.database import transaction
from hubbub.client.line import Unsent

if TYPE_CHECKING:
    from filelock import FileLock

    Lock = FileLock | None

_encoder = Encoder(enc_hook=str)
_unsent = Decoder(Unsent)
_rooms = Decoder(dict[str, int | tuple[int, int]])


class Runs:
    """Our run among those on one file. ``locks`` is None where nobody else can be: in memory.

    ``user`` and ``key`` are our name; ``rooms`` those we are in, with our cursors, and ``stamps``
    the times of the events there.
    """

    def __init__(self, database: sqlite3.Connection, locks: Locks | None, most: int) -> None:
        self.user: str | None = None
        self.key: str | None = None
        self.rooms: Mapping[str, int] = {}
        self.stamps: Mapping[str, int] = {}
        self._database = database
        self._locks = locks
        self._most = most
        self._id: int | None = None
        self._lock: Lock = None
        self._lines: dict[str, Unsent] = {}

    @property
    def exist(self) -> bool:
        """Whether we have a run."""
        return self._id is not None

    @property
    def lines(self) -> Sequence[Unsent]:
        """Our unsent lines, in order."""
        return tuple(self._lines.values())

    def adopt(self, key: str | None) -> None:
        """Goes on from the last run of that user, or of one who had no name yet, if there is one.

        If we have a run already, and of another user, that one is left for later.
        """
        with transaction(self._database):
            if self._id is not None and self.key == key:
                return
            self._give_back()
            ended = self._ended(key)
            if ended:
                self._id, self._lock = ended[0]
                self.user, self.key, rooms = self._database.execute(
                    "SELECT user, user_key, rooms FROM runs WHERE id = ?", (self._id,)
                ).fetchone()
                self.rooms, self.stamps = _read_rooms(rooms)
                self._take_lines(id for id, _ in reversed(ended))
                self._database.execute("UPDATE runs SET ended = 0 WHERE id = ?", (self._id,))
        for _, lock in ended[1:]:
            if lock is not None:
                lock.release()

    def keep(
        self,
        user: str | None,
        key: str | None,
        rooms: Mapping[str, int],
        stamps: Mapping[str, int],
        unsent: Sequence[Unsent],
    ) -> None:
        """Writes down who we are, which rooms we are in, with our cursors, and the lines."""
        if (user, rooms, stamps) != (self.user, self.rooms, self.stamps):
            with transaction(self._database):
                if self.key not in (None, key):
                    self._give_back(unsent)
                self._database.execute(
                    "UPDATE runs SET user = ?, user_key = ?, rooms = ?,"
                    " used = (SELECT max(used) FROM runs) + 1 WHERE id = ?",
                    (user, key, _written_rooms(rooms, stamps), self._begin()),
                )
            self.user, self.key, self.rooms, self.stamps = user, key, dict(rooms), dict(stamps)
        self.keep_lines(unsent)

    def keep_lines(self, unsent: Sequence[Unsent]) -> None:
        """Writes down which lines wait, and in which order."""
        lines = {line.nonce: line for line in unsent}
        if lines == self._lines and list(lines) == list(self._lines):
            return
        with transaction(self._database):
            id = self._begin()
            staying = [nonce for nonce in self._lines if nonce in lines]
            if staying == list(lines)[: len(staying)]:
                self._write_changes(id, lines)
            else:
                self._write_all(id, lines.values())
        self._lines = lines

    def forget_rooms(self, *, everywhere: bool) -> None:
        """Forgets our rooms and cursors, or in a transaction those of all runs."""
        self.rooms, self.stamps = {}, {}
        if everywhere:
            self._database.execute("UPDATE runs SET rooms = '{}'")

    def end(self) -> None:
        """What was written down is how we ended; others may go on from here."""
        with transaction(self._database):
            self._give_back()

    def on(self, database: sqlite3.Connection) -> Runs:
        """Our run on another connection to the same file; this one is not to be used any more."""
        again = Runs(database, self._locks, self._most)
        again._lock, self._lock = self._lock, None
        if database.execute("SELECT 1 FROM runs WHERE id IS ?", (self._id,)).fetchone():
            again._id, again._lines = self._id, self._lines
            again.user, again.key = self.user, self.key
            again.rooms, again.stamps = self.rooms, self.stamps
        return again

    def _begin(self) -> int:
        """Our run's number. A new run's lock is ours before anybody sees the run."""
        if self._id is None:
            id = self._database.execute(
                "INSERT INTO runs (rooms, ended, used)"
                " VALUES ('{}', 0, (SELECT coalesce(max(used), 0) + 1 FROM runs))"
            ).lastrowid
            assert id is not None
            if self._locks is not None:
                self._lock = self._locks.take(id)
            self._id = id
            self._clean_up()
        return self._id

    def _give_back(self, but: Sequence[Unsent] = ()) -> None:
        """Leaves our run as one that ended, with its lines but those; we have none then."""
        if self._id is None:
            return
        self._database.executemany(
            "DELETE FROM lines WHERE run = ? AND nonce = ?", [(self._id, one.nonce) for one in but]
        )
        self._database.execute("UPDATE runs SET ended = 1 WHERE id = ?", (self._id,))
        if self._lock is not None:
            self._lock.release()
        self._id = self._lock = self.user = self.key = None
        self._lines, self.rooms, self.stamps = {}, {}, {}

    def _ended(self, key: str | None) -> list[tuple[int, Lock]]:
        """The user's runs that are over, locked: the last one first, those of nobody last."""
        found = self._database.execute(
            "SELECT id FROM runs WHERE user_key IS ? OR user_key IS NULL"
            " ORDER BY user_key IS NULL, used DESC",
            (key,),
        )
        return [(id, lock) for (id,) in found.fetchall() for lock in self._lock_of(id)]

    def _lock_of(self, run: int) -> Sequence[Lock]:
        """Its lock, or nothing if it is alive."""
        if self._locks is None:
            return [None]
        lock = self._locks.take(run)
        return [] if lock is None else [lock]

    def _take_lines(self, runs: Iterable[int]) -> None:
        """Makes the lines of those runs ours, in this order."""
        assert self._id is not None
        lines: dict[str, Unsent] = {}
        for run in runs:
            user, ended = self._database.execute(
                "SELECT user, ended FROM runs WHERE id = ?", (run,)
            ).fetchone()
            for (line,) in self._database.execute(
                "SELECT line FROM lines WHERE run = ? ORDER BY place", (run,)
            ):
                unsent = _unsent.decode(line)
                if not ended and unsent.sent_as is None:
                    # It was killed, and perhaps just after it sent what it had written down.
                    unsent = replace(unsent, sent_as=user)
                lines[unsent.nonce] = unsent
            self._database.execute("DELETE FROM lines WHERE run = ?", (run,))
        self._write_all(self._id, lines.values())
        self._lines = lines

    def _clean_up(self) -> None:
        """Forgets what ended long ago and left no lines."""
        old = self._database.execute(
            "SELECT id FROM runs WHERE id NOT IN (SELECT run FROM lines) ORDER BY used DESC"
            " LIMIT -1 OFFSET ?",
            (self._most,),
        )
        for (id,) in old.fetchall():
            for lock in self._lock_of(id):
                self._database.execute("DELETE FROM runs WHERE id = ?", (id,))
                if lock is not None and self._locks is not None:
                    self._locks.remove(id)
                    lock.release()

    def _write_changes(self, id: int, lines: Mapping[str, Unsent]) -> None:
        """Writes what changed, when only the end of the queue is new."""
        gone = [(id, nonce) for nonce in self._lines if nonce not in lines]
        changed = [
            (_encoder.encode(line), id, nonce)
            for nonce, line in lines.items()
            if nonce in self._lines and self._lines[nonce] != line
        ]
        new = [line for nonce, line in lines.items() if nonce not in self._lines]
        execute = self._database.executemany
        execute("DELETE FROM lines WHERE run = ? AND nonce = ?", gone)
        execute("UPDATE lines SET line = ? WHERE run = ? AND nonce = ?", changed)
        self._append(id, new)

    def _write_all(self, id: int, lines: Iterable[Unsent]) -> None:
        self._database.execute("DELETE FROM lines WHERE run = ?", (id,))
        self._append(id, lines)

    def _append(self, id: int, lines: Iterable[Unsent]) -> None:
        (last,) = self._database.execute(
            "SELECT coalesce(max(place), 0) FROM lines WHERE run = ?", (id,)
        ).fetchone()
        self._database.executemany(
            "INSERT INTO lines VALUES (?, ?, ?, ?)",
            [
                (id, place, line.nonce, _encoder.encode(line))
                for place, line in enumerate(lines, last + 1)
            ],
        )


def _written_rooms(rooms: Mapping[str, int], stamps: Mapping[str, int]) -> str:
    """The cursor of each room: a number, or a number and the time of the event."""
    cursors = {room: [seq, stamps[room]] if room in stamps else seq for room, seq in rooms.items()}
    return _encoder.encode(cursors).decode()


def _read_rooms(written: str) -> tuple[Mapping[str, int], Mapping[str, int]]:
    cursors = _rooms.decode(written)
    seqs = {room: one if isinstance(one, int) else one[0] for room, one in cursors.items()}
    return seqs, {room: one[1] for room, one in cursors.items() if not isinstance(one, int)}
