"""The PROXY protocol: what a proxy says of a connection before the client's first byte.

The header in both its versions, as haproxy.org/download/2.9/doc/proxy-protocol.txt has them ("the
specification" below): bytes in, a header out.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from msgspec import Struct

from hubbub.wire.detect import PROXY_SIGNATURE

MAX_LINE_BYTES = 107  # the specification, 2.1: the longest line of version 1, with its end
HEAD_BYTES = 16  # 2.2: signature (12), version and command, family and protocol, length (2)
MAX_REST_BYTES = 4096
"""Of version 2 after those: addresses take 36, and what proxies add about TLS some hundred."""

_LINE = re.compile(
    rb"PROXY TCP(?P<version>[46]) (?P<source>\S+) (?P<destination>\S+) "
    rb"(?P<from>0|[1-9][0-9]{0,4}) (?P<to>0|[1-9][0-9]{0,4})\r\n"
)
_UNKNOWN = b"PROXY UNKNOWN"

_LOCAL, _PROXY = 0x20, 0x21  # version 2, and the command
_ADDRESS_BYTES = {0x11: 4, 0x21: 16}  # TCP over IPv4 and IPv6
_NO_ADDRESS = (0x00, 0x31)  # unspecified, and a Unix socket at the proxy
_UNIX_BYTES = 216
_CRC32C, _TLS = 0x03, 0x20  # 2.2.2, 2.2.3
_CLIENT_CAME_BY_TLS = 0x01

Endpoint = tuple[str, int]
"""An address and a port."""


class BadHeader(ValueError):
    """It begins like a header and is none; the message says why."""


class Header(Struct, frozen=True):
    """``source``: the client, None if the proxy connects for itself, or does not know for whom.

    ``destination``: to what the client has connected. ``secure``: it came over TLS, which the proxy
    took off. ``size``: of the header in bytes.
    """

    size: int
    source: Endpoint | None = None
    destination: Endpoint | None = None
    secure: bool = False


def read(data: bytes) -> Header | None:
    """The header at the begin of ``data``; None while it is not complete. Raises `BadHeader`."""
    known = PROXY_SIGNATURE[: len(data)]
    return _binary(data) if data.startswith(known) else _line(data)


def _line(data: bytes) -> Header | None:
    end = data.find(b"\r\n", 0, MAX_LINE_BYTES) + 2
    if end < 2:
        if len(data) >= MAX_LINE_BYTES:
            raise BadHeader("its line has no end")
        return None
    line = data[:end]
    # 2.1: after UNKNOWN the receiver must ignore anything before the CRLF.
    if line.startswith(_UNKNOWN) and line[len(_UNKNOWN) :][:1] in (b" ", b"\r"):
        return Header(end)
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadHeader("its line is none of version 1")
    kind = IPv4Address if found["version"] == b"4" else IPv6Address
    source = _endpoint(kind, found["source"], found["from"])
    return Header(end, source, _endpoint(kind, found["destination"], found["to"]))


def _endpoint(kind: type[IPv4Address | IPv6Address], address: bytes, port: bytes) -> Endpoint:
    try:
        known = kind(address.decode("ascii"))
    except (AddressValueError, UnicodeDecodeError):
        raise BadHeader("an address in it is none") from None
    if int(port) > 0xFFFF or getattr(known, "scope_id", None):
        raise BadHeader("an address in it is none")
    return str(known), int(port)


def _binary(data: bytes) -> Header | None:
    if len(data) < HEAD_BYTES:
        return None
    command, family = data[12], data[13]
    if command not in (_LOCAL, _PROXY):
        raise BadHeader("it is not of version 2")
    rest = int.from_bytes(data[14:HEAD_BYTES], "big")
    if rest > MAX_REST_BYTES:
        raise BadHeader("it is too long")
    size = HEAD_BYTES + rest
    if len(data) < size:
        return None
    if command == _LOCAL:  # 2.2: what follows must be discarded
        return Header(size)
    width = _ADDRESS_BYTES.get(family, 0)
    if not width and family not in _NO_ADDRESS:
        raise BadHeader("it is about no TCP connection")
    used = HEAD_BYTES + (2 * width + 4 if width else _UNIX_BYTES if family else 0)
    if used > size:
        raise BadHeader("it is too short for its addresses")
    secure = _secure(data[:size], used)
    if not width:
        return Header(size, secure=secure)
    kind = IPv4Address if width == 4 else IPv6Address
    addresses = data[HEAD_BYTES:used]
    ports = addresses[2 * width :]
    return Header(
        size,
        (str(kind(addresses[:width])), int.from_bytes(ports[:2], "big")),
        (str(kind(addresses[width : 2 * width])), int.from_bytes(ports[2:], "big")),
        secure,
    )


def _secure(header: bytes, place: int) -> bool:
    """Whether the fields from ``place`` on tell of TLS."""
    secure = False
    while place < len(header):
        kind, begin = header[place], place + 3
        end = begin + int.from_bytes(header[place + 1 : begin], "big")
        if begin > len(header) or end > len(header):
            raise BadHeader("a field in it does not end")
        if kind == _TLS and end > begin:
            secure = bool(header[begin] & _CLIENT_CAME_BY_TLS)
        elif kind == _CRC32C:
            # 2.2.3: the receiver must verify it, and the field is all zeroes for that.
            plain = header[:begin] + bytes(end - begin) + header[end:]
            if header[begin:end] != crc32c(plain).to_bytes(4, "big"):
                raise BadHeader("its checksum is wrong")
        place = end
    return secure


def crc32c(data: bytes) -> int:
    """The checksum of RFC 4960, appendix B."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
