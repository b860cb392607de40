"""Which browsers' requests are allowed, by their Host, Origin and Sec-Fetch headers.

A page of another site that a browser was lured to cannot choose what its Origin is, nor that its
requests are marked as cross-site (Fetch Metadata); and a site that points its own name at this
machine's address (DNS rebinding) is known by that name in Host. Programs that are no browsers send
none of these but Host, and are let in.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import NamedTuple, Protocol

from hubbub.server.refusals import Refusal

logger = logging.getLogger(__name__)

LOG_SECONDS = 60.0
"""Between two log lines about the same kind of refusal: clients retry without end."""

MAX_SHOWN_CHARS = 100  # of what a client sent, in a sentence

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^\[\]:@/\s]+)(?::(?P<port>\d{1,5}))?")
_ORIGIN = re.compile(rf"(?P<scheme>https?)://{_HOST.pattern}/?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}

Fields = Callable[[str], Sequence[str]]
"""Returns all values of a request's header, given its name in lower case."""


class Told(Protocol):
    """What a trusted proxy says of a request."""

    @property
    def secure(self) -> bool | None:
        """Whether the client came over TLS; None: it is not known."""
        ...

    @property
    def host(self) -> str:
        """The client's Host header, "" if it was passed on as it is."""
        ...


class _Nothing(NamedTuple):
    """No proxy has said anything."""

    secure: bool | None = None
    host: str = ""


NOTHING_TOLD = _Nothing()


class Origin(NamedTuple):
    """RFC 6454, 4: two origins are the same if these three are."""

    scheme: str
    name: str
    port: int


