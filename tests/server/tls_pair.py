"""Both sides of TLS without a socket: a client, and the server's layer on a transport of paper."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

from hubbub.hub.clients import Clients
from hubbub.hub.settings import HubSettings
from hubbub.hub.turns import Turns
from hubbub.server.portions import Portions
from hubbub.server.tls.layer import TlsLayer


class PaperTransport:
    """The socket of the server: what it was told, and who is to be told of what comes."""

    def __init__(self) -> None:
        self.sent = b""
        self.closed = self.aborted = self.paused = self.ended = False
        self.protocol: Portions | None = None

    def write(self, data: bytes) -> None:
        assert not self.closed, "nothing is written to a closed socket"
        self.sent += data

    def take(self) -> bytes:
        sent, self.sent = self.sent, b""
        return sent

    def set_protocol(self, protocol: Portions) -> None:
        self.protocol = protocol

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("192.0.2.1", 1) if name == "peername" else default

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Inside(Portions):
    """What is inside of TLS, and writes down what it gets."""

    def __init__(self, *, stays: bool = False) -> None:
        self.got = b""
        self.ends = self.losses = 0
        self.transport: asyncio.Transport | None = None
        self.stays = stays

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert self.transport is None
        self.transport = cast(asyncio.Transport, transport)

    def received(self, data: bytes) -> None:
        assert data
        self.got += data

    def eof_received(self) -> bool:
        self.ends += 1
        return self.stays

    def connection_lost(self, exc: Exception | None) -> None:
        self.losses += 1


class Certificate:
    """One that does not change. ``challenged``: what asks for ``acme-tls/1`` gets."""

    def __init__(self, context: ssl.SSLContext, challenged: ssl.SSLContext | None = None) -> None:
        self.context = lambda: context
        self.challenge = lambda: challenged


class PaperLoop:
    """What is to be done with a later step of the loop."""

    def __init__(self) -> None:
        self.later: deque[Callable[[], None]] = deque()

    def call_soon(self, callback: Callable[[], None]) -> None:
        self.later.append(callback)


class Pair:
    """A connection between a client and the server's layer."""

    def __init__(
        self,
        certificates: Certificate,
        client: ssl.SSLContext,
        name: str = "localhost",
        *,
        stays: bool = False,
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.share = Clients(HubSettings(), clock).at("192.0.2.1")
        context: Any = SimpleNamespace(
            certificates=certificates,
            hub=SimpleNamespace(turns=Turns(clock)),
            admission=SimpleNamespace(share_of=lambda transport: self.share),
            loop=SimpleNamespace(call_exception_handler=self._failed),
        )
        self.loop = PaperLoop()
        self.transport = PaperTransport()
        self.inside = Inside(stays=stays)
        transport = cast(asyncio.Transport, self.transport)
        protocol = TlsLayer()(context, transport, self.inside)
        self.transport.set_protocol(protocol)
        protocol.connection_made(transport)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(self.incoming, self.outgoing, server_hostname=name)

    @staticmethod
    def _failed(what: dict[str, Any]) -> None:
        raise AssertionError(what["message"]) from what["exception"]

    def send(self, data: bytes, step: int | None = None) -> None:
        """To the server, in pieces of ``step`` bytes."""
        for place in range(0, len(data), step or len(data) or 1):
            self.arrive(data[place : place + (step or len(data))])
            while self.loop.later:
                self.go_on()

    def arrive(self, data: bytes) -> None:
        """One portion comes from the socket."""
        protocol = self.transport.protocol
        assert protocol is not None
        if not self.transport.closed:
            self._in_the_loop(lambda: protocol.received(data))

    def go_on(self) -> None:
        """A later step of the loop."""
        self._in_the_loop(self.loop.later.popleft())

    def _in_the_loop(self, step: Callable[[], None]) -> None:
        asyncio._set_running_loop(cast(asyncio.AbstractEventLoop, self.loop))
        try:
            step()
        finally:
            asyncio._set_running_loop(None)

    def shake_hands(self, step: int | None = None) -> None:
        for _ in range(3):
            with suppress(ssl.SSLWantReadError):
                self.client.do_handshake()
            self.send(self.outgoing.read(), step)
            self.incoming.write(self.transport.take())
        self.client.do_handshake()

    def say(self, data: bytes) -> bytes:
        """What a client sends to say that."""
        while data:
            data = data[self.client.write(data) :]
        return self.outgoing.read()

    def end(self) -> bytes:
        """What a client sends to say that there is no more (close_notify)."""
        with suppress(ssl.SSLWantReadError):
            self.client.unwrap()
        return self.outgoing.read()

    def heard(self) -> bytes:
        """What a client has heard since the last time."""
        self.incoming.write(self.transport.take())
        got = b""
        with suppress(ssl.SSLWantReadError):
            while data := self.client.read(65536):
                got += data
        return got
