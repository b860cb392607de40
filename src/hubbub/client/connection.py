"""One connection to the server: commands out, replies in, one JSON object in each frame."""

from __future__ import annotations

import asyncio
import logging

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from hubbub.client.address import Address
from hubbub.client.certificate import Peer
from hubbub.client.errors import ConnectionLost, Unreachable
from hubbub.client.opening import PING_SECONDS, close, opened
from hubbub.client.trust import IN_THE_CLEAR, Trust, is_of_unknown_authority, says_no_tls
from hubbub.client.unreachable import why_unreachable
from hubbub.domain.commands import Command
from hubbub.domain.errors import BadMessage
from hubbub.domain.replies import Reply
from hubbub.wire.json import decode_reply, encode

OPEN_SECONDS = 10.0

log = logging.getLogger("hubbub.client")


class Connection:
    """An open WebSocket. All methods but `close` raise `ConnectionLost` when it is lost."""

    def __init__(self, websocket: ClientConnection) -> None:
        self._websocket = websocket

    @classmethod
    async def open(cls, address: Address, trust: Trust | None = None) -> Connection:
        """Connects; raises `Unreachable` with a sentence that says why that failed.

        ``trust`` decides whether it is encrypted, and whether the server's key is accepted: if it
        is not, `UnknownCertificate` or `CertificateChanged` is raised. Redirects are not followed:
        the first command may have a token, a secret of this server.
        """
        trust = trust or Trust()
        proxied = False
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                proxied = address.secure and trust.proxy(address) is not None
                return cls(await _opened(address, trust))
        except Unreachable:
            raise
        except Exception as error:  # hosts, proxies and libraries raise errors of many kinds
            why = why_unreachable(address, error, OPEN_SECONDS, proxied=proxied)
            raise Unreachable(why) from error

    async def send(self, command: Command) -> None:
        """Sends one command; waits while the network takes no more."""
        try:
            await self._websocket.send(encode(command), text=True)
            # The loop has to have a chance to notice a loss: asyncio complains on the terminal
            # when several writes follow one that has failed.
            await asyncio.sleep(0)
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
        """Closes it, if it is open; at once, when this is cancelled."""
        await close(self._websocket)


async def _opened(address: Address, trust: Trust) -> ClientConnection:
    """Connects as ``trust`` says; once more, if what it knew does not hold any more."""
    try:
        return await _in_its_way(address, trust)
    except _NotAccepted:
        await trust.look(address)
        return await _in_its_way(address, trust)


async def _in_its_way(address: Address, trust: Trust) -> ClientConnection:
    way = await trust.way(address)
    peer = Peer(way.wanted)
    try:
        opening = opened(address, tls=way.tls, peer=peer, proxy=trust.proxy(address))
        connection = await opening
    except Exception as error:
        if way == IN_THE_CLEAR:
            trust.forget_way(address)  # perhaps it wants TLS by now
        if peer.is_another or is_of_unknown_authority(error):
            raise _NotAccepted from error
        if way.tls is not None and says_no_tls(error):
            raise Unreachable(trust.without_tls(address)) from error
        raise
    trust.reached(address, way)
    return connection


class _NotAccepted(Exception):
    """The server's key is not accepted."""


def _why_lost(error: ConnectionClosed) -> str:
    if error.rcvd is not None:
        said = f" ({error.rcvd.reason})" if error.rcvd.reason else ""
        return f"The server closed the connection{said}."
    if error.sent is not None and "keepalive" in error.sent.reason:
        return f"The server was not heard of for {2 * PING_SECONDS:.0f} seconds."
    return "The connection broke."
