"""A network cable between clients and a server, to be cut, and to lose what goes over it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any, Self

CHUNK_BYTES = 64 * 1024
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing says RST, as a router that forgot us does


class Cable:
    """Carries TCP from ``port`` to the server's port, on a thread of its own."""

    def __init__(self, server_port: int) -> None:
        self.port = 0
        self._server_port = server_port
        self._plugged = True
        self._lost: set[str] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._listener = self._do(asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *exc: object) -> None:
        self.cut()
        self._listener.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """All connections break, and new ones are refused at once."""
        self._do(self._cut())

    def lose(self, *directions: str) -> None:
        """What goes ``up`` to the server, ``down``, or both, is lost; nobody is told."""
        self._lost = set(directions)

    def mend(self) -> None:
        """New connections are carried again."""
        self._plugged = True
        self._lost = set()

    async def _cut(self) -> None:
        self._plugged = False
        for writer in self._open:
            _reset(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._plugged:
            _reset(writer)
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:  # there is no server at the moment
            _reset(writer)
            return
        pair = {writer, back}
        self._open |= pair
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._flow("up", reader, back))
                tasks.create_task(self._flow("down", there, writer))
        finally:
            self._open -= pair

    async def _flow(
        self, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                if direction not in self._lost:
                    writer.write(data)
                    await writer.drain()
        writer.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


def _reset(writer: asyncio.StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
