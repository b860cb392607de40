"""Admission control: counts connections by client and refuses those over the limits."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from hubbub.domain.errors import TooManySessions
from hubbub.hub.clients import LOOPBACK, SITE_TIMES, Client, Clients
from hubbub.hub.share import Share
from hubbub.server.options import Options
from hubbub.server.proxies import Origin, Proxies
from hubbub.server.refusals import Refusal

RETRY_SECONDS = 10  # that a refused client is told to wait
CONNECT_PATIENCE_SECONDS = 5.0  # longest delay of a connection over the rate; else refused
STRANGER_SECONDS = 2.0  # a connection without a name may be replaced only after that
PAGES_SHARE = 4  # connections of HTTP for each that may chat: a browser loads a page over six
LOOPBACK_SHARE = 2  # this computer is one client, and has a developer or a proxy with many users


class Admission:
    """All open connections, and the client of each.

    A connection of a trusted proxy is nobody's, and under no limit of an address, until it is known
    for whom the proxy asks: `arrives` and `moves` tell. One that turns out to be for the proxy
    itself `settles`.
    """

    def __init__(
        self,
        clients: Clients,
        options: Options,
        loop: asyncio.AbstractEventLoop,
        proxies: Proxies | None = None,
    ) -> None:
        self._known = clients
        self._options = options
        self._loop = loop
        self.proxies = proxies or Proxies(options.trusted_proxies)
        self._nobody = Client("", clients.budgets)
        # Where connections come from that a proxy has told of before their first byte.
        self._told: dict[asyncio.BaseTransport, Origin] = {}
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

    def share_of(self, transport: asyncio.BaseTransport) -> Share:
        """Who pays for what is done before it is known what a connection speaks; for one that is
        refused, too.
        """
        client = self._clients.get(transport)
        if client is None:
            client = self._known.at(self.origin(transport).address)
        return client.taker

    def origin(self, transport: asyncio.BaseTransport) -> Origin:
        """Where a connection comes from, as its proxy has told before its first byte, or itself."""
        if (told := self._told.get(transport)) is not None:
            return told
        peer, here = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        server = (str(here[0]), int(here[1])) if isinstance(here, tuple) else ("", 0)
        if not isinstance(peer, tuple):
            return Origin("", server=server)
        return Origin(str(peer[0]), int(peer[1]), server)

    def is_told(self, transport: asyncio.BaseTransport) -> bool:
        """Whether the `origin` of a connection is what a proxy has told."""
        return transport in self._told

    def admit(self, transport: asyncio.Transport, go_on: Callable[[], None]) -> Refusal | None:
        """Counts a new connection. Returns why it is refused, or None.

        If the client opens connections too fast, the connection `waits`, and ``go_on`` is called
        when it may be served.
        """
        told, peer = self._told.get(transport), transport.get_extra_info("peername")
        address = str(peer[0]) if isinstance(peer, tuple) else ""
        if told is not None:
            address = told.address
        trusted = self.proxies.trusts(address)
        client = self._nobody if trusted else self._known.at(address)
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
                return _too_fast()
            if wait > 0:
                self._held.add(transport)
                self._loop.call_later(wait, self._let_in, transport, go_on)
        client.opened()
        self._clients[transport] = client
        self._strangers.setdefault(client, {})[transport] = self._loop.time()
        return None

    def moved(self, outer: asyncio.BaseTransport, inner: asyncio.BaseTransport) -> None:
        """What is inside of ``outer``, a layer of the connection, is ``inner`` from now on."""
        client = self._clients.pop(outer, None)
        if client is not None:
            self._clients[inner] = client
            self._forget_stranger(client, outer)
            self._strangers.setdefault(client, {})[inner] = self._loop.time()
        if (told := self._told.pop(outer, None)) is not None:
            self._told[inner] = told

    def waits(self, transport: asyncio.BaseTransport) -> bool:
        """Whether a connection has to wait before it is served."""
        return transport in self._held

    def may_ask(self, transport: asyncio.BaseTransport) -> Refusal | None:
        """Why a connection that begins to speak HTTP, or asks for another client than before, is
        over the limit, or None.
        """
        client = self.client_of(transport)
        limit, counted = PAGES_SHARE * self._limit(client), transport in self._http
        pages = self._pages[client] - counted
        if 0 < limit <= pages:
            return _too_many_from_you(pages)
        site = client.site
        if site is not None and 0 < SITE_TIMES * limit <= self._pages[site] - counted:
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

    def arrives(
        self, transport: asyncio.Transport, origin: Origin, go_on: Callable[[], None]
    ) -> Refusal | None:
        """A trusted proxy tells where its connection comes from, which is admitted as `admit` does
        it.
        """
        self._remove(transport)
        self._told[transport] = origin
        return self.admit(transport, go_on)

    def moves(self, transport: asyncio.BaseTransport, address: str | None) -> None:
        """A connection is for the client at ``address`` from now on; None: for nobody again."""
        before = self.client_of(transport)
        client = self._nobody if address is None else self._known.at(address)
        if client is before or transport not in self._clients:
            return
        before.closed()
        client.opened()
        self._clients[transport] = client
        if transport in self._http:
            self._count_pages(before, -1)
            self._count_pages(client, 1)
        if transport in self._strangers.get(before, {}):
            self._forget_stranger(before, transport)
            self._strangers.setdefault(client, {})[transport] = self._loop.time()

    def settles(self, transport: asyncio.BaseTransport) -> Refusal | None:
        """Why a connection that is for the proxy itself, if it was nobody's, is over the limit."""
        if self.client_of(transport) is not self._nobody:
            return None
        self.moves(transport, self.origin(transport).address)
        return self.may_connect(transport) or self.may_chat(transport)

    def may_connect(self, transport: asyncio.BaseTransport) -> Refusal | None:
        """Why one more connection of a client, which a proxy has made for it, is one too soon."""
        client = self.client_of(transport)
        if self._limit(client) and client.connect(self._loop.time(), 0.0) > 0:
            return _too_fast()
        return None

    def named(self, transport: asyncio.BaseTransport) -> None:
        """The user of a connection has given a name."""
        client = self._clients.get(transport)
        if client is not None:
            self._forget_stranger(client, transport)

    def gone(self, transport: asyncio.BaseTransport) -> None:
        """A connection is over."""
        self._remove(transport)
        self._told.pop(transport, None)
        if self._empty is not None and not self._clients:
            self._empty.set()

    def _remove(self, transport: asyncio.BaseTransport) -> None:
        if transport in self._http:
            self._forget_page(transport)
        client = self._clients.pop(transport, None)
        if client is not None:
            client.closed()
            self._forget_stranger(client, transport)

    def _chats(self, client: Client) -> int:
        return client.connections - self._pages[client]

    def _count_pages(self, client: Client, change: int) -> None:
        for one in (client, client.site):
            if one is not None:
                self._pages[one] += change
                if not self._pages[one]:
                    del self._pages[one]

    def _limit(self, client: Client) -> int:
        if client is self._nobody:
            return 0
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


def _too_fast() -> Refusal:
    return _too_many(
        "Too many connections come from your address. Please try again in a moment.",
        HTTPStatus.TOO_MANY_REQUESTS,
    )


def _too_many(message: str, status: HTTPStatus) -> Refusal:
    return Refusal(
        code=TooManySessions.code, message=message, status=status, retry_after=RETRY_SECONDS
    )
