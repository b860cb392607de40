"""One timer for all WebSockets: pings the silent, cuts off the dead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubbub.server.websocket import JsonConnection

BEATS_PER_PING = 4  # how finely silence is measured


class Heartbeat:
    """A timer for each connection would cost more memory than the connection."""

    def __init__(self, ping_seconds: float) -> None:
        self._connections: set[JsonConnection] = set()
        self._pause = ping_seconds / BEATS_PER_PING
        self._beat_at: float | None = None

    def add(self, connection: JsonConnection) -> None:
        """Watches ``connection``."""
        self._connections.add(connection)

    def discard(self, connection: JsonConnection) -> None:
        """Watches it no more."""
        self._connections.discard(connection)

    def __iter__(self) -> Iterator[JsonConnection]:
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
