"""The address of a server, with user and room: ``[user@]host[:port][/room]``, or a URL."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import quote, unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8080
ENDPOINT = "/ws"

SCHEMES = {"ws": False, "http": False, "wss": True, "https": True}
"""The schemes of URLs that are understood, and whether they are encrypted."""

_THIS_COMPUTER = ("127.0.0.1", "localhost", "[::1]")

_UNIX = "unix:/"
_HOST = re.compile(r"[^\s/@:\[\]?#%]+")
_EXAMPLES = "For example: example.org, example.org:8080, ada@example.org/General or [::1]:8080."


class BadAddress(ValueError):
    """An address that cannot be parsed; the message tells the person why."""


class Address(Struct, frozen=True, kw_only=True):
    """Where to connect. ``user`` and ``room`` are not validated.

    ``host`` has no brackets; with a slash at its begin it is the path of a Unix socket. ``secure``
    means TLS, ``plain`` none: with neither, the server is asked (`hubbub.client.trust`).
    ``endpoint`` is the path of the WebSocket.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    user: str | None = None
    room: str | None = None
    secure: bool = False
    plain: bool = False
    endpoint: str = ENDPOINT

    @classmethod
    def parse(cls, text: str) -> Address:
        """Parses an address; raises `BadAddress`. An empty text means this computer.

        The forms are ``[user@]host[:port][/room]``, with an IPv6 address in brackets, and URLs with
        the schemes ws, wss, http and https. In a URL the room is the end of the path, or the
        fragment: then, or with a slash at its end, the path is that below which the server is. A
        path that ends in ``/ws`` is the WebSocket's. A URL without a port has its scheme's, but
        Hubbub's own for this computer (127.0.0.1, localhost, [::1]) without encryption. And
        ``[user@]unix:PATH[#room]``, the Unix socket of a server on this computer.
        """
        text = text.strip()
        if (unix := _parse_unix(cls, text)) is not None:
            return unix
        scheme, mark, _ = text.partition("://")
        if mark:
            return _parse_url(cls, scheme.lower(), text)
        user, host_port, room = _split(text)
        host, port = _host_and_port(host_port, DEFAULT_PORT)
        return cls(host=host or DEFAULT_HOST, port=port, user=user or None, room=room or None)

    @classmethod
    def whole_path(cls, text: str) -> Address | None:
        """What a URL means if all of its path is that below which the server is, and its end no
        room; None if it cannot mean that, or means it in any case. Raises `BadAddress`.
        """
        first, mark, _ = text.partition("#")
        if mark or "://" not in first or first.endswith("/"):
            return None
        usual, other = cls.parse(text), cls.parse(f"{first}/")
        return None if usual == other or usual.room is None else other

    def beside(self, text: str) -> Address:
        """Parses an address relative to this one: without a host in ``text``, host, port, user and
        room default to this address's. Raises `BadAddress`.
        """
        text = text.strip()
        named = self.parse(text)
        host_port = "" if "://" in text else _split(text)[1]
        if "://" in text or (host_port and not host_port.startswith(":")):
            return named
        return replace(
            self,
            port=named.port if host_port[1:] else self.port,
            user=named.user or self.user,
            room=named.room or self.room,
        )

    def at(self, host: str) -> Address:
        """This address with another ``host``: anything that `parse` takes, or an IPv6 address
        without brackets. Parts that it does not have stay. Raises `BadAddress`.
        """
        host = host.strip()
        named = self.parse(f"[{host}]" if _is_ipv6(host) else host)
        if "://" in host:
            return replace(named, user=named.user or self.user, room=named.room or self.room)
        says_port = _split(host)[1].rstrip("0123456789").endswith(":")
        return replace(
            self,
            host=named.host,
            port=named.port if says_port and not _is_ipv6(host) else self.port,
            user=named.user or self.user,
            room=named.room or self.room,
        )

    @property
    def url(self) -> str:
        """The WebSocket's URL."""
        return f"{'wss' if self.secure else 'ws'}://{self._netloc}{self.endpoint}"

    def page(self, room: str) -> str:
        """The URL of a room's web page, which `parse` takes, too."""
        return f"{self.site}#/{quote(room, safe='')}"

    @property
    def site(self) -> str:
        """The URL of the server's web page."""
        scheme = "https" if self.secure else "http"
        path = self.endpoint.removesuffix(ENDPOINT.rpartition("/")[2])
        return f"{scheme}://{self._netloc}{path}"

    @property
    def is_unix(self) -> bool:
        """Whether it is a Unix socket on this computer."""
        return self.host.startswith("/")

    @property
    def _netloc(self) -> str:
        return "localhost" if self.is_unix else str(self)

    def __str__(self) -> str:
        if self.is_unix:
            return f"unix:{self.host}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def _split(text: str) -> tuple[str, str, str]:
    """User, host with port, and room. A room may contain an @, so the slash is looked for first."""
    before, _, room = text.partition("/")
    user, _, host_port = before.rpartition("@")
    return user, host_port, room


