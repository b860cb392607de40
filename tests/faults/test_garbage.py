"""Garbage on every protocol: an answer or a close, and nobody else notices."""

from __future__ import annotations

import asyncio
import random
import ssl
from pathlib import Path

from tests.faults.people import read_log
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.server.tls_streams import open_encrypted

# Far beyond what a handshake takes a busy machine: nothing here is to wait for it, as all ends.
PATIENT = ("--first-bytes-seconds", str(PATIENCE_SECONDS / 2))
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
BEGINNINGS = (
    b"",
    b"eve\nGeneral\n",
    b"GET / HTTP/1.1\r\n",
    b"POST /api/rooms HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n",
    UPGRADE,
    b"NICK eve\r\n",
    b"\x16\x03\x01\x02\x00\x01",
    b"SSH-2.0-eve\r\n",
    b"\xff\xfb\x01\xff\xfa",
)


async def test_garbage_gets_an_answer_or_a_close_and_harms_nobody(
    tmp_path: Path, either: tuple[str, ...]
) -> None:
    dice = random.Random(8080)
    with ServerProcess(tmp_path / "data", *PATIENT, *either) as server:
        ada_in, ada_out = await asyncio.open_connection(*server.address)
        ada_out.write(b"ada\nGeneral\n")
        for _ in range(6):
            await asyncio.gather(
                *(
                    _throw(server, begin + dice.randbytes(dice.randint(1, 3000)), inside)
                    for begin in BEGINNINGS
                    for inside in ([None, ssl.create_default_context()] if either else [None])
                )
            )
        ada_out.write(b"still here\nexit\n")
        heard = await asyncio.wait_for(ada_in.read(), PATIENCE_SECONDS)
        ada_out.close()
        assert b"ada: still here\n" in heard
        log = await read_log(server.url)
        assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
        assert server.stop() == 0
        assert not [line for line in server.output if "Traceback" in line], server.output


async def _throw(server: ServerProcess, garbage: bytes, inside: ssl.SSLContext | None) -> None:
    """Sends it, inside of TLS if that is to be."""
    if inside is None:
        reader, writer = await asyncio.open_connection(*server.address)
    else:
        reader, writer = await open_encrypted(*server.address, inside)
    try:
        writer.write(garbage)
        writer.write_eof()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await reader.read(65536):
                pass
    except ConnectionError:
        pass
    finally:
        writer.close()
