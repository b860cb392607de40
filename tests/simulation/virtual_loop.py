"""An event loop in which time passes when nothing else is to be done, and nothing is random."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

Factory = Callable[[], asyncio.BaseProtocol]


MAX_TURNS = 100_000  # without time passing; a whole life has some thousands


class Standstill(AssertionError):
    """Everybody waits, and nothing is left that could wake them; or they go round in circles."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs timers in their order, without waiting for them. Servers listen on `listening`."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.listening: VirtualServer | None = None
        self._selector = _Selector(self)
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self.now

    async def create_server(self, factory: Factory, *args: Any, **more: Any) -> Any:  # type: ignore[override]
        """Takes the place of a listening socket: a network hands connections to ``factory``."""
        if sock := more.get("sock"):
            self.call_soon(sock.close)  # whoever has made it may still set it up
        self.listening = VirtualServer(self, factory)
        return self.listening

    def _process_events(self, events: object) -> None:
        """There are none: no socket is ever asked."""

    def _write_to_self(self) -> None:
        """There is no other thread to be woken by."""


class VirtualServer:
    """What a listening `asyncio.Server` is to the server's code."""

    def __init__(self, loop: VirtualLoop, factory: Factory) -> None:
        self._loop = loop
        self.factory = factory
        self.sockets = (self,)

    def getsockname(self) -> tuple[str, int]:
        """The address that is told to the people."""
        return ("127.0.0.1", 8080)

    def setsockopt(self, *_: int) -> None:
        """A connection here ends when the simulation says so."""

    def close(self) -> None:
        """Takes no connections any more."""
        if self._loop.listening is self:
            self._loop.listening = None


class _Selector:
    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._turns = 0

    def select(self, seconds: float | None) -> tuple[()]:
        if seconds is None:
            raise Standstill("everybody waits, and nothing is left that could wake them")
        self._turns = 0 if seconds else self._turns + 1
        if self._turns > MAX_TURNS:
            raise Standstill("something goes on and on, and no time passes")
        self._loop.now += seconds
        return ()

    def close(self) -> None:
        pass
