"""The runs of the client: where each ended, with its unsent lines, and which one is continued.

Several clients may use one file at once. Each has a run of its own, and writes only that. A client
that starts continues a run of the same user that has ended or was killed. It also takes the lines
of all other such runs, so that they are sent although fewer clients may start.
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
    """Our run among those in one file. ``locks`` is None in memory, where there is no other.

    ``user`` and ``key`` are our name; ``rooms`` has the cursors of the rooms that we are in, and
    ``stamps`` the times of those events.
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
        """Continues the last run of that user, or of one without a name yet, if there is one.

        A run of another user that we have is left as ended.
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
        """Saves who we are, our rooms with the cursors, and the unsent lines."""
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
        """Saves the unsent lines, in order."""
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
        """Deletes our rooms and cursors; ``everywhere``: those of all runs, in a transaction."""
        self.rooms, self.stamps = {}, {}
        if everywhere:
            self._database.execute("UPDATE runs SET rooms = '{}'")

    def end(self) -> None:
        """Ends our run; another client may continue it."""
        with transaction(self._database):
            self._give_back()

    def on(self, database: sqlite3.Connection) -> Runs:
        """Our run on another connection to the same file; this object must not be used then."""
        again = Runs(database, self._locks, self._most)
        again._lock, self._lock = self._lock, None
        if database.execute("SELECT 1 FROM runs WHERE id IS ?", (self._id,)).fetchone():
            again._id, again._lines = self._id, self._lines
            again.user, again.key = self.user, self.key
            again.rooms, again.stamps = self.rooms, self.stamps
        return again

    def _begin(self) -> int:
        """Our run's number; a new run is locked before others can see it."""
        if self._id is None:
            id = self._database.execute(
                "INSERT INTO runs (rooms, ended, used)"
                " VALUES ('{}', 0, (SELECT coalesce(max(used), 0) + 1 FROM runs))"
            ).lastrowid
            assert id is not None
            if self._locks is not None:
                self._lock = self._locks.acquire(id)
            self._id = id
            self._clean_up()
        return self._id

    def _give_back(self, but: Sequence[Unsent] = ()) -> None:
        """Marks our run as ended, with its lines except ``but``; then we have no run."""
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
        """The user's runs that are over, locked: the last one first, those without a name last."""
        found = self._database.execute(
            "SELECT id FROM runs WHERE user_key IS ? OR user_key IS NULL"
            " ORDER BY user_key IS NULL, used DESC",
            (key,),
        )
        return [(id, lock) for (id,) in found.fetchall() for lock in self._lock_of(id)]

    def _lock_of(self, run: int) -> Sequence[Lock]:
        """The run's lock, or nothing if the run is alive."""
        if self._locks is None:
            return [None]
        lock = self._locks.acquire(run)
        return [] if lock is None else [lock]

    def _take_lines(self, runs: Iterable[int]) -> None:
        """Moves the lines of those runs to ours, in this order."""
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
                    # The run was killed, perhaps just after it had sent this line.
                    unsent = replace(unsent, sent_as=user)
                lines[unsent.nonce] = unsent
            self._database.execute("DELETE FROM lines WHERE run = ?", (run,))
        self._write_all(self._id, lines.values())
        self._lines = lines

    def _clean_up(self) -> None:
        """Deletes the oldest runs that have ended and have no lines."""
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
        """Writes the changes, if new lines are only at the end."""
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
