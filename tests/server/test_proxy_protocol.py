"""The PROXY protocol: a header from a trusted address, then TLS or any protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubbub.hub.settings import HubSettings
from hubbub.server.options import Options
from hubbub.server.tls.files import FileCertificates
from tests.certificates import make_certificate
from tests.server.irc_client import IrcClient
from tests.server.serving import UPGRADE, Server, eventually, serving
from tests.server.test_trusted_proxies import connections
from tests.wire.test_proxy import BY_TLS, binary, tlv, told

ADA, BEN = ("198.51.100.1", 1001), ("198.51.100.2", 1002)
HERE = ("203.0.113.1", 443)
ENTER = b"ada\nGeneral\n"
TRUSTING = Options(
    port=0,
    trusted_proxies=("127.0.0.1",),
    sessions_per_address=1,
    allowed_hosts=("chat.example",),
)
UNHURRIED = HubSettings(rate_limit=0, sessions_per_address=1)
LINE = b"PROXY TCP4 198.51.100.1 203.0.113.1 1001 443\r\n"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(TRUSTING, UNHURRIED, http=True) as server:
        yield server


@pytest.mark.parametrize("header", [LINE, told(ADA, HERE), told(ADA, HERE, tlv(0x04, b"x"))])
async def test_who_comes_by_a_proxy_is_counted_where_the_header_says(
    server: Server, header: bytes
) -> None:
    ada = await server.line(header + ENTER)
    await ada.until("ada has joined the chat!")
    assert connections(server) == {ADA[0]: 1}
    refused = await (await server.line(header + b"eve\n")).rest()
    assert b"There are 1 connections from your address already" in refused
    ben = await server.line(told(BEN, HERE) + b"ben\nGeneral\n")
    await ben.until("ben has joined the chat!")
    ada.say("hello")
    await ben.until("ada: hello")
    for client in (ada, ben):
        client.abort()
    await server.connections(0)
    assert not connections(server)
    assert not server.context.admission._told
    assert not server.context.admission._nobody.connections


async def test_who_speaks_irc_by_a_proxy_is_told_the_own_address_alone(server: Server) -> None:
    ada = await IrcClient.connect(server)
    ada.sends(LINE + b"NICK ada\r\nUSER ada 0 * :Ada\r\n")
    await ada.until(" 422 ")
    assert f" 338 ada ada ~ada@{ADA[0]} {ADA[0]} :" in "\n".join(await ada.asks("WHOIS ada"))
    ben = await IrcClient.connect(server)
    ben.sends(told(BEN, HERE) + b"NICK ben\r\nUSER ben 0 * :Ben\r\n")
    await ben.until(" 422 ")
    assert " 338 " not in "\n".join(await ben.asks("WHOIS ada"))
    assert not any(ADA[0] in line for line in ben.read)


async def test_a_header_after_the_first_line_tells_no_address(server: Server) -> None:
    ada = await IrcClient.connect(server)
    ada.says("NICK ada", LINE.decode().strip(), "USER ada 0 * :Ada")
    await ada.until(" 422 ")
    assert " 338 ada ada ~ada@127.0.0.1 127.0.0.1 :" in "\n".join(await ada.asks("WHOIS ada"))


async def test_a_header_may_come_byte_by_byte(server: Server) -> None:
    for header in (LINE, told(ADA, HERE, BY_TLS)):
        ada = await server.line()
        for byte in header + ENTER:
            ada.send(bytes([byte]))
        await ada.until("ada has joined the chat!")
        assert connections(server) == {ADA[0]: 1}
        ada.abort()
        await server.connections(0)


async def test_http_and_websockets_come_behind_it(server: Server) -> None:
    header = told(ADA, HERE)
    get = b"GET /metrics HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n"
    assert b"not-local" in await (await server.line(header + get)).rest()
    page = await (await server.line(header + get.replace(b"metrics", b"join"))).rest()
    assert b"<code>nc chat.example 443<" not in page  # the name says 80, and that is not there
    socket = await server.line(header + UPGRADE)
    assert (await socket.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    assert [session.client.key for session in server.hub.sessions] == [ADA[0]]


async def test_the_port_that_was_connected_to_is_the_one_that_is_shown(server: Server) -> None:
    get = b"GET /join HTTP/1.1\r\nHost: chat.example:9000\r\nConnection: close\r\n\r\n"
    page = await (await server.line(told(ADA, ("203.0.113.1", 9000)) + get)).rest()
    assert b"<code>nc chat.example 9000<" in page


async def test_that_the_client_came_by_tls_is_told(server: Server) -> None:
    header = told(ADA, HERE, BY_TLS)
    get = b"GET /join HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n"
    page = await (await server.line(header + get)).rest()
    assert b"hubbub chat https://chat.example<" in page
    for scheme, status in ((b"https", b"101"), (b"http", b"403")):
        origin = b"Host: chat.example\r\nOrigin: " + scheme + b"://chat.example\r\n"
        socket = await server.line(header + UPGRADE.replace(b"Host: 127.0.0.1\r\n", origin))
        assert (await socket.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 " + status)
        socket.abort()
        await server.connections(0)


@pytest.mark.parametrize("tls", ["on", "required"])
async def test_tls_comes_behind_it(tmp_path: Path, tls: str) -> None:
    files = make_certificate(tmp_path)
    certificates = FileCertificates(files.certificate, files.key, lambda: datetime.now(UTC))
    options = replace(TRUSTING, tls=tls)
    async with serving(options, UNHURRIED, certificates=certificates) as server:
        ada = await server.line(told(ADA, HERE))
        await ada.writer.start_tls(files.client(), server_hostname="localhost")
        ada.send(ENTER)
        await ada.until("ada has joined the chat!")
        assert connections(server) == {ADA[0]: 1}
        eve = await server.line(told(BEN, HERE) + b"eve\nGeneral\n")
        if tls == "on":
            await eve.until("eve has joined the chat!")
        else:
            assert (await eve.rest()).startswith(b"This server speaks with other computers by TLS")
            ben = await server.line(told(BEN, HERE, BY_TLS) + b"ben\nGeneral\n")
            await ben.until("ben has joined the chat!")
            on_the_computer = await server.line(b"x\nGeneral\n")
            await on_the_computer.until("x has joined the chat!")


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", binary(0, b"", 0x20), binary(0, b"")])
async def test_a_proxy_that_connects_for_itself_is_itself(
    server: Server, header: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):  # health checks
        check = await server.line(header)
        check.close()
    (await server.line(header)).abort()
    await server.connections(0)
    ada = await server.line(header + ENTER)
    await ada.until("ada has joined the chat!")
    assert connections(server) == {"loopback": 1}
    assert not caplog.records


async def test_a_proxy_that_says_who_it_asks_for_twice_is_believed_twice() -> None:
    options = Options(port=0, trusted_proxies=("127.0.0.1", "10.0.0.0/8"))
    async with serving(options, http=True) as server:
        header = told(("10.0.0.1", 1), HERE)
        by = f"X-Forwarded-For: {BEN[0]}\r\n\r\n".encode()
        socket = await server.line(header + UPGRADE[:-2] + by)
        assert (await socket.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        assert connections(server) == {BEN[0]: 1}
        untrusted = await server.line(told(ADA, HERE) + UPGRADE[:-2] + by)
        assert (await untrusted.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        assert connections(server) == {BEN[0]: 1, ADA[0]: 1}


async def test_others_are_not_believed() -> None:
    for trusted in ((), ("127.0.0.2", "unix")):
        async with serving(Options(port=0, trusted_proxies=trusted)) as server:
            for header in (LINE, told(ADA, HERE)):
                refused = await (await server.line(header + ENTER)).rest()
                assert refused.startswith(b"This server does not read the PROXY protocol")


async def test_one_header_is_enough(server: Server) -> None:
    refused = await (await server.line(LINE + LINE + ENTER)).rest()
    assert b"ada has joined" not in refused


async def test_a_header_that_is_none_ends_the_connection_and_is_logged_once(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        wrong = await server.line(LINE.replace(b" 443", b" 99999"))
        assert await wrong.rest() == b""
    assert ["an address in it is none" in message for message in caplog.messages] == [True]
    await server.connections(0)


async def test_who_is_refused_is_told_so_behind_the_header(server: Server) -> None:
    ada = await server.line(told(ADA, HERE) + ENTER)
    await ada.until("ada has joined the chat!")
    get = b"GET /healthz HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n"
    silent = await (await server.line(told(ADA, HERE))).rest()
    assert b"There are 1 connections from your address already" in silent
    asked = await (await server.line(told(ADA, HERE) + get)).rest()
    assert asked.startswith(b"HTTP/1.1 429 ")
    await eventually(lambda: not server.context.refusals.count)


async def test_who_connects_too_fast_waits_behind_the_header() -> None:
    settings = HubSettings(rate_limit=0, connect_rate_limit=5.0, connect_rate_burst=1)
    options = Options(port=0, trusted_proxies=("127.0.0.1",))
    async with serving(options, settings) as server:
        for name in ("ada", "ben"):
            client = await server.line(told(ADA, HERE) + f"{name}\nGeneral\n".encode())
            await client.until(f"{name} has joined the chat!")
        other = await server.line(told(BEN, HERE) + b"eve\nGeneral\n")
        await other.until("eve has joined the chat!")


async def test_a_silent_client_is_greeted_behind_the_header(server: Server) -> None:
    ada = await server.line(LINE)
    assert await ada.line() == "Welcome to Hubbub! What is your name?"


async def test_it_is_read_at_the_unix_socket_too(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.sock"
    options = Options(port=0, socket=str(path), trusted_proxies=("unix",))
    async with serving(options) as server:
        ada = await server.by_socket(path, told(ADA, HERE) + ENTER)
        await ada.until("ada has joined the chat!")
        assert connections(server) == {ADA[0]: 1}
