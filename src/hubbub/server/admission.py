"""Admission control: counts connections by client and refuses those over the limits."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from hubbub.domain.errors import TooManySessions
from hubbub.hub.clients import LOOPBACK, SITE_TIMES, Client, Clients
from hubbub.server.options import Options
from hubbub.server.refusals import Refusal

RETRY_SECONDS = 10  # that a refused client is told to wait
CONNECT_PATIENCE_SECONDS = 5.0  # longest delay of a connection over the rate; else refused
STRANGER_SECONDS = 2.0  # a connection without a name may be replaced only after that
PAGES_SHARE = 4  # connections of HTTP for each that may chat: a browser loads a page over six
LOOPBACK_SHARE = 2  # this computer is one client, and has a developer or a proxy with many users


class Admission:
    """All open connections, and the client of each."""

    def __init__(self, clients: Clients, options: Options, loop: asyncio.AbstractEventLoop) -> None:
        self._known = clients
        self._options = options
        self._loop = loop
        self._clients: dict[asyncio.BaseTransport, Client] = {}
        self._held: set[asyncio.BaseTransport] = set()
        # Connections that have not given a name, and since when: oldest first.
        self._strangers: dict[Client, dict[asyncio.BaseTransport, float]] = {}
        # Connections of HTTP, which are counted apart: a class that opens the page is no flood.
        self._http: set[asyncio.BaseTransport] = set()
        self._pages: Counter[Client] = Counter()
        self._empty: asyncio.Event | None = None

    def __len__(self) -> int:
        return len(self._clients)

    def abort(self) -> None:
        """Aborts all connections."""
        for transport in list(self._clients):
            cast(asyncio.Transport, transport).abort()  # uvloop's is no subclass

    async def emptied(self) -> None:
        """Returns when all connections are closed. Bounded by the caller."""
        self._empty = asyncio.Event()
        if self._clients:
            await self._empty.wait()

    def client_of(self, transport: asyncio.BaseTransport) -> Client:
        """The client of a connection."""
        return self._clients.get(transport) or self._known.at("")

    def admit(self, transport: asyncio.Transport, go_on: Callable[[], None]) -> Refusal | None:
        """Counts a new connection. Returns why it is refused, or None.

        If the client opens connections too fast, the connection `waits`, and ``go_on`` is called
        when it may be served.
        """
        peer = transport.get_extra_info("peername")
        client = self._known.at(str(peer[0]) if isinstance(peer, tuple) else "")
        limit, total = self._limit(client), self._options.sessions
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
            wait = client.connect(self._loop.time(), CONNECT_PATIENCE_SECONDS)
            if wait > CONNECT_PATIENCE_SECONDS:
                return _too_many(
                    "Too many connections come from your address. Please try again in a moment.",
                    HTTPStatus.TOO_MANY_REQUESTS,
                )
            if wait > 0:
                self._held.add(transport)
                self._loop.call_later(wait, self._let_in, transport, go_on)
        client.opened()
        self._clients[transport] = client
        self._strangers.setdefault(client, {})[transport] = self._loop.time()
        return None

    def waits(self, transport: asyncio.BaseTransport) -> bool:
        """Whether a connection has to wait before it is served."""
        return transport in self._held

    def may_ask(self, transport: asyncio.BaseTransport) -> Refusal | None:
        """Why a connection that begins to speak HTTP is over the limit, or None."""
        client = self.client_of(transport)
        limit, pages = PAGES_SHARE * self._limit(client), self._pages[client]
        if 0 < limit <= pages:
            return _too_many_from_you(pages)
        if (site := client.site) is not None and 0 < SITE_TIMES * limit <= self._pages[site]:
            return _too_many_from_you(self._pages[site])
        return None

    def begins_http(self, transport: asyncio.BaseTransport) -> None:
        """The connection speaks HTTP, which has its own deadlines."""
        client = self.client_of(transport)
        self._forget_stranger(client, transport)
        self._http.add(transport)
        self._count_pages(client, 1)

    def begins_chat(self, transport: asyncio.BaseTransport) -> None:
        """An HTTP connection becomes a WebSocket."""
        if transport in self._http:
            self._forget_page(transport)
            self._strangers.setdefault(self.client_of(transport), {})[transport] = self._loop.time()

    def may_chat(self, transport: asyncio.BaseTransport) -> Refusal | None:
        """Why a connection that has become a WebSocket is over the limit, or None."""
        client = self.client_of(transport)
        limit, chats = self._limit(client), self._chats(client)
        if 0 < limit < chats and not self._give_way(client):
            return _too_many_from_you(chats - 1)
        if (site := client.site) is not None and 0 < SITE_TIMES * limit < self._chats(site):
            return _too_many_from_you(self._chats(site) - 1)
        return None

    def named(self, transport: asyncio.BaseTransport) -> None:
        """The user of a connection has given a name."""
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

    def _chats(self, client: Client) -> int:
        return client.connections - self._pages[client]

    def _count_pages(self, client: Client, change: int) -> None:
        for one in (client, client.site):
            if one is not None:
                self._pages[one] += change
                if not self._pages[one]:
                    del self._pages[one]

    def _limit(self, client: Client) -> int:
        share = LOOPBACK_SHARE if client.key == LOOPBACK else 1
        return self._options.sessions_per_address * share

    def _forget_page(self, transport: asyncio.BaseTransport) -> None:
        self._http.discard(transport)
        self._count_pages(self.client_of(transport), -1)

    def _give_way(self, client: Client) -> bool:
        """Aborts the oldest connection of ``client`` without a name. Returns whether there was one.

        So idle connections cannot exhaust a client's limit.
        """
        for transport, since in self._strangers.get(client, {}).items():
            if self._loop.time() - since < STRANGER_SECONDS:
                return False
            self.gone(transport)
            cast(asyncio.Transport, transport).abort()
            return True
        return False

    def _let_in(self, transport: asyncio.Transport, go_on: Callable[[], None]) -> None:
        self._held.discard(transport)
        if not transport.is_closing():
            go_on()

    def _forget_stranger(self, client: Client, transport: asyncio.BaseTransport) -> None:
        strangers = self._strangers.get(client)
        if strangers is not None:
            strangers.pop(transport, None)
            if not strangers:
                del self._strangers[client]


def _too_many_from_you(count: int) -> Refusal:
    return _too_many(
        f"There are {count} connections from your address already. Close one first.",
        HTTPStatus.TOO_MANY_REQUESTS,
    )


def _too_many(message: str, status: HTTPStatus) -> Refusal:
    return Refusal(
        code=TooManySessions.code, message=message, status=status, retry_after=RETRY_SECONDS
    )
