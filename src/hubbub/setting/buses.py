"""Where a bus is and how to log in there, as one setting says it: addresses with commas between.

``nats://host``, ``nats://host:4222,nats://other:4222``, ``tls://host`` (encrypted, or not at all);
``nats://user:password@host``, ``nats://token@host``, ``nats://host?creds=/path/of/a/file``.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from msgspec import Struct

from hubbub.setting.names import host

PORT = 4222
SCHEMES = ("nats", "tls")


class BusAddress(Struct, frozen=True):
    """``servers``: ``host:port`` of each, without what one logs in with.

    ``encrypted``: nothing is told to a server that does not offer TLS. ``creds``: a file with a
    user's JWT and key, as `nsc` makes it.
    """

    servers: tuple[str, ...]
    encrypted: bool = False
    user: str | None = None
    password: str | None = None
    token: str | None = None
    creds: Path | None = None

    def __repr__(self) -> str:
        return f"<BusAddress {','.join(self.servers)}>"  # not in a log


def bus_address(raw: str) -> BusAddress:
    """What the setting ``raw`` says; raises `ValueError`, whose text has nothing of a password."""
    known: dict[str, str | Path] = {}
    servers: list[str] = []
    schemes: set[str] = set()
    for one in filter(None, (part.strip() for part in raw.split(","))):
        url = urlsplit(one)
        schemes.add(url.scheme)
        servers.append(_server(url))
        for name, value in _login(url).items():
            if known.setdefault(name, value) != value:
                raise ValueError("All addresses must be logged in at in the same way.")
    if len(schemes) != 1 or not schemes < set(SCHEMES):
        raise ValueError("Each address must begin with nats://, or each with tls://")
    if ("user" in known) + ("token" in known) + ("creds" in known) > 1:
        raise ValueError("There is more than one way to log in.")
    return BusAddress(tuple(dict.fromkeys(servers)), schemes == {"tls"}, **known)  # type: ignore[arg-type]


def bus(raw: str) -> str:
    """The setting, if it is one."""
    bus_address(raw)
    return raw


def _server(url: SplitResult) -> str:
    if url.path.strip("/") or url.fragment or not url.hostname:
        raise ValueError("An address is nats://HOST:PORT, and nothing behind it but ?creds=FILE")
    name = host(url.hostname)
    try:
        port = url.port or PORT
    except ValueError:
        raise ValueError("A port is a number from 1 to 65535.") from None  # it may be a password
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _login(url: SplitResult) -> dict[str, str | Path]:
    found: dict[str, str | Path] = {}
    if url.username is not None and url.password is not None:
        found = {"user": unquote(url.username), "password": unquote(url.password)}
    elif url.username is not None:
        found = {"token": unquote(url.username)}
    for name, values in parse_qs(url.query, keep_blank_values=True).items():
        if name != "creds" or not values[-1]:
            raise ValueError("Behind the ? of an address may only be creds=FILE")
        found["creds"] = Path(values[-1])
    return found
