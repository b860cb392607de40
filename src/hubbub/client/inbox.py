"""A bounded queue of the updates that the program has not taken yet.

The frame that fills it is taken whole. Then its gate closes, and nothing is read from the network
until half of the queue is taken (hysteresis). That is back-pressure for the server, which remembers
our cursor. But reading cannot stop for long: pings have to be answered, and the program may wait
for an answer that is behind the events. So after `PATIENCE_SECONDS`, and at once when an answer is
expected, events are read and dropped. When the gate opens again, they are requested from the
cursor on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from hubbub.client.updates import (
    Connected,
    Disconnected,
    Happened,
    Invited,
    LoggedOut,
    NameRefused,
    PresenceChanged,
    SomeoneIsTyping,
    Update,
)
from hubbub.domain.kinds import texts_of

MOST_UPDATES = 1000  # about a second of a very busy room
CHARS_PER_UPDATE = 4000  # a longer text counts as several updates
PATIENCE_SECONDS = 5.0  # well below the time in which a ping has to be answered

CONNECTION = (Connected, Disconnected, LoggedOut, NameRefused)
"""States of the connection: each replaces the one before."""


class Inbox:
    """A queue with a gate. ``opened`` is called when the gate opens again; ``clock`` is monotonic,
    in seconds.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        opened: Callable[[], None],
        *,
        most: int = MOST_UPDATES,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._clock = clock
        self._opened = opened
        self._most = most
        self._patience = patience
        self._updates: deque[Update] = deque()
        self._weight = 0
        self._late: dict[object, Update] = {}
        self._closed_at: float | None = None
        self._changed = asyncio.Event()
        self._filled = asyncio.Event()
        self._ended = False
        self._error: BaseException | None = None

    # For the session

    def put(self, update: Update) -> None:
        """Adds an update, without waiting. Before events are put, `admits` is to be asked."""
        if self._closed_at is not None and not isinstance(update, Happened):
            self._put_behind_gate(update)
            return
        self._updates.append(update)
        self._weight += _weigh(update)
        if self._closed_at is None and self._weight >= self._most:
            self._closed_at = self._clock()
        self._filled.set()

    async def admits(self, expecting: Callable[[], bool]) -> bool:
        """Whether events may be put; waits for the gate, unless ``expecting`` an answer."""
        while self._closed_at is not None:
            left = self._closed_at + self._patience - self._clock()
            if left <= 0 or expecting():
                return False
            self._changed.clear()
            try:
                async with asyncio.timeout(left):
                    await self._changed.wait()
            except TimeoutError:
                return False
        return True

    def nudge(self) -> None:
        """Makes `admits` check ``expecting`` again."""
        self._changed.set()

    def end(self, error: BaseException | None = None) -> None:
        """No more updates come. Those in the queue can be taken; then ``error`` is raised."""
        self._append_late()
        self._ended = True
        self._error = error
        self._filled.set()

    # For the program

    async def take(self) -> Update | None:
        """Waits for the next update; None at the end."""
        await self._filled.wait()
        if not self._updates:
            if self._error is not None:
                raise self._error
            return None
        update = self._updates.popleft()
        self._weight -= _weigh(update)
        if not self._updates and not self._ended:
            self._filled.clear()
        if self._closed_at is not None and self._weight <= self._most // 2:
            self._closed_at = None
            self._append_late()
            self._changed.set()
            self._opened()
        return update

    @property
    def empty(self) -> bool:
        """Whether there is no update to take."""
        return not self._updates

    def _put_behind_gate(self, update: Update) -> None:
        """Keeps only the newest update of each kind and room, while the gate is closed.

        Of who is away that is the newest one of each person, as far as there is space.
        """
        if isinstance(update, SomeoneIsTyping):
            return
        kind = CONNECTION if isinstance(update, CONNECTION) else type(update)
        # An invitation may be into any room, so that only one is kept: lists have all of them.
        room = None if isinstance(update, Invited) else getattr(update, "room", None)
        user = update.user if isinstance(update, PresenceChanged) else None
        place = (kind, room, user)
        if user is not None and place not in self._late and len(self._late) >= self._most:
            return
        self._late.pop(place, None)
        self._late[place] = update

    def _append_late(self) -> None:
        self._updates.extend(self._late.values())
        self._weight += sum(map(_weigh, self._late.values()))
        self._late.clear()


def _weigh(update: Update) -> int:
    if isinstance(update, Happened):
        return 1 + sum(map(len, texts_of(update.event))) // CHARS_PER_UPDATE
    return 1
