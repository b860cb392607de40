"""Which protocol a connection speaks, told from its first bytes.

What may be lines is told apart for safety, too: a web page can make a browser send a request of
nearly any form to this port, and none of its bytes may ever be read as lines of a chat. So what
begins like another protocol stays that, however long it is, wherever it pauses or ends.
"""

from __future__ import annotations

import re
from enum import Enum

from hubbub.wire.line.telnet import IAC
from hubbub.wire.requests import MAX_FIRST_BYTES, METHODS, TOKEN, has_version, is_request

PROXY_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
"""How version 2 of the PROXY protocol begins (its specification, 2.2)."""


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


_IRC = re.compile(rb"(?:CAP|NICK|USER|PASS|AUTHENTICATE) ([^\r\n])", re.IGNORECASE)
_SSH = re.compile(rb"SSH-[0-9]\.[0-9]+-")
_PROXY = re.compile(rb"PROXY (?:TCP[46]|UNKNOWN)[ \r]")
_IAC = bytes((IAC,))
# RFC 8446, 5.1: a record of type handshake(22), legacy version 3.x
_TLS = b"\x16\x03"
_WEBSOCKET = b"GET /ws"
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
    irc = _IRC.match(data)
    if irc and irc[1] != b"/":
        return Protocol.IRC
    if irc:
        # "PASS /secret" is IRC's, "PASS /path HTTP/1.1" that of a page: the line's end tells.
        end = data.find(b"\n")
        if end < 0:
            return None
        return Protocol.HTTP if has_version(data, 0, end) else Protocol.IRC
    if is_request(data):
        return _http(data)
    return _text(data)


def hidden(data: bytes) -> Protocol | None:
    """What ``data`` can only become, whatever follows, though `detect` still waits."""
    return Protocol.HTTP if is_request(data) else None


def could_be_other(data: bytes) -> bool:
    """Whether ``data``, without a line end yet, may become another protocol than the line one."""
    if any(known.startswith(data) or data.startswith(known) for known in _BEGINNINGS):
        return True
    method, _, target = data.partition(b" ")
    return target == b"*" and TOKEN.fullmatch(method) is not None


def _http(data: bytes) -> Protocol | None:
    """HTTP or a WebSocket, which is at a path of its own; None while that is not clear."""
    if _WEBSOCKET.startswith(data):
        return None
    if data.startswith(_WEBSOCKET) and data[len(_WEBSOCKET)] in b" ?":
        return Protocol.WEBSOCKET
    return Protocol.HTTP


def _text(data: bytes) -> Protocol | None:
    """Lines or not, by what comes first: a line end, an option of telnet, or a NUL."""
    firsts = [
        (data.find(sign), protocol)
        for sign, protocol in (
            (b"\n", Protocol.LINE),
            (b"\r\0", Protocol.LINE),  # RFC 854: telnet may send CR NUL for Enter
            (_IAC, Protocol.LINE),
            (b"\0", Protocol.BINARY),
        )
    ]
    return min(
        ((place, protocol) for place, protocol in firsts if place >= 0),
        key=lambda found: found[0],
        default=(0, None),
    )[1]
