"""Asks a program of an account whether it has got what it was shown: see `hubbub.wire.irc.got`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

ASK_SECONDS = 1.0  # so much is shown again if the connection is cut, and little was said before
REST_SECONDS = 5.0
"""Between two questions: so much is shown again, at most, where much is said. irssi sends a line in
2.2 seconds, and answers come first: asked each second, it would send nothing that its user says."""


class GotPipe:
    """The way out of one connection, that notes that something goes that way.

    ``ask`` asks, and is called when something was written lately; it returns whether it has to wait
    for the answer to what it has asked before.
    """

    __slots__ = ("_ask", "_rested", "_timer", "_transport")

    def __init__(self, transport: asyncio.Transport, ask: Callable[[], bool]) -> None:
        self._transport = transport
        self._ask = ask
        self._rested = 0.0  # when the next question may be asked, by the clock of the loop
        self._timer: asyncio.TimerHandle | None = None

    def write(self, data: bytes) -> None:
        """Writes events."""
        self._transport.write(data)
        self.note()

    def note(self) -> None:
        """Something was written that is to be asked about."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time() + ASK_SECONDS, self._rested), self._ask_now)

    def _ask_now(self) -> None:
        self._timer = None
        if self._transport.is_closing():
            return
        if self._ask():
            self.note()
        else:
            self._rested = asyncio.get_running_loop().time() + REST_SECONDS

    def close(self) -> None:
        """The connection is over."""
        if self._timer is not None:
            self._timer.cancel()
