"""A link between two programs that can be cut: a port that passes connections on to another one.

What is cut is silent, as a network is that loses everything: nobody is told, nothing is refused,
connections stay open, and what was written on them arrives when the link is mended, as TCP sends it
again then. A connection that is opened meanwhile is not answered until then.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from enum import Flag
from typing import Protocol

from tools.cluster.background import Background, close, connect, reset, together
from tools.cluster.listener import Listener

CHUNK = 64 * 1024


class Way(Flag):
    """Which direction of a link."""

    THERE = 1
    """From who has opened the connection."""
    BACK = 2
    BOTH = 3


class Link(Protocol):
    """What is between two programs."""

    @property
    def is_cut(self) -> bool:
        """Whether something is cut off."""
        ...

    def cut(self, way: Way = Way.BOTH) -> None:
        """From now on nothing comes through that way."""
        ...

    def mend(self) -> None:
        """All comes through again, also what has waited."""
        ...


class Forwarder:
    """Listens on ``port`` of this computer, and passes on to ``target``.

    ``made`` makes the sockets that lead there, if it is in another network.
    """

    def __init__(
        self,
        background: Background,
        port: int,
        target: tuple[str, int],
        made: Callable[[], socket.socket] | None = None,
    ) -> None:
        self.port = port
        self._made = made
        self._background = background
        self._target = target
        self._open = {Way.THERE: asyncio.Event(), Way.BACK: asyncio.Event()}
        self.mend()
        self._listener = Listener(background, port, self._serve)

    @property
    def is_cut(self) -> bool:
        return not all(gate.is_set() for gate in self._open.values())

    def cut(self, way: Way = Way.BOTH) -> None:
        self._background.call(self._set(way, open_=False))

    def mend(self) -> None:
        self._background.call(self._set(Way.BOTH, open_=True))

    def reset(self) -> None:
        """Ends all connections; both sides are told."""
        self._background.call(self._listener.end())

    def close(self) -> None:
        """Ends it for good."""
        self._listener.close()

    async def _set(self, way: Way, *, open_: bool) -> None:
        for one, gate in self._open.items():
            if one in way:
                gate.set() if open_ else gate.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._whole()
        made = None if self._made is None else self._made()
        far_reader, far_writer = await connect(self._target, made)
        try:
            await together(
                self._pass(reader, far_writer, self._open[Way.THERE]),
                self._pass(far_reader, writer, self._open[Way.BACK]),
            )
            await close(writer, far_writer)
        except OSError:
            await self._whole()  # that a connection has ended comes through as little as all else
        finally:
            reset(far_writer)

    async def _whole(self) -> None:
        for gate in self._open.values():
            await gate.wait()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event
    ) -> None:
        while data := await reader.read(CHUNK):
            await gate.wait()
            writer.write(data)
            await writer.drain()
        await gate.wait()
        with suppress(OSError):
            writer.write_eof()
