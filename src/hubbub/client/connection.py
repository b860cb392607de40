"""One connection to the server: commands out, replies in, one JSON object in each frame."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed
from websockets.proxy import get_proxy
from websockets.uri import parse_uri

from hubbub import __version__
from hubbub.client.address import Address
from hubbub.client.dialing import dial
from hubbub.client.errors import ConnectionLost, Unreachable
from hubbub.client.unreachable import why_unreachable
from hubbub.domain.commands import Command
from hubbub.domain.errors import BadMessage
from hubbub.domain.replies import Reply
from hubbub.wire.json import decode_reply, encode

AGENT = f"hubbub/{__version__}"
OPEN_SECONDS = 10.0
PING_SECONDS = 20.0  # between keepalive pings, and for the answer: a dead line shows within 40 s
CLOSE_SECONDS = 1.0  # for the other side's part of the closing handshake
MAX_FRAME_BYTES = 16 * 1024 * 1024  # 200 events of 4,000 characters, if JSON escapes all of them

log = logging.getLogger("hubbub.client")


class Connection:
    """An open WebSocket. All methods but `close` raise `ConnectionLost` when it is lost."""

    def __init__(self, websocket: ClientConnection) -> None:
        self._websocket = websocket

    @classmethod
    async def open(cls, address: Address) -> Connection:
        """Connects; raises `Unreachable` with a sentence that says why that failed.

        Redirects are not followed: the first command may have a token, a secret of this server.
        """
        proxy: str | None = None
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                # The environment's proxy is for encrypted traffic, not for servers nearby.
                proxy = get_proxy(parse_uri(address.url)) if address.secure else None
                if proxy is not None:
                    return cls(await _handshake(address, proxy=proxy))
                return cls(await _directly(address))
        except Exception as error:  # hosts, proxies and libraries raise errors of many kinds
            why = why_unreachable(address, error, OPEN_SECONDS, proxied=proxy is not None)
            raise Unreachable(why) from error

    async def send(self, command: Command) -> None:
        """Sends one command; waits while the network takes no more."""
        try:
            await self._websocket.send(encode(command), text=True)
        except ConnectionClosed as error:
            raise ConnectionLost(_why_lost(error)) from error

    async def receive(self) -> Reply:
        """Waits for the next reply; frames that this version does not understand are skipped."""
        while True:
            frame = bytearray()
            try:
                # Not `recv`, which keeps each fragment: a hundred bytes for an empty one, of which
                # a hostile server may send any number.
                async for part in self._websocket.recv_streaming(decode=False):
                    frame += part
            except ConnectionClosed as error:
                raise ConnectionLost(_why_lost(error)) from error
            try:
                return decode_reply(bytes(frame))
            except BadMessage as error:
                log.warning("left out a frame of %d bytes: %s", len(frame), error)

    async def answers(self, seconds: float) -> bool:
        """Whether the server answers a ping within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await (await self._websocket.ping())
        except TimeoutError:
            return False
        except ConnectionClosed as error:
            raise ConnectionLost(_why_lost(error)) from error
        return True

    def abandon(self) -> None:
        """Closes it without waiting."""
        self._websocket.transport.abort()

    async def lost(self) -> None:
        """Waits until the connection is lost."""
        await self._websocket.wait_closed()

    async def close(self) -> None:
        """Closes it, if it is open."""
        await self._websocket.close()


async def _directly(address: Address) -> ClientConnection:
    sock = await dial(address.host, address.port)
    try:
        return await _handshake(address, sock=sock)
    except BaseException:
        sock.close()
        raise


async def _handshake(address: Address, **way: Any) -> ClientConnection:
    return await _WithoutRedirects(
        address.url,
        compression=None,
        user_agent_header=AGENT,
        open_timeout=None,
        ping_interval=PING_SECONDS,
        ping_timeout=PING_SECONDS,
        close_timeout=CLOSE_SECONDS,
        max_size=MAX_FRAME_BYTES,
        logger=logging.getLogger("hubbub.client.websocket"),
        **way,
    )


class _WithoutRedirects(open_websocket):
    def process_redirect(self, exc: Exception) -> Exception:
        return exc


def _why_lost(error: ConnectionClosed) -> str:
    if error.rcvd is not None:
        said = f" ({error.rcvd.reason})" if error.rcvd.reason else ""
        return f"The server closed the connection{said}."
    if error.sent is not None and "keepalive" in error.sent.reason:
        return f"The server was not heard of for {2 * PING_SECONDS:.0f} seconds."
    return "The connection broke."
