"""One timer for all WebSockets: pings silent ones, aborts dead ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Protocol

BEATS_PER_PING = 4  # resolution of the measured silence


class Beating(Protocol):
    """A connection that is pinged when it is silent."""

    def beat(self, now: float) -> None:
        """Pings it, or cuts it off, if it is silent for too long at ``now``, the loop's time."""
        ...

    def stood_still(self, late: float) -> None:
        """The server was suspended for so many seconds, and read from nobody."""
        ...


class Heartbeat:
    """The connections to watch. A timer for each would cost more memory than the connection."""

    def __init__(self, ping_seconds: float) -> None:
        self._connections: dict[Beating, None] = {}  # half the size of a set
        self._pause = ping_seconds / BEATS_PER_PING
        self._beat_at: float | None = None

    def add(self, connection: Beating) -> None:
        """Watches ``connection``."""
        self._connections[connection] = None

    def discard(self, connection: Beating) -> None:
        """Stops watching ``connection``."""
        self._connections.pop(connection, None)

    def __iter__(self) -> Iterator[Beating]:
        return iter(self._connections)

    async def run(self) -> None:
        """Beats until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._pause)
            self.beat(loop.time())

    def beat(self, now: float) -> None:
        """Checks all connections.

        A beat that is late by more than a whole interval means that the server was suspended
        (virtual machine, Ctrl+Z). It could hear nobody then, so all get that time in addition.
        """
        late = now - self._beat_at - self._pause if self._beat_at is not None else 0.0
        self._beat_at = now
        for connection in list(self):
            if late > self._pause:
                connection.stood_still(late)
            connection.beat(now)
