"""Refusals of connections, and their form in each protocol."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import msgspec
from msgspec import Struct

MAX_HEARD = 100
"""Refused connections that are kept open at a time to detect their protocol for the answer."""
LINGER_SECONDS = 1.0
"""How long a client that was refused may still send before the connection is cut."""


def code_of(status: HTTPStatus) -> str:
    """The stable code of an error that has only an HTTP status."""
    # As RFC 9110, 15.5.14 calls it; the phrases of Python before 3.13 are older.
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "content-too-large"
    if status == HTTPStatus.REQUEST_URI_TOO_LONG:
        return "uri-too-long"
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return "internal-error"
    return status.phrase.lower().replace(" ", "-")


class Refusal(Struct, frozen=True, kw_only=True):
    """A reason, as a code, a sentence and an HTTP status."""

    code: str
    message: str
    status: HTTPStatus = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after: int | None = None
    """Seconds after which it may be tried again."""

    @property
    def body(self) -> bytes:
        """The JSON body of the HTTP error."""
        return msgspec.json.encode({"error": {"code": self.code, "message": self.message}})


def as_http(refusal: Refusal) -> bytes:
    """A response that ends the connection."""
    body = refusal.body
    lines = [
        f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
    ]
    if refusal.retry_after is not None:
        lines.append(f"Retry-After: {refusal.retry_after}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def as_line(refusal: Refusal) -> bytes:
    """A line."""
    return f"{refusal.message}\n".encode()


def as_crlf_line(refusal: Refusal) -> bytes:
    """A line with the line end of most protocols."""
    return f"{refusal.message}\r\n".encode()


def as_irc(refusal: Refusal) -> bytes:
    """RFC 2812, 3.7.4."""
    return f"ERROR :{refusal.message}\r\n".encode()


def as_tls(refusal: Refusal) -> bytes:
    """A TLS alert, which has no room for a sentence."""
    return NO_TLS


# RFC 8446, 6: alert(21), version 3.1, length 2, fatal(2) handshake_failure(40)
NO_TLS = b"\x15\x03\x01\x00\x02\x02\x28"

ENDLESS = Refusal(
    code="line-too-long", message="This line is too long for a name. Please connect again."
)
TOO_SLOW = Refusal(
    code="too-slow",
    message="That took too long. Please connect again.",
    status=HTTPStatus.REQUEST_TIMEOUT,
)
NESTED = Refusal(code="wrong-protocol", message="That was said already, or cannot be said here.")
NO_ENCRYPTION = Refusal(code="wrong-protocol", message="This server does not speak TLS.")
NO_HTTP = Refusal(code="starting", message="The server does not serve HTTP.", retry_after=5)


class Refusals:
    """The refused connections that are still open."""

    def __init__(self) -> None:
        self._open: set[asyncio.Transport] = set()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._open)

    def listen(self, transport: asyncio.Transport) -> bool:
        """Whether a refused connection may stay until its protocol is known."""
        if len(self._open) >= MAX_HEARD:
            return False
        self._open.add(transport)
        return True

    def moved(self, outer: asyncio.Transport, inner: asyncio.Transport) -> None:
        """What is inside of ``outer``, a layer of the connection, is ``inner`` from now on."""
        if outer in self._open:
            self._open.remove(outer)
            self._open.add(inner)

    def gone(self, transport: asyncio.Transport) -> None:
        """A connection is over."""
        self._open.discard(transport)

    def abort(self) -> None:
        """Aborts all of them."""
        for transport in list(self._open):
            transport.abort()
