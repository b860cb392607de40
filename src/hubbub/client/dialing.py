"""Connects to the first address of a host that answers (RFC 8305, Happy Eyeballs).

The event loops' own ways are not used: asyncio's fails an assertion under eager tasks, which
Textual sets, in Python 3.12.0 to 3.12.7 and 3.13.0; uvloop has none.
"""

from __future__ import annotations

import asyncio
import socket

from aiohappyeyeballs import start_connection

NEXT_ADDRESS_SECONDS = 0.25  # until the next address is tried beside the one before: RFC 8305


async def dial(host: str, port: int) -> socket.socket:
    """A connected socket, by TCP or, with a path as ``host``, by a Unix socket; the caller closes
    it. Raises `OSError` and `UnicodeError`.
    """
    loop = asyncio.get_running_loop()
    if host.startswith("/"):
        return await _by_unix(loop, host)
    addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return await start_connection(addresses, happy_eyeballs_delay=NEXT_ADDRESS_SECONDS)


async def _by_unix(loop: asyncio.AbstractEventLoop, path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, path)
    except BaseException:
        sock.close()
        raise
    return sock
