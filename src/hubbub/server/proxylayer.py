"""Takes the header of the PROXY protocol off a connection, which tells for whom it is made."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol, cast

from hubbub.server.context import Context
from hubbub.server.origin_policy import LOG_SECONDS
from hubbub.server.portions import Portions
from hubbub.server.proxies import Origin
from hubbub.wire.proxy import BadHeader, Header, read

logger = logging.getLogger(__name__)


class Inside(Protocol):
    """Who begins anew with what is inside (`hubbub.server.first.FirstBytes`)."""

    def arrives(self, origin: Origin) -> None:
        """The connection comes from there."""
        ...


class ProxyLayer:
    """Makes the protocol objects that take the header off."""

    def __init__(self) -> None:
        self._logged_at = -LOG_SECONDS

    def __call__(
        self, context: Context, transport: asyncio.Transport, inside: Portions
    ) -> Portions:
        return Told(self, context, inside)

    def wrong(self, origin: Origin, error: BadHeader, now: float) -> None:
        """Logs it, not too often."""
        if now - self._logged_at >= LOG_SECONDS:
            self._logged_at = now
            at = origin.address or "the Unix socket"
            logger.warning("A header of the PROXY protocol from %s was refused: %s.", at, error)


class Told(Portions):
    """A connection of a trusted proxy until its header is there."""

    __slots__ = ("_context", "_data", "_inside", "_layer", "_transport")

    def __init__(self, layer: ProxyLayer, context: Context, inside: Portions) -> None:
        self._layer = layer
        self._context = context
        self._inside = inside
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def received(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        self._data += data
        try:
            header = read(self._data)
        except BadHeader as error:
            origin = self._context.admission.origin(self._transport)
            self._layer.wrong(origin, error, self._context.loop.time())
            # A sentence would be for the client, who can do nothing about it.
            self._transport.abort()
            return
        if header is not None:
            self._begin(header)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._inside.connection_lost(exc)

    def _begin(self, header: Header) -> None:
        rest, self._data = self._data[header.size :], b""
        transport, inside = self._transport, self._inside
        transport.set_protocol(inside)
        if header.source is not None:
            address, port = header.source
            server = header.destination or ("", 0)
            cast(Inside, inside).arrives(Origin(address, port, server, header.secure))
        if transport.is_closing():
            return
        inside.connection_made(transport)
        if rest:
            inside.received(rest)
