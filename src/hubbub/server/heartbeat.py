"""One timer for all WebSockets: pings the silent, cuts off the dead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Protocol

BEATS_PER_PING = 4  # how finely silence is measured


class Beating(Protocol):
    """A connection that is pinged when it is silent."""

    def beat(self, now: float) -> None:
        """Pings it, or cuts it off, if it is silent for too long at ``now``, the loop's time."""
        ...

    def stood_still(self, late: float) -> None:
        """For so many seconds nobody could be heard."""
        ...


class Heartbeat:
    """A timer for each connection would cost more memory than the connection."""

    def __init__(self, ping_seconds: float) -> None:
        self._connections: set[Beating] = set()
        self._pause = ping_seconds / BEATS_PER_PING
        self._beat_at: float | None = None

    def add(self, connection: Beating) -> None:
        """Watches ``connection``."""
        self._connections.add(connection)

    def discard(self, connection: Beating) -> None:
        """Watches it no more."""
        self._connections.discard(connection)

    def __iter__(self) -> Iterator[Beating]:
        return iter(self._connections)

    async def run(self) -> None:
        """Beats until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._pause)
            self.beat(loop.time())

    def beat(self, now: float) -> None:
        """Looks at all connections.

        One that is late by more than a pause tells that the server stood still (a virtual machine
        that was suspended, Ctrl+Z): nobody could be heard meanwhile, and all have that time again.
        """
        late = now - self._beat_at - self._pause if self._beat_at is not None else 0.0
        self._beat_at = now
        for connection in list(self):
            if late > self._pause:
                connection.stood_still(late)
            connection.beat(now)
