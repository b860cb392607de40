"""Detects the protocol of a connection from its first bytes.

This is a security boundary, too: a web page can make a browser send a request of nearly any form
to this port, and none of its bytes may ever be read as lines of a chat. So input that begins like
another protocol is never taken for lines, however long it is and wherever it pauses or ends.
"""

from __future__ import annotations

import re
from enum import Enum

from hubbub.wire.line.telnet import IAC
from hubbub.wire.requests import MAX_FIRST_BYTES, METHODS, TOKEN, has_version, is_request

PROXY_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
"""The signature of version 2 of the PROXY protocol (its specification, 2.2)."""


class Protocol(Enum):
    """The protocols that can be told apart."""

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
_IRC_PROBE = re.compile(rb"(?:QUIT|PING) :", re.IGNORECASE)  # no name has a space and a colon
_BLANK_LINES = re.compile(rb"(?:\r\n)*\r?")
_SSH = re.compile(rb"SSH-[0-9]\.[0-9]+-")
_PROXY = re.compile(rb"PROXY (?:TCP[46]|UNKNOWN)[ \r]")
_IAC = bytes((IAC,))
# RFC 8446, 5.1: a record of type handshake(22), legacy version 3.x
_TLS = b"\x16\x03"
_WEBSOCKETS = (b"GET /ws", b"GET /irc")
_IRC_BEGINNINGS = (b"CAP ", b"NICK ", b"USER ", b"PASS ", b"AUTHENTICATE ")
_BEGINNINGS = (
    *(method + b" " for method in METHODS),
    *_IRC_BEGINNINGS,
    *(b"QUIT :", b"PING :"),
    *(b"PROXY ", b"SSH-2.0-", _TLS),
)


def detect(data: bytes) -> Protocol | None:
    """The protocol whose first bytes are ``data``; None while more bytes are needed.

    Data without a line end that fits no pattern stays None: a client of the line protocol that
    does not end its lines can only be recognised by a pause (see `could_be_other` and `hidden`).
    """
    if len(data) > MAX_FIRST_BYTES:
        # The answer must not depend on how the bytes were cut into segments.
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
    if _IRC_PROBE.match(data):
        return Protocol.IRC
    blank = _blank(data)
    irc = _IRC.match(data, blank)
    if irc and irc[1] != b"/":
        return Protocol.IRC
    if irc:
        # "PASS /secret" is IRC's, "PASS /path HTTP/1.1" that of a page: the line's end tells.
        end = data.find(b"\n", blank)
        if end < 0:
            return None
        return Protocol.HTTP if has_version(data, blank, end) else Protocol.IRC
    if is_request(data):
        return _http(data)
    if blank and _may_be_irc(data[blank:]):
        return None
    return _text(data)


def _blank(data: bytes) -> int:
    """How long the empty lines are with which ``data`` begins: a program that speaks IRC may send
    some. Who presses Enter sends LF alone, or else waits then.
    """
    found = _BLANK_LINES.match(data)
    return 0 if found is None else found.end()


def _may_be_irc(data: bytes) -> bool:
    """Whether ``data``, which comes behind an empty line, may become a command of IRC."""
    return any(known.startswith(data.upper()) for known in _IRC_BEGINNINGS)


def hidden(data: bytes) -> Protocol | None:
    """The protocol that ``data`` must be, whatever follows, while `detect` still gives None."""
    return Protocol.HTTP if is_request(data) else None


def could_be_other(data: bytes) -> bool:
    """Whether ``data``, which has no line end yet, may still become another protocol than lines."""
    if any(known.startswith(data) or data.startswith(known) for known in _BEGINNINGS):
        return True
    blank = _blank(data)
    if blank and data[blank:] and _may_be_irc(data[blank:]):
        return True
    method, _, target = data.partition(b" ")
    return target == b"*" and TOKEN.fullmatch(method) is not None


def _http(data: bytes) -> Protocol | None:
    """HTTP or a WebSocket, by the path; None while the path is not complete."""
    for beginning in _WEBSOCKETS:
        if beginning.startswith(data):
            return None
        if data.startswith(beginning) and data[len(beginning)] in b" ?":
            return Protocol.WEBSOCKET
    return Protocol.HTTP


def _text(data: bytes) -> Protocol | None:
    """Lines or binary, by which comes first: a line end, a telnet option, or a NUL."""
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
