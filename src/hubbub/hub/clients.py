"""Clients: the addresses behind connections, and what all connections of one may cost together.

A limit for each connection is none for somebody who opens a hundred of them, or comes again. So
budgets belong to a client: an IPv4 address, an IPv6 /64 (what one household or host is given,
RFC 6177), or all of this computer's own addresses. A client within its budgets never notices
them; one that is not waits or is refused, and nobody else does.

Who rents a server is often given a whole IPv6 /48, which is 65,536 such clients. So all of a /48
have budgets together, too: `SITE_TIMES` as large.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

from hubbub.hub.rate import FULL, Budget, take_token
from hubbub.hub.settings import HubSettings
from hubbub.hub.share import CPU, Share

LOOPBACK = "loopback"
"""The key of this computer, and of Unix sockets."""

NETWORK_BITS = 64  # of an IPv6 address: the rest is the client's own to choose
SITE_BITS = 48  # what one customer may be given (RFC 6177): a company, or a server that is rented
SITE_TIMES = 10  # clients that all of a site may be
LOOKED_AT = 1000  # clients in one tick: less than a millisecond
MOST_REMEMBERED = 100_000  # clients without a connection; about 300 bytes each


def client_key(address: str) -> str:
    """The key of the client at a socket's ``address`` (IPv4, IPv6 with or without a zone).

    Whatever is no IP address (a Unix socket has none) is this computer.
    """
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return LOOPBACK
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    if ip.is_loopback:
        return LOOPBACK
    if isinstance(ip, IPv4Address):
        return str(ip)
    return _network(ip, NETWORK_BITS)


def site_key(key: str) -> str:
    """The key of the site of the client with ``key``: for an IPv6 network the /48, else itself."""
    address, slash, _ = key.partition("/")
    return _network(IPv6Address(address), SITE_BITS) if slash else key


def _network(ip: IPv6Address, bits: int) -> str:
    return f"{IPv6Address(int(ip) >> (128 - bits) << (128 - bits))}/{bits}"


def address_of(client: str) -> str:
    """Of the address and port from which somebody asks, the address."""
    return client.rpartition(" ")[0]


class Budgets:
    """What each client may use; from the settings. ``times``: so many clients together."""

    __slots__ = ("by_client", "commands", "connects", "rooms", "stored", "visits")

    def __init__(self, settings: HubSettings, times: int = 1) -> None:
        self.by_client = settings.by_client
        share = times if settings.by_client else 0
        # No limit for a connection is none for its client, either.
        hurried = share if settings.rate_limit > 0 else 0
        self.commands = Budget(
            "commands", hurried * settings.client_rate_limit, times * settings.client_rate_burst
        )
        """Commands, of all connections together."""
        self.visits = Budget(
            "visits", hurried * settings.visit_rate_limit, times * settings.visit_rate_burst
        )
        """Joins of one room that the log has to tell."""
        self.connects = Budget(
            "connects", share * settings.connect_rate_limit, times * settings.connect_rate_burst
        )
        """New connections."""
        self.rooms = Budget.per_day("rooms", share * settings.client_rooms_per_day)
        """Rooms made."""
        self.stored = Budget.per_day("stored", share * settings.client_bytes_per_day)
        """Bytes of the disk."""


class Client(Share):
    """What one client has used of its budgets. Made by `Clients`.

    ``connections`` counts those that are open. ``site``: what it shares with its neighbours.
    ``spent``: seconds of the event loop that went into what it has asked for.
    """

    __slots__ = ("_buckets", "_budgets", "connections", "key", "site", "spent")

    def __init__(self, key: str, budgets: Budgets, site: Client | None = None) -> None:
        super().__init__()
        self.key = key
        self.site = site
        self.connections = 0
        self.spent = 0.0
        self._budgets = budgets
        self._buckets: dict[Budget, float] | None = None  # those that are not full, see `_take`

    def __repr__(self) -> str:
        return f"<Client {self.key}>"

    @property
    def shares(self) -> bool:
        """Whether all connections have one share of the loop's time, or each has its own."""
        return self._budgets.by_client

    @property
    def visits(self) -> Budget:
        """Its joins of one room that the log has to tell."""
        return self._budgets.visits

    @property
    def taker(self) -> Client:
        """Who takes turns: of the event loop's time, and in a `hubbub.hub.fairqueue.FairQueue`.

        A site has no more of them than any other client: it would have the most of all.
        """
        return self.site if self.site is not None else self

    def opened(self) -> None:
        """There is one more connection."""
        self.connections += 1
        if self.site is not None:
            self.site.connections += 1

    def closed(self) -> None:
        """There is one less."""
        self.connections -= 1
        if self.site is not None:
            self.site.connections -= 1

    def charge(self, seconds: float, now: float) -> None:
        """See `Share`."""
        self.spent += seconds
        self._cpu_full_at = max(self._cpu_full_at, now) + seconds / CPU.rate

    def command(self, now: float, patience: float) -> float:
        """Takes or reserves a command; the seconds until it may be done. See `take_token`."""
        return self._take("commands", now, patience=patience)

    def connect(self, now: float, patience: float) -> float:
        """Takes or reserves a connection; the seconds until it may be served."""
        return self._take("connects", now, patience=patience)

    def room(self, now: float) -> float:
        """Takes a new room; the seconds until there may be one (then none is taken)."""
        return self._take("rooms", now)

    def store(self, size: int, now: float) -> float:
        """Takes ``size`` bytes; the seconds until there is room for them (then none are taken)."""
        return self._take("stored", now, cost=size)

    def _take(self, what: str, now: float, *, cost: float = 1.0, patience: float = 0.0) -> float:
        budget: Budget = getattr(self._budgets, what)
        if budget.rate <= 0:
            return 0.0
        buckets = self._buckets = self._buckets if self._buckets is not None else {}
        buckets[budget], wait = take_token(
            buckets.get(budget, FULL), budget.rate, budget.burst, now, cost=cost, patience=patience
        )
        # In this order, as what is refused here must cost the neighbours nothing.
        if self.site is not None and wait <= patience:
            wait = max(wait, self.site._take(what, now, cost=cost, patience=patience))
        return wait

    def is_idle(self, now: float) -> bool:
        """Whether nothing is lost by forgetting the client: gone, and all its buckets full."""
        full_at = max(self._buckets.values()) if self._buckets else FULL
        return not self.connections and not self.takers and full_at <= now


