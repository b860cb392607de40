"""Takes TLS off a connection: the handshake, in turns, by the certificate that it is due."""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

from hubbub.hub.share import Share
from hubbub.server.context import Context
from hubbub.server.portions import Portions
from hubbub.server.refusals import NO_TLS
from hubbub.server.tls.contexts import ACME, HTTP, ServerContext
from hubbub.server.tls.encrypted import Encrypted

MAX_HELLO_BYTES = 16 * 1024
"""Of a client's first message, which takes up to 2 KB with keys against quantum computers. OpenSSL
takes 128 KiB, and the memory for them as soon as a length is told."""

RECORD = 5  # RFC 8446, 5.1: type, version (2), length (2)
HEADS = RECORD + 4  # and 4: of a handshake message, type and length (3)
CLIENT_HELLO = 1
# RFC 7301, 3.1: as they stand among others.
ASKS_FOR_ACME = bytes((len(ACME), *ACME.encode()))
ASKS_FOR_HTTP = bytes((len(HTTP), *HTTP.encode()))


class TlsLayer:
    """Makes the protocol objects that take TLS off."""

    def __init__(self) -> None:
        # Empty between two steps of the loop, so that one is enough for all connections.
        self._outgoing = ssl.MemoryBIO()

    def __call__(
        self, context: Context, transport: asyncio.Transport, inside: Portions
    ) -> Portions:
        return Handshake(context, self._outgoing, inside)


class Handshake(Portions):
    """A connection over TLS until the handshake is done; a `hubbub.hub.turns.Taker`.

    A handshake takes a third of a millisecond, as much as ten messages. So those of a client that
    has many of them to do wait for their turns.
    """

    __slots__ = (
        "_context",
        "_data",
        "_incoming",
        "_inside",
        "_outgoing",
        "_paused",
        "_ssl",
        "_transport",
        "queued",
        "share",
    )

    ahead = 0.0  # a turn begins nothing that goes on behind it

    def __init__(self, context: Context, outgoing: ssl.MemoryBIO, inside: Portions) -> None:
        self._context = context
        self._incoming = ssl.MemoryBIO()
        self._outgoing = outgoing
        self._inside = inside
        self._ssl: ssl.SSLObject | None = None
        self._data = b""
        self._paused = False
        self.queued = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.share: Share = self._context.admission.share_of(self._transport)

    def received(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        self._data += data
        self._context.hub.turns.take(self)
        if self.queued and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._inside.connection_lost(exc)

    def turn(self, until: float) -> bool:
        """See `hubbub.hub.turns.Taker`."""
        if self._transport.is_closing():
            return False
        try:
            if self._ssl is None:
                self._hear()
            if self._ssl is not None:
                self._shake_hands(self._ssl)
        except Exception as error:  # noqa: BLE001 - a fault of ours ends one connection, not all
            self._context.loop.call_exception_handler(
                {"message": "A connection failed", "exception": error, "protocol": self}
            )
            self._transport.abort()
        return False

    def _hear(self) -> None:
        """Looks at the first message, when there is enough of it."""
        data = self._data
        if len(data) < HEADS:
            self._read_on()
            return
        record = int.from_bytes(data[3:RECORD], "big")
        size = int.from_bytes(data[RECORD + 1 : HEADS], "big")
        if data[RECORD] != CLIENT_HELLO or max(record, size) > MAX_HELLO_BYTES:
            self._transport.write(NO_TLS)
            self._transport.close()
            return
        if len(data) < RECORD + record:
            # OpenSSL would take 48 KiB for a client that never says the rest.
            self._read_on()
            return
        context = self._chosen()
        self._ssl = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def _chosen(self) -> ssl.SSLContext:
        certificates = self._context.certificates
        assert certificates is not None, "else it is refused"
        challenge = certificates.challenge()
        if challenge is not None and ASKS_FOR_ACME in self._data:
            return challenge
        context = certificates.context()
        asking = context.asking if isinstance(context, ServerContext) else None
        return context if asking is None or ASKS_FOR_HTTP in self._data else asking

    def _shake_hands(self, connection: ssl.SSLObject) -> None:
        data, self._data = self._data, b""
        self._incoming.write(data)
        transport = self._transport
        try:
            connection.do_handshake()
        except ssl.SSLWantReadError:
            transport.write(self._outgoing.read())
            self._read_on()
            return
        except ssl.SSLError:
            transport.write(self._outgoing.read())  # the alert that says why
            transport.close()
            return
        transport.write(self._outgoing.read())
        self._done(connection)

    def _done(self, connection: ssl.SSLObject) -> None:
        encrypted = Encrypted(
            self._transport, connection, self._incoming, self._outgoing, self._inside
        )
        self._transport.set_protocol(encrypted)
        self._inside.connection_made(encrypted)
        self._read_on()
        encrypted.read()

    def _read_on(self) -> None:
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()
