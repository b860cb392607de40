"""What this computer is called, and its addresses: whom a certificate is for."""

from __future__ import annotations

import re
import socket
import struct
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import IPv6Address, ip_address

from msgspec import Struct

MAX_NAMES = 50
MAX_ADDRESSES = 50
"""A certificate is sent with each new connection: more would make it too large for two packets."""

SIOCGIFADDR = 0x8915  # linux/sockios.h: the IPv4 address of an interface
_NAME_BYTES = 16  # IFNAMSIZ, in struct ifreq

_FAR_AWAY = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Of the documentation's networks (RFC 5737, RFC 3849): nobody is there."""

_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63}){0,30}")

ALWAYS = ("127.0.0.1", "::1")


class Hosts(Struct, frozen=True):
    """The names and IP addresses by which a server is reached. ``told``: the names among them that
    are in its settings.
    """

    names: Sequence[str]
    addresses: Sequence[str]
    told: Sequence[str] = ()


def own_hosts(
    told: Iterable[str] = (),
    *,
    computer: Callable[[], str] = socket.gethostname,
    addresses: Callable[[], Iterable[str]] | None = None,
) -> Hosts:
    """This computer's, and those that the settings have ``told``, names or addresses."""
    name = computer().lower().rstrip(".")
    names, found = [name], list(ALWAYS)
    if "." not in name:
        names.append(f"{name}.local")  # by which computers find each other (RFC 6762)
    names.append("localhost")
    own = len(names)
    for one in (*told, *(addresses or own_addresses)()):
        try:
            address = ip_address(one.partition("%")[0].strip("[]"))
        except ValueError:
            names.append(one.lower().rstrip("."))
            continue
        if not (address.is_unspecified or address.is_link_local or address.is_multicast):
            found.append(str(address))
    return Hosts(
        _in_ascii(names)[:MAX_NAMES],
        list(dict.fromkeys(found))[:MAX_ADDRESSES],
        told=_in_ascii(names[own:]),
    )


def own_addresses() -> list[str]:
    """This computer's addresses in its networks, as far as the system tells."""
    found: list[str] = []
    for family, far_away in _FAR_AWAY.items():
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far_away, 9))  # UDP: this looks up the route, and sends nothing
            found.append(probe.getsockname()[0])
    return list(dict.fromkeys((*found, *_of_interfaces())))


def _in_ascii(names: Iterable[str]) -> list[str]:
    """The names as a certificate has them, but for those that none can have."""
    found: list[str] = []
    for name in names:
        with suppress(UnicodeError):
            ascii = name.encode("idna").decode()
            if _NAME.fullmatch(ascii):
                found.append(ascii)
    return list(dict.fromkeys(found))


if sys.platform == "linux":
    import fcntl
    from pathlib import Path

    def _of_interfaces() -> list[str]:
        found: list[str] = []
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            for _, interface in socket.if_nameindex():
                asked = struct.pack(f"{_NAME_BYTES}s24x", interface.encode()[: _NAME_BYTES - 1])
                with suppress(OSError):  # it has none
                    told = fcntl.ioctl(probe, SIOCGIFADDR, asked)
                    found.append(socket.inet_ntoa(told[20:24]))
        with suppress(OSError):
            for line in Path("/proc/net/if_inet6").read_text("ascii").splitlines():
                address = IPv6Address(bytes.fromhex(line.split()[0]))
                if address.is_private:  # others change each day (RFC 8981)
                    found.append(str(address))
        return found

else:

    def _of_interfaces() -> list[str]:
        with suppress(OSError):
            told = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
            return [str(sockaddr[0]) for *_, sockaddr in told]
        return []
