"""How far the programs of accounts have read: each by itself, whatever the account has read.

A program that comes back is shown exactly what it has not read. Markers only grow, and are saved
together every few seconds, and when a session ends; so a crash shows some of it again.
"""

from __future__ import annotations

from collections.abc import Callable

from hubbub.domain.ids import UserId
from hubbub.hub.ports import Clock, Entry, KeepReaders, Log, ReaderMarker, Settled
from hubbub.hub.room import HubRoom
from hubbub.hub.session import User

SAVE_SECONDS = 3.0
GROUP = 500  # markers that are saved together: some milliseconds of the writer
MOST_UNSAVED = 50_000  # in case the log takes nothing: what is new then may be shown again

Which = tuple[UserId, str, HubRoom]
"""Whose marker, of which program, and of which room."""


class Readers:
    """The markers that are not saved yet, and those in the log. ``append`` takes entries for it."""

    def __init__(self, log: Log, append: Callable[[Entry], None], clock: Clock) -> None:
        self._log = log
        self._append = append
        self._clock = clock
        self._unsaved: dict[Which, int] = {}
        self._saving: dict[Which, int] = {}
        self._saved_at = 0.0

    def move(self, user: User, reader: str, room: HubRoom, seq: int) -> None:
        """The program of the account has read up to ``seq``. Nothing is kept of guests."""
        if user.account and user.id is not None and len(self._unsaved) < MOST_UNSAVED:
            which = user.id, reader, room
            self._unsaved[which] = max(min(seq, room.head), self._unsaved.get(which, 0))

    async def read_by(self, user: User, reader: str | None, room: HubRoom) -> int | None:
        """How far it has read; None if that is not known. Raises `LogUnavailable`."""
        if reader is None or not user.account or user.id is None:
            return None
        which = user.id, reader, room
        here = (self._unsaved.get(which), self._saving.get(which))
        saved = await self._log.read_by(user.id, reader, room.name)
        known = [seq for seq in (*here, saved) if seq is not None]
        return min(max(known), room.head) if known else None

    async def all_read_by(self, user: User, reader: str) -> dict[str, int]:
        """How far it has read, by the rooms' keys. Raises `LogUnavailable`."""
        if not user.account or user.id is None:
            return {}
        here = [*self._unsaved.items(), *self._saving.items()]
        found = await self._log.all_read_by(user.id, reader)
        for (whose, which, room), seq in here:
            if (whose, which) == (user.id, reader) and not room.gone:
                found[room.name.key] = max(seq, found.get(room.name.key, 0))
        return found

    def tick(self, now: float) -> None:
        """Saves what has changed, every few seconds."""
        if self._unsaved and now - self._saved_at >= SAVE_SECONDS:
            self._save([*self._unsaved][:GROUP])
            if not self._unsaved:
                self._saved_at = now

    def ended(self, user: User) -> None:
        """A session of ``user`` ends, who may come back at once, to another server."""
        if self._unsaved and user.account:
            mine = [which for which in self._unsaved if which[0] == user.id]
            for start in range(0, len(mine), GROUP):
                self._save(mine[start : start + GROUP])

    def close(self) -> None:
        """Saves all that has changed."""
        while self._unsaved:
            self._save([*self._unsaved][:GROUP])

    def _save(self, some: list[Which]) -> None:
        now, markers = self._clock(), []
        moved = {which: self._unsaved.pop(which) for which in some}
        for (user, reader, room), seq in moved.items():
            if not room.gone:
                markers.append(ReaderMarker(user, reader, room.name, seq, now))
        if not markers:
            return
        self._saving |= moved

        def done(outcome: Settled) -> None:
            for which, seq in moved.items():
                if self._saving.get(which) == seq:
                    del self._saving[which]
                if outcome.error is not None and not which[2].gone:
                    self._unsaved[which] = max(seq, self._unsaved.get(which, 0))

        self._append(KeepReaders(tuple(markers), done=done))
