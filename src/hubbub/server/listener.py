"""Listens on the one port. `FirstBytes` detects the protocol of each connection."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hubbub.hub.hub import Hub
from hubbub.server.admission import Admission
from hubbub.server.askers import Askers
from hubbub.server.context import Context
from hubbub.server.doors import bind_doors, door_of
from hubbub.server.first import FirstBytes
from hubbub.server.heartbeat import Heartbeat
from hubbub.server.http.lazily import Http
from hubbub.server.numbering import ConnectionIds
from hubbub.server.options import Options
from hubbub.server.origin_policy import OriginPolicy
from hubbub.server.refusals import Refusals
from hubbub.server.sockets import BACKLOG
from hubbub.server.tallies import Tallies
from hubbub.server.tls.certificates import Certificates
from hubbub.server.unixsocket import UnixSocket
from hubbub.server.websocket import FrameFormat, JsonConnection
from hubbub.server.wires import make_wires

if TYPE_CHECKING:
    from hubbub.server.http.administering import Tasks

# A peer that vanished without a word (a laptop shut, a cable cut) is told after about 2 minutes.
KEEPALIVE_IDLE_SECONDS = 60
KEEPALIVE_INTERVAL_SECONDS = 15
KEEPALIVE_PROBES = 4

NETWORKS = (socket.AF_INET, socket.AF_INET6)
ACCEPTED_AT_ONCE = 16  # connections in one step of the loop: about a millisecond
UNREAD_BYTES = 64 * 1024
"""What the kernel keeps of a connection that is not read from (Linux: twice that, for its own
needs). By itself it takes megabytes, which are there to be worked through when their sender has
gone. Over 100 ms to the other side of the world this lets through 640 KB a second."""


class Listener:
    """The listening sockets, and what their connections share."""

    def __init__(
        self,
        hub: Hub,
        options: Options,
        certificates: Certificates | None = None,
        tasks: Callable[[], Tasks] | None = None,
    ) -> None:
        """``tasks`` makes those of administrators, for the HTTP side."""
        self._tasks = tasks
        loop = asyncio.get_running_loop()
        self.context = Context(
            hub,
            options,
            loop,
            OriginPolicy(
                (
                    *options.host,
                    *options.allowed_hosts,
                    *_own_name(hub.settings.public_url),
                    *(certificates.names if certificates is not None else ()),
                ),
                options.allowed_origins,
            ),
            admission := Admission(hub.clients, options, loop),
            Heartbeat(options.ping_seconds),
            Refusals(),
            Askers(admission),
            Tallies(certificates),
            ConnectionIds(),
            certificates,
            since=hub.clock(),
            site=hub.settings.public_url,
        )
        self._frames = FrameFormat()
        self._wires = make_wires(
            self._frames, hub.rooms.people, hub.factor.picture, lambda: self.context.site
        )
        self._servers: list[asyncio.Server] = []
        self.unix: UnixSocket | None = None
        self.kept: list[socket.socket] = []
        self.names: list[str] = []

    async def open(
        self, given: Sequence[socket.socket] = (), *, keep: bool = False
    ) -> list[tuple[str, int]]:
        """Binds and listens; returns the addresses of networks. Raises `OSError`.

        ``given``: sockets that are listened on in place of those that the settings name. ``keep``:
        `kept` has copies of all of them, by which connections wait for another server while this
        one takes no more, until `stop`.
        """
        options = self.context.options
        sockets = await bind_doors(options, given)
        if options.socket and (not given or any(one.family not in NETWORKS for one in given)):
            self._add_unix(sockets, Path(options.socket))
        addresses = [one.getsockname()[:2] for one in sockets if one.family in NETWORKS]
        self.names = [_name(sock) for sock in sockets]
        if keep:
            self.kept = [sock.dup() for sock in sockets]
        try:
            while sockets:
                if sockets[0].family in NETWORKS:
                    _keep_alive(sockets[0])
                # Connections inherit it, too.
                sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD_BYTES)
                # To asyncio's own loop ``backlog`` is how many it accepts before it looks at
                # anybody else, too; the kernel may keep more of them for us.
                loop = self.context.loop
                create: Callable[..., Awaitable[asyncio.Server]] = loop.create_unix_server
                if sockets[0].family in NETWORKS:
                    create = loop.create_server
                else:
                    create = partial(create, **_keeps_file(loop))
                door = door_of(sockets[0], options)
                server = await create(
                    partial(FirstBytes, self.context, self._wires, door),
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

    def _add_unix(self, sockets: list[socket.socket], path: Path) -> None:
        given = next((one for one in sockets if one.family not in NETWORKS), None)
        try:
            self.unix = UnixSocket(path, given)
        except OSError:
            for sock in sockets:
                sock.close()
            raise
        if given is None:
            sockets.append(self.unix.socket)

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
            context.tallies,
            context.askers,
            context.certificates,
            self._tasks,
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
        if self.unix is not None:
            self.unix.remove()
        while self.kept:
            self.kept.pop().close()
        if self.context.http is not None:
            self.context.http.close_idle()

    def abort(self) -> None:
        """Aborts all connections."""
        self.context.admission.abort()
        self.context.refusals.abort()


def _keeps_file(loop: asyncio.AbstractEventLoop) -> dict[str, bool]:
    """Keeps asyncio, from Python 3.13 on, from removing the file of a Unix socket at the end: it
    may be systemd's, or that of the server that takes over.
    """
    if sys.version_info >= (3, 13) and isinstance(loop, asyncio.SelectorEventLoop):
        return {"cleanup_socket": False}
    return {}


def _own_name(url: str) -> tuple[str, ...]:
    """The name by which browsers know this server, if it was told."""
    name = urlsplit(url).hostname
    return () if name is None else (name,)


def _name(sock: socket.socket) -> str:
    """The address of a listening socket, for people."""
    if sock.family not in NETWORKS:
        return str(sock.getsockname())
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


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
