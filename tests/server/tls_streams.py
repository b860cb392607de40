"""A client over TLS that can end its side and still hear: asyncio's own cannot."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import cast

from hubbub.server.tls.encrypted import Encrypted
from tests.patience import PATIENCE_SECONDS


async def open_encrypted(
    host: str, port: int, context: ssl.SSLContext, local: tuple[str, int] | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """As `asyncio.open_connection`. Raises `ssl.SSLError` when a handshake fails."""
    loop = asyncio.get_running_loop()
    _, shaking = await loop.create_connection(
        lambda: _Shaking(context, host), host, port, local_addr=local
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await shaking.done


class ClientsEnd(Encrypted):
    """What comes after its own end is for it, too."""

    __slots__ = ()

    def write_eof(self) -> None:
        with suppress(ssl.SSLError):
            self._ssl.unwrap()
        self._flush()
        self._transport.write_eof()

    def write_records(self, data: bytes, times: int) -> None:
        """The same so often, each in a record of its own."""
        for _ in range(times):
            self._ssl.write(data)
        self._flush()


class _Shaking(asyncio.Protocol):
    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.ssl = context.wrap_bio(self.incoming, self.outgoing, server_hostname=host)
        self.done: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.data_received(b"")

    def data_received(self, data: bytes) -> None:
        self.incoming.write(data)
        try:
            self.ssl.do_handshake()
        except ssl.SSLWantReadError:
            self.transport.write(self.outgoing.read())
            return
        except ssl.SSLError as error:
            self.transport.write(self.outgoing.read())
            self.transport.close()
            self._failed(error)
            return
        self.transport.write(self.outgoing.read())
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        end = ClientsEnd(self.transport, self.ssl, self.incoming, self.outgoing, protocol)
        self.transport.set_protocol(end)
        protocol.connection_made(end)
        writer = asyncio.StreamWriter(end, protocol, reader, asyncio.get_running_loop())
        self.done.set_result((reader, writer))
        end.read()

    def connection_lost(self, exc: Exception | None) -> None:
        self._failed(exc or ConnectionResetError("the connection ended in the handshake"))

    def _failed(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)
