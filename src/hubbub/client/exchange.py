"""A request and its answer over HTTP, as `hubbub.client.trust` says: one connection for each."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress

import h11
from msgspec import Struct

from hubbub.client.address import Address
from hubbub.client.certificate import ANY, UnreadableCertificate, fingerprint
from hubbub.client.dialing import dial
from hubbub.client.errors import Unreachable
from hubbub.client.opening import AGENT
from hubbub.client.trust import Trust

CONNECT_SECONDS = 10.0
STUCK_SECONDS = 30.0  # without the server taking, or sending, one more byte
PIECE_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 256 * 1024


class Lost(Exception):
    """The connection was lost, or there was none; the message says how."""


class Answer(Struct, frozen=True):
    """What the server said."""

    status: int
    body: bytes


class Exchange:
    """Asks the server at ``address``."""

    def __init__(self, address: Address, trust: Trust) -> None:
        self._address = address
        self._trust = trust

    async def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        read: Callable[[int], bytes] | None = None,
        size: int = 0,
        told: Callable[[int, int], None] | None = None,
    ) -> Answer:
        """The answer to a request with the ``size`` bytes that ``read`` gives. Raises `Lost`.

        ``told``: of the bytes that were sent, and how many there are.
        """
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, writer = await self._connected()
        except Unreachable as error:
            raise Lost(str(error)) from error
        except (OSError, ssl.SSLError, TimeoutError, UnicodeError, UnreadableCertificate) as error:
            raise Lost(f"The server cannot be reached: {str(error) or 'no answer'}.") from error
        fields = {"Host": self._host, "User-Agent": AGENT, "Connection": "close", **headers}
        connection = h11.Connection(h11.CLIENT)
        try:
            request = h11.Request(method=method, target=target, headers=[*fields.items()])
            writer.write(connection.send(request) or b"")
            answering = asyncio.ensure_future(_answer(connection, reader))
            try:
                if read is not None:
                    await _send(connection, writer, read, size, told, answering)
                elif connection.our_state is h11.SEND_BODY:
                    connection.send(h11.EndOfMessage())
                return await answering
            finally:
                answering.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await answering
        except (OSError, ssl.SSLError, TimeoutError, h11.ProtocolError, EOFError) as error:
            raise Lost(f"The connection broke: {str(error) or 'nothing moves'}.") from error
        finally:
            writer.transport.abort()

    @property
    def _host(self) -> str:
        return self._address.site.partition("://")[2].partition("/")[0]

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        address, trust = self._address, self._trust
        way = await trust.way(address)
        sock = await dial(address.host, address.port)
        try:
            name = None if way.tls is None else address.host.partition("%")[0]
            opened = await asyncio.open_connection(sock=sock, ssl=way.tls, server_hostname=name)
        except BaseException:
            sock.close()
            raise
        shown = opened[1].get_extra_info("ssl_object")
        found = None if shown is None or way.wanted == ANY else shown.getpeercert(binary_form=True)
        if found is not None and fingerprint(found) != way.wanted:
            opened[1].transport.abort()
            raise Unreachable("The server has another key than the one that is known.")
        return opened


async def _send(
    connection: h11.Connection,
    writer: asyncio.StreamWriter,
    read: Callable[[int], bytes],
    size: int,
    told: Callable[[int, int], None] | None,
    answering: asyncio.Future[Answer],
) -> None:
    """Sends the body, unless the answer comes first: then nobody wants the rest."""
    sent = 0
    while sent < size and not answering.done():
        piece = await asyncio.to_thread(read, min(PIECE_BYTES, size - sent))
        if not piece:
            raise EOFError("the file is shorter than it was")
        sent += len(piece)
        writer.write(connection.send(h11.Data(data=piece)) or b"")
        async with asyncio.timeout(STUCK_SECONDS):
            await writer.drain()
        if told is not None:
            told(sent, size)
    if sent == size:
        connection.send(h11.EndOfMessage())


async def _answer(connection: h11.Connection, reader: asyncio.StreamReader) -> Answer:
    status, body = 0, bytearray()
    while True:
        data = await reader.read(PIECE_BYTES)
        connection.receive_data(data)
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                break
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > MAX_ANSWER_BYTES:
                    raise EOFError("the answer is too long")
            elif isinstance(event, h11.EndOfMessage):
                return Answer(status, bytes(body))
            elif isinstance(event, h11.ConnectionClosed):
                raise EOFError("the server has closed it")
