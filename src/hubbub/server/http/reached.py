"""By which address a request reached this server, as its sender knows it: behind a proxy, too.

A proxy that ends TLS hands on plain HTTP. What it says of that is believed if it is trusted (see
`hubbub.server.forwarded`); and browsers send Fetch Metadata to nobody but https and their own
computer (W3C Fetch Metadata, "potentially trustworthy URL").
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec import Struct
from starlette.requests import Request

from hubbub.server.http.prefix import prefix_of, said_of

DEFAULT_PORTS = {"http": 80, "https": 443}

PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip")
"""Headers by which a proxy says that it asks for somebody else, who is not on this computer."""


class Reached(Struct, frozen=True):
    """``host`` has no brackets. ``direct``: nothing that speaks HTTP only stands between;
    ``to_us``: likewise, but for TLS, which is this server's own.

    ``prefix``: what the paths begin with.
    """

    host: str
    port: int
    secure: bool
    direct: bool
    prefix: str = ""
    to_us: bool = False

    @property
    def netloc(self) -> str:
        """Host and port, the port even where a scheme implies it."""
        return f"{self._bracketed}:{self.port}"

    def url(self, scheme: str, path: str = "") -> str:
        """A URL of ``http`` or ``ws``, with an s if it is secure, and the port where it is odd.

        On this computer 80 is never left out: there our clients take 8080 for the usual one.
        """
        usual = self.port == DEFAULT_PORTS["https" if self.secure else "http"]
        usual = usual and (self.secure or not _is_here(self.host))
        where = self._bracketed if usual else self.netloc
        return f"{scheme}{'s' if self.secure else ''}://{where}{self.prefix}{path}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def reached(request: Request) -> Reached:
    """How ``request`` came."""
    outer = said_of(request.scope).host
    # Made of the Host header, else of the socket's own address.
    url = urlsplit(f"//{outer}") if outer else request.url
    host, said = url.hostname or "", url.port
    secure = _is_secure(request, host, said)
    port = said or DEFAULT_PORTS["https" if secure else "http"]
    own = (request.scope.get("server") or ("", port))[1]
    # Another port than our own may be a proxy's that says nothing of itself.
    alone = not is_passed_on(request) and port == own
    to_us = alone and request.scope["scheme"] == "https"
    return Reached(host, port, secure, alone and not secure, prefix_of(request), to_us)


def is_local(request: Request) -> bool:
    """Whether it is a program of this computer that asks."""
    if request.client is None:  # a Unix socket, which has no port
        return (request.scope.get("server") or ("", 0))[1] is None
    return _is_loopback(request.client.host)


def is_passed_on(request: Request) -> bool:
    """Whether a proxy says that it asks for somebody else."""
    return any(name in request.headers for name in PASSED_ON)


def _is_secure(request: Request, host: str, port: int | None) -> bool:
    if request.scope["scheme"] == "https":
        return True  # as it came to us, or to a proxy that is trusted
    said = said_of(request.scope).secure
    if said is not None:
        return said
    if port == DEFAULT_PORTS["https"]:
        return True
    return "sec-fetch-site" in request.headers and not _is_here(host)


def _is_here(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost") or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    # A socket for both families sees 127.0.0.1 as ::ffff:127.0.0.1.
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
