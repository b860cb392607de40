"""What stands for a node, where only connections matter."""

from __future__ import annotations

import asyncio

from tools.cluster.background import Background, close
from tools.cluster.listener import Listener


class FakeNode:
    """Answers each request of HTTP with its own name, and a line with its name and the line."""

    def __init__(self, background: Background, name: str, port: int) -> None:
        self.name = name
        self.port = port
        self.status = 200
        self.stands_still = False
        self._background = background
        self._listener: Listener | None = None

    def start(self) -> None:
        self._listener = Listener(self._background, self.port, self._serve)

    def end(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._answer(reader, writer)
        await close(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            while self.stands_still:  # noqa: ASYNC110 - another thread sets it
                await asyncio.sleep(0.01)
            if not line.startswith(b"GET "):
                writer.write(f"{self.name} {line.decode()}".encode())
                continue
            head = b""
            while (header := await reader.readline()).strip():
                head += header
            status = self.status if b"/healthz" in line else 200
            words = self.name.encode()
            writer.write(b"HTTP/1.1 %d .\r\nContent-Length: %d\r\n\r\n" % (status, len(words)))
            writer.write(words)
            if b"connection: close" in head.lower():
                return
