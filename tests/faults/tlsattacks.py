"""Floods of what is dear in TLS; see `tests.faults.attacks`, which has all of them."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING, cast

from tests.server.tls_streams import ClientsEnd, open_encrypted

if TYPE_CHECKING:
    from tests.faults.attacks import Target

RECORDS = 700  # of one byte each, in what a server reads at once


def careless() -> ssl.SSLContext:
    """Whoever floods does not ask whom."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def first_message() -> bytes:
    """Of a handshake. It costs its sender nothing to send it again, and the server a signature."""
    outgoing = ssl.MemoryBIO()
    client = careless().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


async def tiny_records(target: Target, hello: bytes) -> None:
    """One connection that says ``hello``, and then a line without an end, a letter a record."""
    context = careless()
    while not target.over.is_set():
        with contextlib.suppress(OSError):
            _, writer = await open_encrypted("127.0.0.1", target.port, context, (target.home, 0))
            end = cast(ClientsEnd, writer.transport)
            try:
                writer.write(hello)
                while not target.over.is_set() and not end.is_closing():
                    end.write_records(b"x", RECORDS)
                    await writer.drain()
                    await asyncio.sleep(0)
            finally:
                end.abort()
        await asyncio.sleep(0.01)
