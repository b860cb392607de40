"""Listens on the one port, counts connections, and makes the right kind of each."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from http import HTTPStatus
from typing import Protocol as Shape
from typing import cast

from hubbub.domain.errors import TooManySessions
from hubbub.hub.clients import LOOPBACK, SITE_TIMES, Client
from hubbub.hub.hub import Hub
from hubbub.server.connection import Connection
from hubbub.server.doors import Doors
from hubbub.server.first import FirstBytes
from hubbub.server.heartbeat import Heartbeat
from hubbub.server.line import LineConnection
from hubbub.server.localtime import LocalTime
from hubbub.server.options import Options
from hubbub.server.portions import Portions, hand_over
from hubbub.server.refusals import Refusal, Refusals
from hubbub.server.sockets import BACKLOG, bind
from hubbub.server.websocket import FrameFormat, JsonConnection
from hubbub.wire.detect import Protocol
from hubbub.wire.line import LineFormat

RETRY_SECONDS = 10  # after which a connection that was one too many may be tried again

# A peer that vanished without a word (a laptop shut, a cable cut) is told after about 2 minutes.
KEEPALIVE_IDLE_SECONDS = 60
KEEPALIVE_INTERVAL_SECONDS = 15
KEEPALIVE_PROBES = 4

ACCEPTED_AT_ONCE = 16  # connections in one step of the loop: about a millisecond
UNREAD_BYTES = 64 * 1024
"""What the kernel keeps of a connection that is not read from (Linux: twice that, for its own
needs). By itself it takes megabytes, which are there to be worked through when their sender has
gone. Over 100 ms to the other side of the world this lets through 640 KB a second."""
CONNECT_PATIENCE_SECONDS = 5.0  # for which a connection of a client that opens too many waits
STRANGER_SECONDS = 2.0  # for which a connection without a name gives way to no other
PAGES_SHARE = 4  # connections of HTTP for each that may chat: a browser loads a page over six
LOOPBACK_SHARE = 2  # this computer is one client, and has a developer or a proxy with many users


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
        self.doors = Doors((*options.hosts, *options.allowed_hosts), options.allowed_origins)
        self.heartbeat = Heartbeat(options.ping_seconds)
        self.closing = False
        self.refusals = Refusals()
        self.http: HttpSide | None = None
        self._frames = FrameFormat()
        local_time = LocalTime()
        self._lines = (LineFormat(local_time), LineFormat(local_time, "\r\n"))
        self._clients: dict[asyncio.BaseTransport, Client] = {}
        self.held: set[asyncio.BaseTransport] = set()
        """Connections that have to wait, as their client opens too many."""
        # Connections that have not given a name, and since when: oldest first.
        self._strangers: dict[Client, dict[asyncio.BaseTransport, float]] = {}
        # Connections of HTTP, which are counted apart: a class that opens the page is no flood.
        self._http: set[asyncio.BaseTransport] = set()
        self._pages: Counter[Client] = Counter()
        self._servers: list[asyncio.Server] = []
        self._empty: asyncio.Event | None = None

    async def open(self) -> list[tuple[str, int]]:
        """Binds and listens; returns the addresses. Raises `OSError`."""
        sockets = await bind(self.options.hosts, self.options.port)
        addresses = [sock.getsockname()[:2] for sock in sockets]
        try:
            while sockets:
                _keep_alive(sockets[0])
                # Connections inherit it, too.
                sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD_BYTES)
                # To asyncio's own loop ``backlog`` is how many it accepts before it looks at
                # anybody else, too; the kernel may keep more of them for us.
                server = await self.loop.create_server(
                    lambda: FirstBytes(self), sock=sockets[0], backlog=ACCEPTED_AT_ONCE
                )
                sockets.pop(0).listen(BACKLOG)
                self._servers.append(server)
        except BaseException:
            self.stop()
            for sock in sockets:
                sock.close()
            raise
        return addresses

    def stop(self) -> None:
        """Takes no new connections."""
        self.closing = True
        for server in self._servers:
            server.close()
        if self.http is not None:
            self.http.close_idle()

    def abort(self) -> None:
        """Cuts off whoever is still connected."""
        for transport in list(self._clients):
            cast(asyncio.Transport, transport).abort()  # uvloop's is no subclass
        self.refusals.abort()

    async def emptied(self) -> None:
        """Returns when all connections are closed. Bounded by the caller."""
        self._empty = asyncio.Event()
        if self._clients:
            await self._empty.wait()

    # For connections

    def admit(self, transport: asyncio.Transport) -> Refusal | None:
        """Counts a new connection; why it is refused, if there are too many."""
        peer = transport.get_extra_info("peername")
        client = self.hub.clients.at(str(peer[0]) if isinstance(peer, tuple) else "")
        limit, total = self._limit(client), self.options.sessions
        chats = self._chats(client)
        if 0 < limit <= chats and not self._give_way(client):
            return _too_many_from_you(chats)
        if (site := client.site) is not None and 0 < SITE_TIMES * limit <= self._chats(site):
            return _too_many_from_you(self._chats(site))
        if 0 < total <= len(self._clients):
            return _too_many(
                "This server has as many connections as it can take. Please try again later.",
                HTTPStatus.SERVICE_UNAVAILABLE,
            )
        if limit:
            wait = client.connect(self.loop.time(), CONNECT_PATIENCE_SECONDS)
            if wait > CONNECT_PATIENCE_SECONDS:
                return _too_many(
                    "Too many connections come from your address. Please try again in a moment.",
                    HTTPStatus.TOO_MANY_REQUESTS,
                )
            if wait > 0:
                self.held.add(transport)
                self.loop.call_later(wait, self._let_in, transport)
        client.opened()
        self._clients[transport] = client
        self._strangers.setdefault(client, {})[transport] = self.loop.time()
        return None

    def may_ask(self, transport: asyncio.BaseTransport) -> Refusal | None:
        """Why a connection that has begun to speak HTTP is one too many, if it is."""
        client = self.client_of(transport)
        limit, pages = PAGES_SHARE * self._limit(client), self._pages[client]
        return _too_many_from_you(pages) if 0 < limit <= pages else None

    def begins_chat(self, transport: asyncio.BaseTransport) -> None:
        """A connection of HTTP becomes a WebSocket."""
        if transport in self._http:
            self._forget_page(transport)
            self._strangers.setdefault(self.client_of(transport), {})[transport] = self.loop.time()

    def may_chat(self, transport: asyncio.BaseTransport) -> Refusal | None:
        """Why a connection that has become a WebSocket is one too many, if it is."""
        client = self.client_of(transport)
        limit, chats = self._limit(client), self._chats(client)
        if 0 < limit < chats and not self._give_way(client):
            return _too_many_from_you(chats - 1)
        if (site := client.site) is not None and 0 < SITE_TIMES * limit < self._chats(site):
            return _too_many_from_you(self._chats(site) - 1)
        return None

    def _chats(self, client: Client) -> int:
        return client.connections - self._pages[client]

    def _count_pages(self, client: Client, change: int) -> None:
        for one in (client, client.site):
            if one is not None:
                self._pages[one] += change
                if not self._pages[one]:
                    del self._pages[one]

    def _limit(self, client: Client) -> int:
        return self.options.sessions_per_address * (LOOPBACK_SHARE if client.key == LOOPBACK else 1)

    def _forget_page(self, transport: asyncio.BaseTransport) -> None:
        self._http.discard(transport)
        self._count_pages(self.client_of(transport), -1)

    def _give_way(self, client: Client) -> bool:
        """Closes the oldest connection of ``client`` that has no name; whether there is one.

        So nobody is kept out by connections that say nothing.
        """
        for transport, since in self._strangers.get(client, {}).items():
            if self.loop.time() - since < STRANGER_SECONDS:
                return False
            self.gone(transport)
            cast(asyncio.Transport, transport).abort()
            return True
        return False

    def _let_in(self, transport: asyncio.Transport) -> None:
        self.held.discard(transport)
        protocol = transport.get_protocol()
        if isinstance(protocol, FirstBytes) and not transport.is_closing():
            protocol.go_on()

    def named(self, transport: asyncio.BaseTransport) -> None:
        """Who is at the other end has said a name."""
        client = self._clients.get(transport)
        if client is not None:
            self._forget_stranger(client, transport)

    def gone(self, transport: asyncio.BaseTransport) -> None:
        """A connection is over."""
        if transport in self._http:
            self._forget_page(transport)
        client = self._clients.pop(transport, None)
        if client is not None:
            client.closed()
            self._forget_stranger(client, transport)
        if self._empty is not None and not self._clients:
            self._empty.set()

    def client_of(self, transport: asyncio.BaseTransport) -> Client:
        """Whose connection it is."""
        return self._clients.get(transport) or self.hub.clients.at("")

    @property
    def connections(self) -> int:
        """How many there are now."""
        return len(self._clients)

    def _forget_stranger(self, client: Client, transport: asyncio.BaseTransport) -> None:
        strangers = self._strangers.get(client)
        if strangers is not None:
            strangers.pop(transport, None)
            if not strangers:
                del self._strangers[client]

    def serve(
        self, transport: asyncio.Transport, protocol: Protocol, data: bytes
    ) -> Portions | asyncio.Protocol:
        """Gives a connection whose protocol is known to what speaks it."""
        connection = self._make(transport, protocol)
        transport.set_protocol(connection)
        connection.connection_made(transport)
        hand_over(connection, data)
        return connection

    def websocket(self) -> Connection:
        """A connection that expects a WebSocket's handshake."""
        return JsonConnection(self, self._frames)

    def _make(
        self, transport: asyncio.Transport, protocol: Protocol
    ) -> Portions | asyncio.Protocol:
        if protocol is Protocol.WEBSOCKET:
            return self.websocket()
        if protocol is Protocol.HTTP and self.http is not None:
            client = self.client_of(transport)
            self._forget_stranger(client, transport)  # HTTP has deadlines of its own
            self._http.add(transport)
            self._count_pages(client, 1)
            return self.http()
        return LineConnection(self, self._lines)


def _too_many_from_you(count: int) -> Refusal:
    return _too_many(
        f"There are {count} connections from your address already. Close one first.",
        HTTPStatus.TOO_MANY_REQUESTS,
    )


def _too_many(message: str, status: HTTPStatus) -> Refusal:
    return Refusal(
        code=TooManySessions.code, message=message, status=status, retry_after=RETRY_SECONDS
    )


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