def _parse_unix(cls: type[Address], text: str) -> Address | None:
    before, mark, rest = text.partition(_UNIX)
    user = before.removesuffix("@")
    if not mark or "/" in before or (before and before == user):
        return None
    path, _, room = rest.partition("#")
    room = unquote(room.removeprefix("/"))
    return cls(host=f"/{path}", port=0, user=user or None, room=room or None, plain=True)


def _parse_url(cls: type[Address], scheme: str, text: str) -> Address:
    if scheme not in SCHEMES:
        raise BadAddress(
            f'"{scheme}://" is not understood; the schemes are ws, wss, http and https. {_EXAMPLES}'
        )
    try:
        url = urlsplit(text)
    except ValueError as error:
        raise BadAddress(f"{text} is no address: {error}. {_EXAMPLES}") from None
    secure = SCHEMES[scheme]
    user, _, host_port = url.netloc.rpartition("@")
    host, port = _host_and_port(host_port, 443 if secure else 80)
    if host_port in _THIS_COMPUTER and not secure:
        port = DEFAULT_PORT  # a server that is tried out; one behind a proxy has a host name
    if not host:
        raise BadAddress(f"{text} has no host in it. {_EXAMPLES}")
    if ":" in user:
        raise BadAddress("There are no passwords in addresses: give only the name before the @.")
    address = cls(host=host, port=port, user=unquote(user) or None, secure=secure, plain=not secure)
    path = url.path.strip("/")
    fragment = url.fragment.removeprefix("/")  # the page has its rooms at "#/General"
    if path == ENDPOINT[1:] or path.endswith(ENDPOINT):
        return replace(address, endpoint=f"/{path}", room=unquote(fragment) or None)
    if url.path.endswith("/") or url.fragment.startswith("/"):
        return replace(address, endpoint=_below(path), room=unquote(fragment) or None)
    prefix, _, room = path.rpartition("/")
    return replace(address, endpoint=_below(prefix), room=unquote(room or fragment) or None)


def _below(prefix: str) -> str:
    return f"/{prefix}{ENDPOINT}" if prefix else ENDPOINT


def _host_and_port(text: str, default: int) -> tuple[str, int]:
    if text.startswith("["):
        inside, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise BadAddress(f'"{text}" lacks a bracket or a colon: [::1]:8080 is the form.')
        if not _is_ipv6(inside):
            raise BadAddress(f'"{inside}" is no IPv6 address, which is what brackets are for.')
        return inside, _port(rest[1:], default) if rest else default
    if text.count(":") > 1:
        if _is_ipv6(text):
            raise BadAddress(f"An IPv6 address needs brackets: [{text}]:{default}.")
        raise BadAddress(f'"{text}" has more than one colon. {_EXAMPLES}')
    host, colon, port = text.partition(":")
    if host and not (_HOST.fullmatch(host) and all(map(_is_visible, host))):
        raise BadAddress(f'"{host}" is no host\'s name. {_EXAMPLES}')
    return host, _port(port, default) if colon else default


def _port(text: str, default: int) -> int:
    if not text:
        return default
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535:
        return int(text[:6])
    raise BadAddress(f'"{text}" is no port: a port is a number from 1 to 65535.')


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _is_visible(char: str) -> bool:
    return unicodedata.category(char)[0] != "C"
