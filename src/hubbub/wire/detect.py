"""Which protocol a connection speaks, told from its first bytes.

What may be lines is told apart for safety, too: a web page can make a browser send a request of
nearly any form to this port, and none of its bytes may ever be read as lines of a chat. So what
begins like another protocol stays that, however long it is, wherever it pauses or ends.
"""

from __future__ import annotations

import re
from enum import Enum

from hubbub.wire.line.telnet import IAC, TelnetFilter

MAX_FIRST_BYTES = 8 * 1024
"""Bytes in which the first line must show what it is. RFC 9112, 3: at least 8,000 for HTTP."""

PROXY_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
"""How version 2 of the PROXY protocol begins (its specification, 2.2)."""

BOM = b"\xef\xbb\xbf"
"""U+FEFF in UTF-8, which some programs write at the start of a text."""


class Protocol(Enum):
    """What a connection may speak."""

    HTTP = "http"
    WEBSOCKET = "websocket"
    IRC = "irc"
    TLS = "tls"
    SSH = "ssh"
    PROXY = "proxy"
    BINARY = "binary"
    """Not text: STUN, a database's protocol, remote desktops, or anything else with a NUL in it."""
    ENDLESS = "endless"
    """No line end within `MAX_FIRST_BYTES`, so no protocol that is known here."""
    LINE = "line"


# RFC 9110, 5.6.2. A page may choose the method of its requests, as long and odd as it likes.
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# What follows it in a request: a path, "*", or an absolute URL (RFC 9112, 3.2) ...
_TARGET = re.compile(rb"/|\*[ \r\n]|[A-Za-z][A-Za-z0-9+.-]*://")
# ... or whatever else, if the line ends with a version: HTTP's, and of what is built like it.
_VERSION = re.compile(rb" [A-Z]{2,8}/[0-9](?:\.[0-9])? ?\r?\Z")
_IRC = re.compile(rb"(?:CAP|NICK|USER|PASS|AUTHENTICATE) [^\r\n]", re.IGNORECASE)
_SSH = re.compile(rb"SSH-[0-9]\.[0-9]+-")
_PROXY = re.compile(rb"PROXY (?:TCP[46]|UNKNOWN)[ \r]")
# RFC 8446, 5.1: a record of type handshake(22), legacy version 3.x
_TLS = b"\x16\x03"
_WEBSOCKET = b"GET /ws"
# What browsers put below a request line. A room may have a colon in its name, but no space.
_HEADER = re.compile(
    r"(?:host|connection|user-agent|origin|referer|cookie|content-[a-z]+|accept(?:-[a-z]+)*"
    r"|sec-[a-z-]+|cache-control|pragma|upgrade(?:-[a-z-]+)?|transfer-encoding|te|priority"
    r"|access-control-[a-z-]+|x-[a-z-]+): ",
    re.IGNORECASE,
)

METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"CONNECT", b"TRACE")
_BEGINNINGS = (
    *(method + b" " for method in METHODS),
    *(b"CAP ", b"NICK ", b"USER ", b"PASS ", b"AUTHENTICATE ", b"PROXY ", b"SSH-2.0-", _TLS),
)


def detect(data: bytes) -> Protocol | None:
    """The protocol whose first bytes are ``data``; None while it cannot be told.

    Data without a line end that fits no pattern stays None: a client of the line protocol that
    does not end its lines is known by its silence only (see `could_be_other` and `hidden`).
    """
    if len(data) > MAX_FIRST_BYTES:
        # Whole or in pieces, it is the same first line that has to show what it is.
        data = data[:MAX_FIRST_BYTES]
        return detect(data) or hidden(data) or Protocol.ENDLESS
    if data.startswith(_TLS):
        return Protocol.TLS
    if PROXY_SIGNATURE.startswith(data):
        return None
    if data.startswith(PROXY_SIGNATURE) or _PROXY.match(data):
        return Protocol.PROXY
    if _SSH.match(data):
        return Protocol.SSH
    request = is_request(data)
    if _IRC.match(data):
        # "PASS /secret" is IRC's, "PASS /path HTTP/1.1" that of a page: the line's end tells.
        if not request:
            return Protocol.IRC
        end = data.find(b"\n")
        if end < 0:
            return None
        return Protocol.HTTP if _has_version(data, 0, end) else Protocol.IRC
    if request:
        return _http(data)
    if IAC in data:  # telnet's options have NULs and what looks like line ends
        data = TelnetFilter().strip(data)
    end = _line_end(data)
    if 0 in (data if end < 0 else data[:end]):
        return Protocol.BINARY
    return Protocol.LINE if end >= 0 else None


def hidden(data: bytes) -> Protocol | None:
    """What ``data`` can only become, whatever follows, though `detect` still waits."""
    return Protocol.HTTP if is_request(data) else None


def could_be_other(data: bytes) -> bool:
    """Whether ``data``, without a line end yet, may become another protocol than the line one."""
    if any(known.startswith(data) or data.startswith(known) for known in _BEGINNINGS):
        return True
    method, _, target = data.partition(b" ")
    return target == b"*" and _TOKEN.fullmatch(method) is not None


def is_request(data: bytes) -> bool:
    """Whether ``data`` begins as a request of HTTP does: no name and no command ever does."""
    space = data.find(b" ")
    if space < 0 or not _TOKEN.fullmatch(data, 0, space):
        return False
    if _TARGET.match(data, space + 1):
        return True
    end = data.find(b"\n", space)
    return end >= 0 and _has_version(data, space, end)


def is_request_line(line: str) -> bool:
    """Whether a whole ``line`` is the first one of a request."""
    method, space, rest = line.partition(" ")
    if not space:
        return False
    return bool(_TOKEN.fullmatch(method.encode())) and _has_version(f" {rest}".encode())


def is_header(line: str) -> bool:
    """Whether ``line`` is a header that a browser sends: no name and no room is one."""
    return _HEADER.match(line) is not None


def is_method_in_pieces(data: bytes) -> bool:
    """Whether ``data``, which came with pauses in it, is what a request's method begins with."""
    return any(known.startswith(data) for known in (*METHODS, *(m + b" " for m in METHODS)))


def _http(data: bytes) -> Protocol | None:
    """HTTP or a WebSocket, which is at a path of its own; None while that is not clear."""
    if _WEBSOCKET.startswith(data):
        return None
    if data.startswith(_WEBSOCKET) and data[len(_WEBSOCKET)] in b" ?":
        return Protocol.WEBSOCKET
    return Protocol.HTTP


def _line_end(data: bytes) -> int:
    """Where the first line ends. RFC 854: telnet may send CR NUL for Enter."""
    ends = [end for end in (data.find(b"\n"), data.find(b"\r\0")) if end >= 0]
    return min(ends, default=-1)


def _has_version(data: bytes, start: int = 0, end: int | None = None) -> bool:
    """Whether the line that ends at ``end`` says at its end which HTTP it speaks, or the like."""
    # The longest is shorter than that: what is before it need not be looked at.
    end = len(data) if end is None else end
    return _VERSION.search(data, max(start, end - 24), end) is not None