class OriginPolicy:
    """Guards against pages of other sites (RFC 6455, 10.2) and against DNS rebinding."""

    def __init__(
        self,
        allowed_hosts: Iterable[str],
        allowed_origins: Iterable[str],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        own = socket.gethostname().lower()
        self._hosts = {"localhost", own, f"{own}.local", *(name.lower() for name in allowed_hosts)}
        self._origins = {_origin(origin) for origin in allowed_origins} - {None}
        self._monotonic = monotonic
        self._logged: dict[str, float] = {}

    def host_allowed(self, host: str) -> bool:
        """Whether a browser may know this server as ``host``, the value of a Host header."""
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = match["name"].lower().rstrip(".")
        return name in self._hosts or name.endswith(".localhost") or _is_address(name)

    def websocket(self, fields: Fields, port: int, told: Told = NOTHING_TOLD) -> Refusal | None:
        """Why a WebSocket may not be opened, or None if it may.

        ``port`` is the one that it came to.
        """
        hosts, origins, site = fields("host"), fields("origin"), fields("sec-fetch-site")
        if len(hosts) > 1:
            return self._wrong_host("")
        hosts = _named(hosts, told)
        # RFC 6455, 4.1: a browser sends its Origin. So this is a program, by whatever name it came.
        if not origins:
            return None if site in ([], ["none"], ["same-origin"]) else _CROSS_SITE
        wrong = next((host for host in hosts if not self.host_allowed(host)), None)
        if not hosts or wrong is not None:
            return self._wrong_host(wrong or "")
        if self._allowed(origins) or site == ["same-origin"]:
            return None
        if not site and len(origins) == 1 and _same(origins[0], hosts[-1], port, told.secure):
            return None
        return self._wrong_origin(origins, hosts[-1])

    def request(
        self, fields: Fields, port: int, told: Told = NOTHING_TOLD, *, page: bool
    ) -> Refusal | None:
        """Why a request of HTTP is not answered, or None if it is.

        ``page``: it asks for a document that people open, from links elsewhere, too. Browsers send
        no Origin with most requests, so here the Host counts for programs as well.
        """
        hosts, origins, site = fields("host"), fields("origin"), fields("sec-fetch-site")
        # Without one it is HTTP/1.0 and no browser: DNS rebinding needs a browser.
        if len(hosts) > 1:
            return self._wrong_host("")
        hosts = _named(hosts, told)
        wrong = next((host for host in hosts if not self.host_allowed(host)), None)
        if wrong is not None:
            return self._wrong_host(wrong)
        if origins and self._allowed(origins):
            return None
        if site:
            opened = fields("sec-fetch-mode") == ["navigate"]
            whole = fields("sec-fetch-dest") in ([], ["document"])  # and no frame
            if site in (["none"], ["same-origin"]) or (page and opened and whole):
                return None
            return self._wrong_origin(origins, "".join(hosts[-1:])) if origins else _CROSS_SITE
        if not origins:
            return None
        if hosts and len(origins) == 1 and _same(origins[0], hosts[-1], port, told.secure):
            return None
        return self._wrong_origin(origins, "".join(hosts[-1:]))

    def _allowed(self, origins: Sequence[str]) -> bool:
        return len(origins) == 1 and _origin(origins[0]) in self._origins

    def _wrong_host(self, host: str) -> Refusal:
        match = _HOST.fullmatch(host)
        name = _shown(match["name"] if match else host)
        self._log(
            "wrong-host",
            'A browser called this server "%s", which is none of its names. If it is one, put it '
            "into the setting allowed-hosts.",
            name,
        )
        return Refusal(
            code="wrong-host",
            message=f'This server does not go by the name "{name}". Use its IP address, or add the '
            "name to the setting allowed-hosts.",
            status=HTTPStatus.MISDIRECTED_REQUEST,
        )

    def _wrong_origin(self, origins: Sequence[str], host: str) -> Refusal:
        origin = _shown(origins[0])
        self._log(
            "wrong-origin",
            'A page of %s was not let in, as the server was called "%s" there. If it is the '
            "server's own page behind a proxy, have the proxy pass on the Host header; if it is "
            "another one that may chat here, put %s into the setting allowed-origins.",
            origin,
            _shown(host),
            origin,
        )
        return Refusal(
            code="wrong-origin",
            message=f"Pages of {origin} may not connect to this server. If they should, add it "
            "to the setting allowed-origins. If it is the server's own page behind a proxy, the "
            "proxy must pass on the Host header.",
            status=HTTPStatus.FORBIDDEN,
        )

    def _log(self, code: str, words: str, *values: str) -> None:
        now = self._monotonic()
        if now - self._logged.get(code, -LOG_SECONDS) >= LOG_SECONDS:
            self._logged[code] = now
            logger.warning(words, *values)


_CROSS_SITE = Refusal(
    code="cross-site",
    message="This is for programs and for the server's own page, not for pages of other sites.",
    status=HTTPStatus.FORBIDDEN,
)


def _named(hosts: Sequence[str], told: Told) -> Sequence[str]:
    """By which names this server is called, the browser's own last.

    The one that the proxy has put in its place must be ours, too: a page under another one may have
    written ``X-Forwarded-Host`` itself.
    """
    return [*hosts, told.host] if told.host else hosts


def _same(origin: str, host: str, port: int, secure: bool | None) -> bool:
    """Whether the page at ``origin`` is that of the server that it calls ``host``.

    Which scheme the browser used is not known behind a proxy that is not trusted (``secure`` is
    None), only which port that means.
    """
    page, called = _origin(origin), _HOST.fullmatch(host)
    if page is None or called is None or page.name != _name(called["name"]):
        return False
    if secure is not None and page.scheme != ("https" if secure else "http"):
        return False
    if called["port"] is not None:
        return page.port == int(called["port"])
    # A browser leaves out a scheme's own port only. It did not come to such a one, so it was a
    # proxy that left the port out (nginx: $host).
    return page.port == _DEFAULT_PORTS[page.scheme] or port not in _DEFAULT_PORTS.values()


def _origin(raw: str) -> Origin | None:
    match = _ORIGIN.fullmatch(raw.lower())
    if match is None:
        return None
    port = int(match["port"]) if match["port"] else _DEFAULT_PORTS[match["scheme"]]
    return Origin(match["scheme"], _name(match["name"]), port)


def _name(raw: str) -> str:
    return raw.lower().rstrip(".")


def _shown(raw: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in raw[:MAX_SHOWN_CHARS])


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        # "127.1" and the like. The URL Standard's "ends in a number": no domain's name does.
        return _NUMBER.fullmatch(name.rpartition(".")[2]) is not None
    return True
