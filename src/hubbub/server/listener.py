"""Listens on the one port, counts connections, and makes the right kind of each."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Protocol as Shape
from typing import cast

from hubbub.hub.hub import Hub
from hubbub.server.connection import Connection
from hubbub.server.doors import Doors
from hubbub.server.first import FirstBytes
from hubbub.server.heartbeat import Heartbeat
from hubbub.server.line import LineConnection
from hubbub.server.localtime import LocalTime
from hubbub.server.options import Options
from hubbub.server.websocket import FrameFormat, JsonConnection
from hubbub.wire.detect import Protocol
from hubbub.wire.line import LineFormat

BACKLOG = 1024  # connections that the kernel keeps for us while we are busy

# A peer that vanished without a word (a laptop shut, a cable cut) is told after about 2 minutes.
KEEPALIVE_IDLE_SECONDS = 60
KEEPALIVE_INTERVAL_SECONDS = 15
KEEPALIVE_PROBES = 4


class HttpSide(Shape):
    """Serves the connections that speak HTTP."""

    def __call__(self) -> asyncio.Protocol:
        """The protocol of a new connection."""
        ...

    def close_idle(self) -> None:
        """Closes every connection, those with an answer under way when it is out."""
        ...


class Listener:
    """The server's sockets and all that hangs on them."""

    def __init__(self, hub: Hub, options: Options) -> None:
        self.hub = hub
        self.options = options
        self.loop = asyncio.get_running_loop()
        self.doors = Doors((options.host, *options.allowed_hosts), options.allowed_origins)
        self.heartbeat = Heartbeat(options.ping_seconds)
        self.closing = False
        self.http: HttpSide | None = None
        self._frames = FrameFormat()
        local_time = LocalTime()
        self._lines = (LineFormat(local_time), LineFormat(local_time, "\r\n"))
        self._addresses: dict[asyncio.BaseTransport, str] = {}
        self._per_address: dict[str, int] = {}
        self._server: asyncio.Server | None = None
        self._empty: asyncio.Event | None = None

    async def open(self) -> list[tuple[str, int]]:
        """Binds and listens; returns the addresses. Raises `OSError`."""
        self._server = await self.loop.create_server(
            lambda: FirstBytes(self),
            self.options.host or None,
            self.options.port,
            backlog=BACKLOG,
            reuse_address=True,
        )
        for sock in self._server.sockets:
            _keep_alive(sock)
        return [sock.getsockname()[:2] for sock in self._server.sockets]

    def stop(self) -> None:
        """Takes no new connections."""
        self.closing = True
        if self._server is not None:
            self._server.close()
        if self.http is not None:
            self.http.close_idle()

    def abort(self) -> None:
        """Cuts off whoever is still connected."""
        for transport in list(self._addresses):
            cast(asyncio.Transport, transport).abort()  # uvloop's is no subclass

    async def emptied(self) -> None:
        """Returns when all connections are closed. Bounded by the caller."""
        self._empty = asyncio.Event()
        if self._addresses:
            await self._empty.wait()

    # For connections

    def admit(self, transport: asyncio.Transport) -> str | None:
        """Counts a new connection; the sentence that refuses it, if there are too many."""
        peer = transport.get_extra_info("peername")
        # One string for all connections of an address.
        address = sys.intern(str(peer[0])) if isinstance(peer, tuple) else "local"
        count = self._per_address.get(address, 0)
        limit, total = self.options.sessions_per_address, self.options.sessions
        if 0 < limit <= count:
            return f"There are {count} connections from your address already. Close one first."
        if 0 < total <= len(self._addresses):
            return "This server has as many connections as it can take. Please try again later."
        self._per_address[address] = count + 1
        self._addresses[transport] = address
        return None

    def gone(self, transport: asyncio.BaseTransport) -> None:
        """A connection is over."""
        address = self._addresses.pop(transport, None)
        if address is not None:
            left = self._per_address[address] - 1
            if left:
                self._per_address[address] = left
            else:
                del self._per_address[address]
        if self._empty is not None and not self._addresses:
            self._empty.set()

    def address_of(self, transport: asyncio.BaseTransport) -> str:
        """The peer's address, as counted."""
        return self._addresses.get(transport, "")

    @property
    def connections(self) -> int:
        """How many there are now."""
        return len(self._addresses)

    def serve(
        self, transport: asyncio.Transport, protocol: Protocol, data: bytes
    ) -> asyncio.Protocol:
        """Gives a connection whose protocol is known to what speaks it."""
        connection = self._make(protocol)
        transport.set_protocol(connection)
        connection.connection_made(transport)
        connection.data_received(data)
        return connection

    def websocket(self) -> Connection:
        """A connection that expects a WebSocket's handshake."""
        return JsonConnection(self, self._frames)

    def _make(self, protocol: Protocol) -> asyncio.Protocol:
        if protocol is Protocol.WEBSOCKET:
            return self.websocket()
        if protocol is Protocol.HTTP and self.http is not None:
            return self.http()
        return LineConnection(self, self._lines)


def _keep_alive(sock: socket.socket) -> None:
    """For all connections that ``sock`` accepts: they inherit this."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE_SECONDS),
        ("TCP_KEEPINTVL", KEEPALIVE_INTERVAL_SECONDS),
        ("TCP_KEEPCNT", KEEPALIVE_PROBES),
    ):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
