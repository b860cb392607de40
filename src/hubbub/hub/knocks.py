"""Who has knocked at which room of late: again within the hour is the same."""

from __future__ import annotations

from collections import OrderedDict

from hubbub.domain.ids import UserId

KNOCK_SECONDS = 3600.0
MOST_REMEMBERED = 50_000  # knocks at all rooms, there or not; the oldest are forgotten first


class Knocks:
    """Remembers knocks, at rooms that are there and at others alike."""

    def __init__(self) -> None:
        self._knocked: OrderedDict[tuple[UserId, str], float] = OrderedDict()

    def again(self, user: UserId, room: str, now: float) -> bool:
        """Notes that ``user`` knocks at the room with that key; whether it is for the same."""
        key = user, room
        before = self._knocked.get(key)
        if before is not None and now - before < KNOCK_SECONDS:
            return True
        self._knocked[key] = now
        self._knocked.move_to_end(key)
        if len(self._knocked) > MOST_REMEMBERED:
            self._knocked.popitem(last=False)
        return False

    def failed(self, user: UserId, room: str) -> None:
        """It was not saved."""
        self._knocked.pop((user, room), None)
