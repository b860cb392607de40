"""Listens on the one port. `FirstBytes` detects the protocol of each connection."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

from hubbub.hub.hub import Hub
from hubbub.server.admission import Admission
from hubbub.server.context import Context
from hubbub.server.first import FirstBytes
from hubbub.server.heartbeat import Heartbeat
from hubbub.server.http.lazily import Http
from hubbub.server.options import Options
from hubbub.server.origin_policy import OriginPolicy
from hubbub.server.refusals import Refusals
from hubbub.server.sockets import BACKLOG, bind
from hubbub.server.websocket import FrameFormat, JsonConnection
from hubbub.server.wires import make_wires

# A peer that vanished without a word (a laptop shut, a cable cut) is told after about 2 minutes.
KEEPALIVE_IDLE_SECONDS = 60
KEEPALIVE_INTERVAL_SECONDS = 15
KEEPALIVE_PROBES = 4

ACCEPTED_AT_ONCE = 16  # connections in one step of the loop: about a millisecond
UNREAD_BYTES = 64 * 1024
"""What the kernel keeps of a connection that is not read from (Linux: twice that, for its own
needs). By itself it takes megabytes, which are there to be worked through when their sender has
gone. Over 100 ms to the other side of the world this lets through 640 KB a second."""


class Listener:
    """The listening sockets, and what their connections share."""

    def __init__(self, hub: Hub, options: Options) -> None:
        loop = asyncio.get_running_loop()
        self.context = Context(
            hub,
            options,
            loop,
            OriginPolicy(
                (*options.host, *options.allowed_hosts, *_own_name(hub.settings.public_url)),
                options.allowed_origins,
            ),
            Admission(hub.clients, options, loop),
            Heartbeat(options.ping_seconds),
            Refusals(),
        )
        self._frames = FrameFormat()
        self._wires = make_wires(self._frames, hub.rooms.people, hub.factor.picture)
        self._servers: list[asyncio.Server] = []

    async def open(self) -> list[tuple[str, int]]:
        """Binds and listens; returns the addresses. Raises `OSError`."""
        options = self.context.options
        sockets = await bind(options.host, options.port)
        addresses = [sock.getsockname()[:2] for sock in sockets]
        try:
            while sockets:
                _keep_alive(sockets[0])
                # Connections inherit it, too.
                sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD_BYTES)
                # To asyncio's own loop ``backlog`` is how many it accepts before it looks at
                # anybody else, too; the kernel may keep more of them for us.
                server = await self.context.loop.create_server(
                    lambda: FirstBytes(self.context, self._wires),
                    sock=sockets[0],
                    backlog=ACCEPTED_AT_ONCE,
                )
                sockets.pop(0).listen(BACKLOG)
                self._servers.append(server)
        except BaseException:
            self.stop()
            for sock in sockets:
                sock.close()
            raise
        return addresses

    def serve_http(self) -> Http:
        """Starts to serve HTTP."""
        context, admission = self.context, self.context.admission
        context.http = http = Http(
            context.hub,
            context.origin_policy,
            context.options,
            self.websocket,
            context.hub.turns,
            admission.client_of,
            admission.gone,
        )
        return http

    def websocket(self) -> JsonConnection:
        """A connection that expects a WebSocket's handshake."""
        return JsonConnection(self.context, self._frames)

    def stop(self) -> None:
        """Stops accepting connections."""
        self.context.closing = True
        for server in self._servers:
            server.close()
        if self.context.http is not None:
            self.context.http.close_idle()

    def abort(self) -> None:
        """Aborts all connections."""
        self.context.admission.abort()
        self.context.refusals.abort()


def _own_name(url: str) -> tuple[str, ...]:
    """The name by which browsers know this server, if it was told."""
    name = urlsplit(url).hostname
    return () if name is None else (name,)


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
