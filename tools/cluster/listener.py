"""A port on which each connection is served by a task of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tools.cluster.background import TURNS, Background, reset, streams_of
from tools.cluster.ports import LOOPBACK

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

BACKLOG = 1024


class Listener:
    """Listens until it is closed. ``serve`` may raise `OSError`. A connection ends with it.

    asyncio's own server leaves connections open that it takes while it is closed, which a test is
    told of as a mistake. All methods but `close` are for the loop's own thread.
    """

    def __init__(self, background: Background, port: int, serve: Serve) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self._background = background
        self._serve = serve
        self._socket = socket.create_server((LOOPBACK, port), backlog=BACKLOG)
        self._socket.setblocking(False)
        background.call(self._open())

    def close(self) -> None:
        """Takes no connections any more, and ends those that there are. For any other thread."""
        self._background.call(self._close())

    async def end(self) -> None:
        """Ends all connections; those at the other end are told so."""
        for _ in range(TURNS):
            await asyncio.sleep(0)  # each task has begun then, and puts its connection away
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _open(self) -> None:
        asyncio.get_running_loop().add_reader(self._socket, self._accept)

    async def _close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        await self.end()

    def _accept(self) -> None:
        with suppress(OSError):
            connected, _ = self._socket.accept()
            connected.setblocking(False)
            task = asyncio.ensure_future(self._served(connected))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _served(self, connected: socket.socket) -> None:
        with suppress(OSError):
            reader, writer = await streams_of(connected)
            try:
                await self._serve(reader, writer)
            finally:
                reset(writer)
