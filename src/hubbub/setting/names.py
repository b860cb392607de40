"""Names in settings: hosts, origins, rooms. Each check returns the normalised name, or raises."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

from hubbub.domain.errors import InvalidName
from hubbub.domain.names import RoomName

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"  # RFC 1123, and the _ that local networks use
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_ORIGIN = re.compile(r"(https?)://(\[[^\]]*\]|[^:/\[\]]+)(?::([0-9]{1,5}))?/?")
_ISSUER = re.compile(
    r"(?P<scheme>https?)://(?P<name>\[[^\]]*\]|[^:/?#\[\]@\s]+)(?::[0-9]{1,5})?(?:/[^?#\s]*)?"
)
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[^\s?#]*)?")
MAX_PRINTABLE_CHARS = 255
MAX_HOST_CHARS = 253  # RFC 1035, 2.3.4: 255 bytes on the wire

_DEFAULT_PORTS = {"http": 80, "https": 443}


def host(raw: str) -> str:
    """A host to listen on: a name or an IP address."""
    name = raw.strip("[]")
    if _is_address(name):
        return name
    if _HOST.fullmatch(name.lower()) and len(name) <= MAX_HOST_CHARS:
        return name
    raise ValueError


def host_name(raw: str) -> str:
    """A name that may stand in a request's Host header."""
    name = raw.lower().rstrip(".")
    if _HOST.fullmatch(name) and len(name) <= MAX_HOST_CHARS:
        return name
    raise ValueError


def origin(raw: str) -> str:
    """A web page's origin (RFC 6454) as browsers write it: lower case, no default port."""
    match = _ORIGIN.fullmatch(raw.lower())
    if match is None:
        raise ValueError
    scheme, name, port = match.groups()
    bare = name.strip("[]")
    if not (_is_address(bare) if name.startswith("[") else _HOST.fullmatch(bare)):
        raise ValueError
    if port is None or int(port) == _DEFAULT_PORTS[scheme]:
        return f"{scheme}://{name}"
    return f"{scheme}://{name}:{int(port)}"


def issuer(raw: str) -> str:
    """The address of an OpenID Connect provider (Discovery 1.0, 2): https, but on this computer."""
    match = _ISSUER.fullmatch(raw)
    if match is None:
        raise ValueError
    bare = match["name"].strip("[]")
    if not (_is_address(bare) or _HOST.fullmatch(bare.lower())):
        raise ValueError
    here = bare.lower() == "localhost" or (_is_address(bare) and ip_address(bare).is_loopback)
    if match["scheme"] != "https" and not here:
        raise ValueError("It must begin with https://")
    return raw


def network(raw: str) -> str:
    """An address, or a network in CIDR notation; ``unix``: who connects by a Unix socket."""
    if raw.lower() == "unix":
        return "unix"
    try:
        return str(ip_network(raw.strip("[]")))
    except ValueError as error:
        raise ValueError(f"{error}.") from None  # what is allowed is told behind it


def url(raw: str) -> str:
    """The address of a service: https, but on this computer."""
    return issuer(raw)


def path_prefix(raw: str) -> str:
    """The path under which a proxy shows this server: with a slash before it, and none behind."""
    prefix = raw.rstrip("/")
    if not prefix:
        return ""
    if not _PREFIX.fullmatch(prefix) or "/../" in f"{prefix}/" or "/./" in f"{prefix}/":
        raise ValueError
    return prefix


def backup_place(raw: str) -> str:
    """A folder, or a bucket and what the names of objects in it begin with: ``s3://bucket/team``."""
    if "\0" in raw or (raw.startswith("s3://") and not _BUCKET.fullmatch(raw)):
        raise ValueError
    return raw


def database(raw: str) -> str:
    """The address of a PostgreSQL, as its own programs take it: maybe with several hosts."""
    if not raw.startswith(("postgresql://", "postgres://")) or not raw.isprintable():
        raise ValueError
    return raw


def printable(raw: str) -> str:
    """A line that can be seen."""
    if not raw.isprintable() or len(raw) > MAX_PRINTABLE_CHARS:
        raise ValueError
    return raw


def room(raw: str) -> str:
    """A room's name."""
    try:
        return str(RoomName.parse(raw))
    except InvalidName as error:
        raise ValueError(error.message) from None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
