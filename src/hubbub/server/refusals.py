"""What is said to a connection that is not served, in the protocol that it speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from msgspec import Struct

from hubbub.wire.detect import Protocol

MAX_HEARD = 100
"""Refused connections that are listened to at a time, to learn how to tell them; none beyond."""
LINGER_SECONDS = 1.0
"""How long a client that was refused may still send before the connection is cut."""


def code_of(status: HTTPStatus) -> str:
    """The stable code of an error that has no other name than its status."""
    # As RFC 9110, 15.5.14 calls it; the phrases of Python before 3.13 are older.
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "content-too-large"
    if status == HTTPStatus.REQUEST_URI_TOO_LONG:
        return "uri-too-long"
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return "internal-error"
    return status.phrase.lower().replace(" ", "-")


class Refusal(Struct, frozen=True, kw_only=True):
    """Why, as a code, a sentence and HTTP's status."""

    code: str
    message: str
    status: HTTPStatus = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after: int | None = None
    """Seconds after which it may be tried again."""

    def said_in(self, protocol: Protocol) -> bytes:
        """The bytes that say so."""
        match protocol:
            case Protocol.HTTP | Protocol.WEBSOCKET:
                return self._as_http()
            case Protocol.IRC:
                return f"ERROR :{self.message}\r\n".encode()
            case Protocol.TLS:
                return NO_TLS
            case Protocol.SSH | Protocol.PROXY:
                return f"{self.message}\r\n".encode()  # RFC 4253, 4.2: lines may come first
        return f"{self.message}\n".encode()

    @property
    def body(self) -> bytes:
        """What HTTP's errors have in them, in the form of all of them."""
        return msgspec.json.encode({"error": {"code": self.code, "message": self.message}})

    def _as_http(self) -> bytes:
        body = self.body
        lines = [
            f"HTTP/1.1 {self.status.value} {self.status.phrase}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Connection: close",
            "X-Content-Type-Options: nosniff",
            "Cache-Control: no-store",
        ]
        if self.retry_after is not None:
            lines.append(f"Retry-After: {self.retry_after}")
        return "\r\n".join([*lines, "", ""]).encode() + body


# RFC 8446, 6: alert(21), version 3.1, length 2, fatal(2) handshake_failure(40)
NO_TLS = b"\x15\x03\x01\x00\x02\x02\x28"

NOT_SERVED: Mapping[Protocol, Refusal] = {
    Protocol.IRC: Refusal(
        code="wrong-protocol",
        message="This server does not speak IRC yet. Connect with netcat, telnet, a browser, or: "
        "python client.py",
    ),
    Protocol.TLS: Refusal(code="wrong-protocol", message="This server does not speak TLS."),
    Protocol.SSH: Refusal(code="wrong-protocol", message="This server does not speak SSH."),
    Protocol.PROXY: Refusal(
        code="wrong-protocol",
        message="This server does not read the PROXY protocol: please switch it off in the proxy.",
    ),
    Protocol.BINARY: Refusal(code="wrong-protocol", message="That is no text."),
    Protocol.ENDLESS: Refusal(
        code="line-too-long", message="This line is too long for a name. Please connect again."
    ),
}
"""What is answered in protocols that are told from others but not served."""

TOO_SLOW = Refusal(
    code="too-slow",
    message="That took too long. Please connect again.",
    status=HTTPStatus.REQUEST_TIMEOUT,
)
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

    def gone(self, transport: asyncio.Transport) -> None:
        """A connection is over."""
        self._open.discard(transport)

    def abort(self) -> None:
        """Cuts all of them off."""
        for transport in list(self._open):
            transport.abort()
