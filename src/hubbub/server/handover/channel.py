"""What the old server and the new one say to each other: words in lines, over a pair of sockets.

``ready`` (the new one could serve), ``go SECONDS`` (the folder is free; the last of the clients
come back after so many seconds), ``serving``, ``main`` (the old one has nothing more to do), and
``stop`` (the new one is not needed). The end of the old one without a word means ``go``, unless it
is the one that was started first (see `keeper`).
"""

from __future__ import annotations

import asyncio
import socket

VARIABLE = "HUBBUB_HANDOVER"
"""The variable that the new server has: descriptors of its channel, of the real stderr, and of the
line to the process that was started first (see `keeper`)."""

READY, GO, SERVING, MAIN, STOP = "ready", "go", "serving", "main", "stop"
MOST_BYTES = 1024  # that are read at once


class Channel:
    """One end. `hear` and `wait` return "" at the end of the other process."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._data = b""

    def say(self, word: str) -> None:
        """Says a word; the other process may be gone."""
        try:
            self._socket.setblocking(True)
            self._socket.sendall(f"{word}\n".encode())
        except OSError:
            pass

    def wait(self, seconds: float | None = None) -> str:
        """The next word, without an event loop. Raises TimeoutError."""
        self._socket.settimeout(seconds)
        while (word := self._word()) is None:
            try:
                more = self._socket.recv(MOST_BYTES)
            except TimeoutError:
                raise
            except OSError:
                return ""
            if not more:
                return ""
            self._data += more
        return word

    async def hear(self) -> str:
        """The next word."""
        loop = asyncio.get_running_loop()
        self._socket.setblocking(False)
        while (word := self._word()) is None:
            try:
                more = await loop.sock_recv(self._socket, MOST_BYTES)
            except OSError:
                return ""
            if not more:
                return ""
            self._data += more
        return word

    def close(self) -> None:
        self._socket.close()

    def _word(self) -> str | None:
        line, end, rest = self._data.partition(b"\n")
        if not end:
            return None
        self._data = rest
        return line.decode(errors="replace")