class Clients:
    """All clients that are connected, or whose budgets are not full again yet."""

    def __init__(self, settings: HubSettings, monotonic: Callable[[], float]) -> None:
        self.budgets = Budgets(settings)
        self._site_budgets = Budgets(settings, SITE_TIMES)
        self._monotonic = monotonic
        self._clients: dict[str, Client] = {}
        self._to_look_at: list[Client] = []  # by `tick`, from the end on

    def __len__(self) -> int:
        return len(self._clients)

    def __iter__(self) -> Iterator[Client]:
        return iter(self._clients.values())

    def at(self, address: str) -> Client:
        """The client at a socket's ``address``, for a new connection."""
        key = client_key(address)
        client = self._clients.get(key)
        if client is None:
            site = self._site(site_key(key)) if self.budgets.by_client and "/" in key else None
            self._make_room()
            client = self._clients[key] = Client(key, self.budgets, site)
        return client

    def _site(self, key: str) -> Client:
        site = self._clients.get(key)
        if site is None:
            self._make_room()
            site = self._clients[key] = Client(key, self._site_budgets)
        return site

    def tick(self) -> None:
        """Forgets those of whom there is nothing to remember, some at a time."""
        now = self._monotonic()
        if not self._to_look_at:
            self._to_look_at = list(self._clients.values())
        for client in self._to_look_at[-LOOKED_AT:]:
            if client.is_idle(now) and self._clients.get(client.key) is client:
                del self._clients[client.key]
        del self._to_look_at[-LOOKED_AT:]

    def _make_room(self) -> None:
        """Forgets the oldest who is not connected, when there are very many."""
        if len(self._clients) >= MOST_REMEMBERED:
            oldest = itertools.islice(self._clients.values(), LOOKED_AT)
            gone = next((client for client in oldest if not client.connections), None)
            if gone is not None:
                del self._clients[gone.key]
