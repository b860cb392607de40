"""The one port: whose connection it is, and that each is counted until it ends."""

from __future__ import annotations

import errno
import socket
import time

import pytest

from hubbub.server.http import lazily
from hubbub.server.localtime import LocalTime
from tests.server.serving import Chatter, serving


async def test_every_protocol_is_served_on_the_one_port() -> None:
    async with serving(http=True) as server:
        ada = await server.enter("ada")
        async with server.web() as web:
            await Chatter(web).enter("ben")
            browser = await server.line(b"GET /api/rooms HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head = await browser.until_bytes(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            assert len(server.context.admission) == 3
            ada.say("hello, all of you")
            await ada.until("ada: hello, all of you")
        browser.close()
        await server.connections(1)


async def test_a_websocket_is_reached_over_a_connection_that_spoke_http_before() -> None:
    async with serving(http=True) as server:
        client = await server.line(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await client.until_bytes(b"ok")
        client.send(
            b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Version: 13\r\n\r\n"
        )
        assert b"HTTP/1.1 101 " in await client.until_bytes(b"\r\n\r\n")
        client.send(b"\x81\x8f\0\0\0\0" + b'{"type":"ping"}')
        assert await client.until_bytes(b"}") == b'\x81\x0f{"type":"pong"}'
        client.abort()
        await server.connections(0)
        assert not server.hub.sessions


async def test_a_server_whose_http_side_cannot_be_read_yet_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Clients may take all files there are before the server has imported everything."""

    def import_module(name: str) -> None:
        raise OSError(errno.EMFILE, "Too many open files", name)

    monkeypatch.setattr(lazily, "import_module", import_module)
    async with serving(http=True) as server:
        assert isinstance(server.context.http, lazily.Http)
        await server.context.http.warm()
        await server.enter("ada")
        browser = await server.line(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await browser.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")


async def test_a_peer_that_vanishes_is_found_out() -> None:
    async with serving() as server:
        await server.enter("ada")
        (session,) = server.hub.sessions
        transport = session.outlet._transport  # type: ignore[attr-defined]
        pipe = transport.get_extra_info("socket")
        assert pipe.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert pipe.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_times_are_those_of_this_machines_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    local_time = LocalTime()
    try:
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        assert local_time(1_690_729_205_999) == "2023-07-31 00:00:05"
        assert local_time(1_690_729_206_000) == "2023-07-31 00:00:06"
        assert local_time(1_690_729_206_999) == "2023-07-31 00:00:06"
        assert local_time(-1) == "1970-01-01 08:59:59"
    finally:
        monkeypatch.undo()
        time.tzset()
