"""The sockets that the server listens on: all addresses of its hosts, on one port."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Sequence
from ipaddress import ip_address

BACKLOG = 1024  # connections that the kernel keeps for us while we are busy
ATTEMPTS = 10  # to find a port that is free at every address, when any will do

EVERY_NETWORK = "::"
"""Stands for both address families: whoever writes it wants to be reached over IPv4, too."""

_NOT_HERE = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)
"""This computer has no such family, or no such address."""

Place = tuple[socket.AddressFamily, str, int]
"""A family, an address and its zone (IPv6's scope id)."""


class CannotListen(OSError):
    """An address cannot be bound. ``host``, ``port``: as they are in the settings."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(error.errno, error.strerror or str(error))
        self.host = host
        self.port = port


async def bind(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """Sockets that are bound to ``hosts``, to be listened on; 0 is one port for all of them.

    A host with several addresses (``localhost``, ``::``) is content with those that this computer
    has. Raises `CannotListen`.
    """
    found = {host: await _places(host, port) for host in hosts}
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _bind_all(found, port)
        except CannotListen as error:
            if port or error.errno != errno.EADDRINUSE or attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


async def _places(host: str, port: int) -> list[Place]:
    if host == EVERY_NETWORK:
        return [(socket.AF_INET6, host, 0), (socket.AF_INET, "0.0.0.0", 0)]  # noqa: S104 - asked for
    if _is_plain(host):
        return [(socket.AF_INET6 if ":" in host else socket.AF_INET, host, 0)]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise CannotListen(host, port, error) from error
    return [
        (family, str(address[0]), int(address[3]) if len(address) == 4 else 0)
        for family, _, _, _, address in found
    ]


def _bind_all(found: dict[str, list[Place]], port: int) -> list[socket.socket]:
    all_of = {family for places in found.values() for family, at, _ in places if _is_any(at)}
    sockets: dict[Place, socket.socket] = {}
    try:
        for host, places in found.items():
            refused: CannotListen | None = None
            for place in places:
                family, address, _ = place
                if place in sockets or (family in all_of and not _is_any(address)):
                    continue  # the wildcard has it
                try:
                    sockets[place] = bound = _bind(place, port)
                except OSError as error:
                    refused = CannotListen(host, port, error)
                    if error.errno not in _NOT_HERE:
                        raise refused from error
                else:
                    port = port or bound.getsockname()[1]
            if refused is not None and not any(place in sockets for place in places):
                raise refused
    except BaseException:
        for each in sockets.values():
            each.close()
        raise
    return list(sockets.values())


def _bind(place: Place, port: int) -> socket.socket:
    family, address, zone = place
    # With the protocol's number: asyncio sets TCP_NODELAY only where it is named.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows it would let others take the port away
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # Each family has a socket of its own, so that peers have addresses of their own family.
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            bound.bind((address, port, 0, zone))
        else:
            bound.bind((address, port))
        bound.setblocking(False)
    except BaseException:
        bound.close()
        raise
    return bound


def _is_plain(host: str) -> bool:
    """Whether it is an IP address, without a zone: nobody has to be asked."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _is_any(address: str) -> bool:
    return ip_address(address.partition("%")[0]).is_unspecified
