"""How people appear to others in their rooms: connected or not; here, away or busy.

It is told with the next tick, as it is then, and so once for who comes and goes in between. When
very many come at the same time, as after a restart, everybody would be told of everybody: a tick
writes so much and no more, and the rest is told later, in the order in which it happened. Like
notices of who is writing, it is lost to sessions that are behind.

What somebody says themselves, that they are away, is told at once, but once a tick.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from hubbub.hub.room import HubRoom

WRITES_A_TICK = 5000  # to sessions: some milliseconds, so about 1 % of the time


class Appearances:
    """Who is to be told of. ``tell`` tells ``room`` of the member with that key."""

    def __init__(self, tell: Callable[[HubRoom, str], None]) -> None:
        self._tell = tell
        self._due: OrderedDict[tuple[HubRoom, str], None] = OrderedDict()
        self._told: set[tuple[HubRoom, str]] = set()  # at once, since the last tick

    def __len__(self) -> int:
        return len(self._due)

    def changed(self, room: HubRoom, key: str) -> None:
        """The member of ``room`` with that key appears otherwise."""
        if room.live:
            self._due[room, key] = None

    def changed_by_themselves(self, room: HubRoom, key: str) -> None:
        """The member of ``room`` with that key wants to be seen otherwise."""
        if (room, key) in self._told:
            self.changed(room, key)
        elif room.live:
            self._told.add((room, key))
            self._due.pop((room, key), None)
            self._tell(room, key)

    def tick(self) -> None:
        """Tells what is due."""
        self._told.clear()
        written = 0
        while self._due and written < WRITES_A_TICK:
            (room, key), _ = self._due.popitem(last=False)
            written += 1 + sum(map(len, room.live.values()))
            self._tell(room, key)
