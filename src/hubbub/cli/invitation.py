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
HTTPS_PORT = 443

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
    names: Sequence[str] | None = None,
    prefix: str = "",
) -> list[str]:
    """A sentence for users of this computer, and one for others if they can connect.

    ``addresses`` are those that the server listens on. ``client`` is the command that starts the
    client here, ``own`` tells this computer's address on the network that a wildcard stands for.
    ``names``: those in the server's certificate, by which others come with TLS; None without.
    ``prefix``: the path below which the server is. Nothing for a server that listens on a Unix
    socket alone: what stands before it knows the way.
    """
    if not addresses:
        return []
    client = client or client_command()
    here, there = _reached(addresses, own or address_of)
    port = addresses[0][1]  # all have the same
    if here and there:
        return [
            f"On this computer, {_ways(here[0], port, client, prefix)}",
            f"Others on your network: {_others(there[0], port, client, names, prefix)}",
        ]
    if there:
        return [f"To chat, {_others(there[0], port, client, names, prefix)}"]
    return [f"To chat, {_ways(host, port, client, prefix)}" for host in here[:1]]


def page_url(
    addresses: Sequence[tuple[str, int]],
    own: Callable[[str], str | None] | None = None,
    *,
    names: Sequence[str] | None = None,
    prefix: str = "",
) -> str:
    """The page's URL for other computers, if they can connect, else for this one.

    ``names``, ``prefix``: as for `invitation`.
    """
    here, there = _reached(addresses, own or address_of)
    port = addresses[0][1]
    if there and names is not None:
        return f"{_encrypted(there[0], port, names)}{prefix}/"
    return _url((there or here or ["127.0.0.1"])[0], port, prefix)


def _reached(
    addresses: Sequence[tuple[str, int]], own: Callable[[str], str | None]
) -> tuple[list[str], list[str]]:
    """By which addresses this computer reaches the server, and by which others do."""
    here: list[str] = []
    there: list[str] = []
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
    return sorted(here, key=_is_ipv6), sorted(there, key=_is_ipv6)


def _url(host: str, port: int, prefix: str) -> str:
    shown = f"[{host}]" if _is_ipv6(host) else host
    return f"http://{shown}{'' if port == HTTP_PORT else f':{port}'}{prefix}/"


def reached_at(
    addresses: Sequence[tuple[str, int]], own: Callable[[str], str | None] | None = None
) -> str | None:
    """The address by which others on the network reach the server; None if they cannot."""
    found: list[str] = []
    for address, _ in addresses:
        ip = ip_address(address.partition("%")[0])
        if ip.is_unspecified:
            found += filter(None, [(own or address_of)(address)])
        elif not (ip.is_loopback or ip.is_link_local):
            found.append(address)
    return min(found, key=_is_ipv6, default=None)


def _others(address: str, port: int, client: str, names: Sequence[str] | None, prefix: str) -> str:
    """How to come from another computer: with TLS by a name that the certificate is for."""
    if names is None:
        return _ways(address, port, client, prefix)
    url = _encrypted(address, port, names) + prefix
    # With a slash at its end a path is no room.
    where = f"{url}/" if prefix else url
    command = f'{client} "{where}"' if "[" in url else f"{client} {where}"
    return f"open {url}/ in a browser, or run: {command}"


def _encrypted(address: str, port: int, names: Sequence[str]) -> str:
    """The URL, by a name in the certificate if there is one."""
    known = [name for name in names if "." in name and _is_name(name)]
    host = address if address in names or not known else known[0]
    shown = f"[{host}]" if _is_ipv6(host) else host
    return f"https://{shown}" if port == HTTPS_PORT else f"https://{shown}:{port}"


def _is_name(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return True
    return False


def _ways(host: str, port: int, client: str, prefix: str) -> str:
    shown, url = f"[{host}]" if _is_ipv6(host) else host, _url(host, port, prefix)
    where = shown if port == CLIENT_PORT else f"{shown}:{port}"
    if prefix:
        where = url
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


def own_command() -> str:
    """The command `hubbub`, as whoever reads the start of the server can type it."""
    if not CLIENT_SCRIPT.exists() or shutil.which("hubbub"):
        return "hubbub"
    return r".venv\Scripts\hubbub" if os.name == "nt" else ".venv/bin/hubbub"
