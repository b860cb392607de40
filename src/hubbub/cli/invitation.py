"""How to connect, as a server prints it at its start: the page's URL, the client's command."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path

CLIENT_SCRIPT = Path(__file__).parents[3] / "client.py"
"""Where it is in a source checkout."""

CLIENT_PORT = 8080  # the clients' own, which their command need not name
HTTP_PORT = 80  # the browsers'

_FAR_AWAY = {
    # Of the documentation's networks (RFC 5737, RFC 3849): nobody is there.
    "0.0.0.0": (socket.AF_INET, "192.0.2.1"),  # noqa: S104 - it is recognised here
    "::": (socket.AF_INET6, "2001:db8::1"),
}


def invitation(
    addresses: Sequence[tuple[str, int]],
    *,
    client: str | None = None,
    own: Callable[[str], str | None] | None = None,
) -> list[str]:
    """A sentence for users of this computer, and one for others if they can connect.

    ``addresses`` are those that the server listens on. ``client`` is the command that starts the
    client here, ``own`` tells this computer's address on the network that a wildcard stands for.
    """
    client, own = client or client_command(), own or address_of
    here: list[str] = []
    there: list[str] = []
    port = addresses[0][1]  # all have the same
    for address, _ in addresses:
        ip = ip_address(address.partition("%")[0])
        if ip.is_unspecified:
            here.append("::1" if ip.version == 6 else "127.0.0.1")
            if found := own(address):
                there.append(found)
        elif ip.is_loopback:
            here.append(address)
        elif not ip.is_link_local:  # those have a zone, which no browser understands
            there.append(address)
    # IPv4 first: it is what people know, and what a name or a firewall rarely lacks.
    here, there = sorted(here, key=_is_ipv6), sorted(there, key=_is_ipv6)
    if here and there:
        return [
            f"On this computer, {_ways(here[0], port, client)}",
            f"Others on your network: {_ways(there[0], port, client)}",
        ]
    return [f"To chat, {_ways(host, port, client)}" for host in (here or there)[:1]]


def _ways(host: str, port: int, client: str) -> str:
    shown = f"[{host}]" if _is_ipv6(host) else host
    url = f"http://{shown}/" if port == HTTP_PORT else f"http://{shown}:{port}/"
    where = shown if port == CLIENT_PORT else f"{shown}:{port}"
    if shown != host:
        where = f'"{where}"'  # to zsh, brackets are a pattern
    command = client if where == "127.0.0.1" else f"{client} {where}"
    return f"open {url} in a browser, or run: {command}"


def _is_ipv6(host: str) -> bool:
    return ":" in host


def client_command() -> str:
    """The command that starts the client: the script in a checkout, else the installed one."""
    if not CLIENT_SCRIPT.exists():
        return "hubbub chat"
    # Debian, and Apple's own tools, have no command that is called python.
    return "python client.py" if os.name == "nt" or shutil.which("python") else "python3 client.py"


def address_of(wildcard: str) -> str | None:
    """This computer's address on the route to other networks; None without such a route."""
    family, far_away = _FAR_AWAY[wildcard]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far_away, 9))  # UDP: this looks up the route, and sends nothing
            found = str(probe.getsockname()[0])
    except OSError:
        return None
    ip = ip_address(found)
    return None if ip.is_loopback or ip.is_link_local else found
