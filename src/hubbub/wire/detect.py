"""Which protocol a connection speaks, told from its first bytes: whole patterns, in this order."""

from __future__ import annotations

import re
from enum import Enum

MAX_FIRST_BYTES = 8 * 1024
"""Bytes in which the first line must show what it is; a request line of HTTP may be long."""


class Protocol(Enum):
    """What a connection may speak."""

    HTTP = "http"
    WEBSOCKET = "websocket"
    IRC = "irc"
    TLS = "tls"
    SSH = "ssh"
    LINE = "line"


# RFC 9112, 3: request-line = method SP request-target SP HTTP-version
_HTTP = re.compile(rb"[A-Z][A-Z-]{1,19} (\S+) HTTP/\d\.\d\r?\n")
_HTTP_BEGUN = re.compile(rb"[A-Z][A-Z-]{1,19} [/*h][^\r\n]*\r?\Z")
_IRC = re.compile(rb"(?:CAP|NICK|USER|PASS|AUTHENTICATE) [^\r\n]", re.IGNORECASE)
# RFC 8446, 5.1: a record of type handshake(22), legacy version 3.x; then client_hello(1)
_TLS = re.compile(rb"\x16\x03[\x00-\x04]..\x01", re.DOTALL)
_TLS_BEGUN = re.compile(rb"\x16(?:\x03(?:[\x00-\x04].{0,2})?)?\Z", re.DOTALL)
_SSH = re.compile(rb"SSH-2\.0-")

_BEGINNINGS = (
    *(b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH "),
    *(b"CONNECT ", b"TRACE ", b"CAP ", b"NICK ", b"USER ", b"PASS ", b"AUTHENTICATE "),
    b"SSH-2.0-",
    b"\x16\x03",
)


def detect(data: bytes) -> Protocol | None:
    """The protocol whose first bytes are ``data``; None while it cannot be told.

    Data without a line end that fits no pattern stays None: a client of the line protocol that
    does not end its lines is known by its silence only (see `could_be_other`).
    """
    if len(data) > MAX_FIRST_BYTES:
        # Whole or in pieces, it is the same first line that has to show what it is.
        return detect(data[:MAX_FIRST_BYTES]) or Protocol.LINE
    # Before HTTP, as it is told from fewer bytes: no cut may make another protocol of them.
    if _IRC.match(data):
        return Protocol.IRC
    http = _HTTP.match(data)
    if http:
        path = http[1].partition(b"?")[0]
        return Protocol.WEBSOCKET if path == b"/ws" else Protocol.HTTP
    if _TLS.match(data):
        return Protocol.TLS
    if _SSH.match(data):
        return Protocol.SSH
    # The length of a TLS record may have a byte that looks like a line end.
    if b"\n" in data and not _TLS_BEGUN.match(data):
        return Protocol.LINE
    return None


def could_be_other(data: bytes) -> bool:
    """Whether ``data``, without a line end yet, may become another protocol than the line one."""
    return bool(_HTTP_BEGUN.match(data)) or any(
        known.startswith(data) or data.startswith(known) for known in _BEGINNINGS
    )
