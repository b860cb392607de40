"""Notices a dead connection: no answer comes to a command.

The keepalive pings of the WebSocket notice every dead connection within 40 s. Somebody who has
just sent a text should not wait that long for "saved".
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from hubbub.client.connection import Connection
from hubbub.client.errors import ConnectionLost

QUIET_SECONDS = 5.0  # of silence after a command, until a ping is sent
ANSWER_SECONDS = 5.0  # for the answer to the ping: several times what the slowest network takes
HURRIED_SECONDS = 1.0  # for the same when the person has asked to reconnect


class Watch:
    """``hurried`` is set when the person thinks that the connection is dead."""

    def __init__(self, clock: Callable[[], float], hurried: asyncio.Event) -> None:
        self._clock = clock
        self._hurried = hurried
        self._silent_since: float | None = None
        self._gave_up_in_a_hurry = False

    def was_hurried(self) -> bool:
        """Whether the connection was given up because the person asked to reconnect."""
        hurried, self._gave_up_in_a_hurry = self._gave_up_in_a_hurry, False
        return hurried

    def asked(self) -> None:
        """A command was sent that will be answered."""
        if self._silent_since is None:
            self._silent_since = self._clock()

    def heard(self, *, expecting: bool) -> None:
        """A reply came; ``expecting``: more answers are outstanding."""
        self._silent_since = self._clock() if expecting else None

    def begin(self) -> None:
        """There is a new connection; commands on the last one do not count."""
        self.heard(expecting=False)
        self._hurried.clear()

    async def watch(self, connection: Connection) -> None:
        """Watches a connection; raises `ConnectionLost` when it is dead."""
        while True:
            await self._turn(connection)

    async def _turn(self, connection: Connection) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._left()):
                await self._hurried.wait()
        if self._hurried.is_set():
            await self._ask(connection, HURRIED_SECONDS)
            self._hurried.clear()
        elif self._silent_since is not None and self._left() == 0:
            await self._ask(connection, ANSWER_SECONDS)
            self.heard(expecting=self._silent_since is not None)

    def _left(self) -> float:
        if self._silent_since is None:
            return QUIET_SECONDS
        return max(0.0, self._silent_since + QUIET_SECONDS - self._clock())

    async def _ask(self, connection: Connection, seconds: float) -> None:
        began = self._silent_since
        if not await connection.answers(seconds) and self._silent_since == began:
            self._gave_up_in_a_hurry = self._hurried.is_set()
            connection.abandon()
            raise ConnectionLost("The server does not answer any more.")
