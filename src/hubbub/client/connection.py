"""One connection to the server: commands go out, replies come in, one JSON object a frame."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl

import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
    InvalidURI,
)

from hubbub import __version__
from hubbub.client.address import Address
from hubbub.client.errors import ConnectionLost, Unreachable
from hubbub.domain.commands import Command
from hubbub.domain.errors import BadMessage
from hubbub.domain.replies import Reply
from hubbub.wire.json import decode_reply, encode

AGENT = f"hubbub/{__version__}"
OPEN_SECONDS = 10.0
PING_SECONDS = 20.0  # between keepalive pings, and for the answer: a dead line shows within 40 s
CLOSE_SECONDS = 1.0  # for the other side's part of the closing handshake
MAX_FRAME_BYTES = 16 * 1024 * 1024  # 200 events of 4,000 characters, if JSON escapes all of them
MAX_REASON_CHARS = 500  # of what a server says of itself, on somebody's screen
NEXT_ADDRESS_SECONDS = 0.25  # when a host has several: RFC 8305, "Happy Eyeballs"

log = logging.getLogger("hubbub.client")


class Problem(Struct):
    """What went wrong; see docs/http.md."""

    message: str


class Failed(Struct):
    """The body of an answer that is an error."""

    error: Problem


class Connection:
    """An open WebSocket. All verbs but `close` raise `ConnectionLost` when it is no more."""

    def __init__(self, websocket: ClientConnection) -> None:
        self._websocket = websocket

    @classmethod
    async def open(cls, address: Address) -> Connection:
        """Connects; raises `Unreachable` with a sentence that says why not."""
        try:
            websocket = await open_websocket(
                address.url,
                compression=None,
                user_agent_header=AGENT,
                # A proxy of the environment is made for the encrypted web, not for the next room.
                proxy=True if address.secure else None,
                open_timeout=OPEN_SECONDS,
                ping_interval=PING_SECONDS,
                ping_timeout=PING_SECONDS,
                close_timeout=CLOSE_SECONDS,
                max_size=MAX_FRAME_BYTES,
                logger=logging.getLogger("hubbub.client.websocket"),
                happy_eyeballs_delay=NEXT_ADDRESS_SECONDS,
            )
        except (OSError, InvalidHandshake, InvalidURI, UnicodeError) as error:
            raise Unreachable(_why_unreachable(address, error)) from error
        return cls(websocket)

    async def send(self, command: Command) -> None:
        """Sends one command; waits while the network does not take more."""
        try:
            await self._websocket.send(encode(command), text=True)
        except ConnectionClosed as error:
            raise ConnectionLost(_why_lost(error)) from error

    async def receive(self) -> Reply:
        """The next reply; what this version does not understand is left out."""
        while True:
            try:
                frame = await self._websocket.recv(decode=False)
            except ConnectionClosed as error:
                raise ConnectionLost(_why_lost(error)) from error
            try:
                return decode_reply(frame)
            except BadMessage as error:
                log.warning("left out a frame of %d bytes: %s", len(frame), error)

    async def answers(self, seconds: float) -> bool:
        """Whether somebody is there: answers a ping within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await (await self._websocket.ping())
        except TimeoutError:
            return False
        except ConnectionClosed as error:
            raise ConnectionLost(_why_lost(error)) from error
        return True

    def abandon(self) -> None:
        """Closes it without waiting for anyone."""
        self._websocket.transport.abort()

    async def lost(self) -> None:
        """Returns when the connection is no more."""
        await self._websocket.wait_closed()

    async def close(self) -> None:
        """Closes it, if it is open."""
        await self._websocket.close()


def _why_unreachable(address: Address, error: Exception) -> str:
    match error:
        case socket.gaierror():
            return f'There is no computer called "{address.host}" (or no network to find it).'
        case ssl.SSLCertVerificationError():
            return f"The certificate of {address} is not to be trusted: {error.verify_message}."
        case ssl.SSLError():
            return f"{address} does not speak TLS: {error.reason or error}."
        case TimeoutError():
            return f"{address} did not answer within {OPEN_SECONDS:.0f} seconds."
        case InvalidStatus(response=response):
            status, said = response.status_code, _reason(response.body)
            if said:
                return f"{address} does not let us in (HTTP {status}): {said}"
            return (
                f"{address} answers, but does not let us in (HTTP {status}). Is it a Hubbub server?"
            )
        case InvalidMessage():
            return f"{address} answers, but not as a Hubbub server."
        case OSError() if _refused(error):
            return f"There is no server at {address}: nobody listens there."
        case OSError():
            return f"{address} cannot be reached: {error.strerror or error}."
        case _:
            return f"{address} cannot be connected to: {error}."


def _reason(body: bytes | bytearray | None) -> str:
    """The sentence in an error of a Hubbub server; "" if it is another one's."""
    try:
        message = msgspec.json.decode(body or b"", type=Failed).error.message
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return "".join(char if char.isprintable() else " " for char in message[:MAX_REASON_CHARS])


def _refused(error: OSError) -> bool:
    # With several addresses asyncio has the errors in one text only.
    return error.errno == errno.ECONNREFUSED or f"[Errno {errno.ECONNREFUSED}]" in str(error)


def _why_lost(error: ConnectionClosed) -> str:
    if error.rcvd is not None:
        said = f" ({error.rcvd.reason})" if error.rcvd.reason else ""
        return f"The server closed the connection{said}."
    if error.sent is not None and "keepalive" in error.sent.reason:
        return f"The server was not heard of for {2 * PING_SECONDS:.0f} seconds."
    return "The connection broke."
