"""Recognises the parts of an HTTP request, which must never be read as lines of a chat.

A web page can make a browser send a request of nearly any form to any port: it chooses the method,
the path, values of headers and the body.
"""

from __future__ import annotations

import re

MAX_FIRST_BYTES = 8 * 1024
"""Bytes in which the first line must show what it is. RFC 9112, 3: at least 8,000 for HTTP."""

# RFC 9110, 5.6.2. A page may choose any token as the method of its requests.
TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# What follows it in a request: a path, "*", or an absolute URL (RFC 9112, 3.2) ...
_TARGET = re.compile(rb"/|\*[ \r\n]|[A-Za-z][A-Za-z0-9+.-]*://")
# ... or anything else, if the line ends with a version of HTTP or of a protocol built like it.
_VERSION = re.compile(rb" [A-Z]{2,8}/[0-9](?:\.[0-9])? ?\r?\Z")
# Headers that browsers send. No input of a chat looks like one: a room's name has no space.
_HEADER = re.compile(
    r"(?:host|connection|user-agent|origin|referer|cookie|content-[a-z]+|accept(?:-[a-z]+)*"
    r"|sec-[a-z-]+|cache-control|pragma|upgrade(?:-[a-z-]+)?|transfer-encoding|te|priority"
    r"|access-control-[a-z-]+|x-[a-z-]+): ",
    re.IGNORECASE,
)

METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"CONNECT", b"TRACE")


def is_request(data: bytes) -> bool:
    """Whether ``data`` begins like an HTTP request. No name and no command of the chat does."""
    space = data.find(b" ")
    if space < 0 or not TOKEN.fullmatch(data, 0, space):
        return False
    if _TARGET.match(data, space + 1):
        return True
    end = data.find(b"\n", space)
    return end >= 0 and has_version(data, space, end)


def is_request_line(line: str) -> bool:
    """Whether ``line`` is a complete request line."""
    method, space, rest = line.partition(" ")
    if not space:
        return False
    return bool(TOKEN.fullmatch(method.encode())) and has_version(f" {rest}".encode())


def is_header(line: str) -> bool:
    """Whether ``line`` is a header that a browser sends. No name and no room looks like one."""
    return _HEADER.match(line) is not None


def is_method_in_pieces(data: bytes) -> bool:
    """Whether ``data``, received in several segments, is a prefix of a request's method."""
    return any(known.startswith(data) for known in (*METHODS, *(m + b" " for m in METHODS)))


def has_version(data: bytes, start: int = 0, end: int | None = None) -> bool:
    """Whether the line that ends at ``end`` ends with a version, such as HTTP/1.1."""
    # No match is longer than 24 bytes, so only the end of a long line is searched.
    end = len(data) if end is None else end
    return _VERSION.search(data, max(start, end - 24), end) is not None
