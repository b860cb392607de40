"""Which proxies are believed when they say for whom they connect (``trusted-proxies``)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from msgspec import Struct

UNIX = "unix"
"""Stands for whoever connects by the Unix socket."""


class Origin(Struct, frozen=True):
    """Where a connection comes from. ``address``: "" by a Unix socket.

    ``server``: the address and the port that the client connected to, "" and 0 when that is not
    known; ``secure``: the client came over TLS, which somebody else took off.
    """

    address: str
    port: int = 0
    server: tuple[str, int] = ("", 0)
    secure: bool = False


class Proxies:
    """The trusted networks."""

    def __init__(self, trusted: Iterable[str]) -> None:
        names = set(trusted)
        self._unix = UNIX in names
        self._networks = tuple(map(ip_network, sorted(names - {UNIX})))

    def __bool__(self) -> bool:
        return self._unix or bool(self._networks)

    def trusts(self, address: str) -> bool:
        """Whether a proxy at ``address`` is believed; "": it connects by the Unix socket."""
        if not self._networks or not address:
            return self._unix and not address
        ip = parsed(address)
        return ip is not None and any(_has(network, ip) for network in self._networks)


def parsed(address: str) -> IPv4Address | IPv6Address | None:
    """The IP address, without a zone, and as IPv4 if it is one that IPv6 carries; else None."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip


def _has(network: IPv4Network | IPv6Network, ip: IPv4Address | IPv6Address) -> bool:
    return network.version == ip.version and ip in network
