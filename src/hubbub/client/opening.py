"""Opens a WebSocket, over TLS or not, and looks at the server's key before anything is sent."""

from __future__ import annotations

import logging
import ssl
from typing import Any

from msgspec.structs import replace
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket

from hubbub import __version__
from hubbub.client.address import Address
from hubbub.client.certificate import ANY, Peer, UnreadableCertificate, fingerprint
from hubbub.client.dialing import dial

AGENT = f"hubbub/{__version__}"
PING_SECONDS = 20.0  # between keepalive pings, and for the answer: a dead line shows within 40 s
CLOSE_SECONDS = 1.0  # for the other side's part of the closing handshake
MAX_FRAME_BYTES = 16 * 1024 * 1024  # 200 events of 4,000 characters, if JSON escapes all of them


async def opened(
    address: Address,
    *,
    tls: ssl.SSLContext | None,
    peer: Peer,
    proxy: str | None = None,
) -> ClientConnection:
    """An open WebSocket, encrypted by ``tls`` if that is given.

    Raises what sockets, TLS and the library raise; then ``peer`` tells whether it was its key.
    """
    if proxy is not None:
        return await _handshake(address, tls, peer, proxy=proxy)
    sock = await dial(address.host, address.port)
    try:
        return await _handshake(address, tls, peer, sock=sock)
    except BaseException:
        sock.close()
        raise


async def close(websocket: ClientConnection) -> None:
    """Closes it in order, and whoever is cancelled meanwhile leaves no open socket behind."""
    try:
        await websocket.close()
    finally:
        websocket.transport.abort()


async def _handshake(
    address: Address, tls: ssl.SSLContext | None, peer: Peer, **way: Any
) -> ClientConnection:
    class Checked(ClientConnection):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            shown = transport.get_extra_info("ssl_object")
            if peer.wanted != ANY and shown is not None:
                try:
                    peer.found = fingerprint(shown.getpeercert(binary_form=True))
                except UnreadableCertificate:
                    peer.unreadable = True
                if peer.is_another or peer.unreadable:
                    transport.abort()

    if tls is not None:
        way["ssl"] = tls
    try:
        return await _WithoutRedirects(
            replace(address, secure=tls is not None).url,
            compression=None,
            user_agent_header=AGENT,
            open_timeout=None,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
            close_timeout=CLOSE_SECONDS,
            max_size=MAX_FRAME_BYTES,
            logger=logging.getLogger("hubbub.client.websocket"),
            create_connection=Checked,
            **way,
        )
    except Exception:
        if peer.unreadable:
            raise UnreadableCertificate from None
        raise


class _WithoutRedirects(open_websocket):
    def process_redirect(self, exc: Exception) -> Exception:
        return exc
