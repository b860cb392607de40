"""How far the programs of accounts have read: each by itself, whatever the account has read.

A program that comes back is shown exactly what it has not read. Markers only grow, and are saved
together every few seconds, and when a session ends; so a crash shows some of it again.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from hubbub.domain.ids import UserId
from hubbub.hub.ports import Clock, Entry, KeepReaders, Log, ReaderMarker, Settled
from hubbub.hub.room import HubRoom
from hubbub.hub.session import User

SAVE_SECONDS = 3.0
GROUP = 500  # markers that are saved together: some milliseconds of the writer
MOST_UNSAVED = 50_000  # in case the log takes nothing: what is new then may be shown again

Which = tuple[str, HubRoom]
"""Of which program, and of which room."""


class Readers:
    """The markers that are not saved yet, by users, and those in the log.

    ``append`` takes entries for it.
    """

    def __init__(self, log: Log, append: Callable[[Entry], None], clock: Clock) -> None:
        self._log = log
        self._append = append
        self._clock = clock
        self._unsaved: dict[UserId, dict[Which, int]] = {}
        self._saving: dict[UserId, dict[Which, int]] = {}
        self._waiting = 0  # of those that are unsaved
        self._saved_at = 0.0

    def move(self, user: User, reader: str, room: HubRoom, seq: int) -> None:
        """The program of the account has read up to ``seq``. Nothing is kept of guests."""
        if user.account and user.id is not None and self._waiting < MOST_UNSAVED:
            self._note(user.id, (reader, room), min(seq, room.head))

    async def read_by(self, user: User, reader: str | None, room: HubRoom) -> int | None:
        """How far it has read; None if that is not known. Raises `LogUnavailable`."""
        if reader is None or not user.account or user.id is None:
            return None
        here = [seq for which, seq in self._here(user.id) if which == (reader, room)]
        saved = await self._log.read_by(user.id, reader, room.name)
        known = here if saved is None else [*here, saved]
        return min(max(known), room.head) if known else None

    async def all_read_by(self, user: User, reader: str) -> dict[str, int]:
        """How far it has read, by the rooms' keys. Raises `LogUnavailable`."""
        if not user.account or user.id is None:
            return {}
        here = self._here(user.id)
        found = await self._log.all_read_by(user.id, reader)
        for (which, room), seq in here:
            if which == reader and not room.gone:
                found[room.name.key] = max(seq, found.get(room.name.key, 0))
        return found

    def tick(self, now: float) -> None:
        """Saves what has changed, every few seconds."""
        if self._unsaved and now - self._saved_at >= SAVE_SECONDS:
            self._save_some()
            if not self._unsaved:
                self._saved_at = now

    def ended(self, user: User) -> None:
        """A session of ``user`` ends, who may come back at once, to another server."""
        while user.id is not None and user.id in self._unsaved:
            self._save([(user.id, which) for which in [*self._unsaved[user.id]][:GROUP]])

    def close(self) -> None:
        """Saves all that has changed."""
        while self._unsaved:
            self._save_some()

    def _here(self, user: UserId) -> list[tuple[Which, int]]:
        """What is known of the user's programs that may not be in the log yet."""
        both = (self._unsaved.get(user, {}), self._saving.get(user, {}))
        return [one for known in both for one in known.items()]

    def _note(self, user: UserId, which: Which, seq: int) -> None:
        waiting = self._unsaved.setdefault(user, {})
        self._waiting += which not in waiting
        waiting[which] = max(seq, waiting.get(which, 0))

    def _save_some(self) -> None:
        unsaved = ((user, which) for user, mine in self._unsaved.items() for which in mine)
        self._save(list(islice(unsaved, GROUP)))

    def _save(self, some: list[tuple[UserId, Which]]) -> None:
        now, moved = self._clock(), []
        for user, which in some:
            seq = _pop(self._unsaved, user, which)
            self._waiting -= 1
            if not which[1].gone:
                moved.append((user, which, seq))
                self._saving.setdefault(user, {})[which] = seq
        if not moved:
            return

        def done(outcome: Settled) -> None:
            for user, which, seq in moved:
                if self._saving.get(user, {}).get(which) == seq:
                    _pop(self._saving, user, which)
                if outcome.error is not None and not which[1].gone:
                    self._note(user, which, seq)

        markers = [
            ReaderMarker(user, reader, room.name, seq, now) for user, (reader, room), seq in moved
        ]
        self._append(KeepReaders(tuple(markers), done=done))


def _pop(of: dict[UserId, dict[Which, int]], user: UserId, which: Which) -> int:
    mine = of[user]
    seq = mine.pop(which)
    if not mine:
        del of[user]
    return seq
