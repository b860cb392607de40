"""Trusted proxies: everything counts for those who come by them, and for nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from hubbub.hub.settings import HubSettings
from hubbub.server.admission import PAGES_SHARE
from hubbub.server.options import Options
from hubbub.server.tls.files import FileCertificates
from tests.certificates import make_certificate
from tests.server.serving import UPGRADE, Chatter, LineClient, Server, eventually, serving

ADA, BEN, EVE = "198.51.100.1", "198.51.100.2", "2001:db8:1::3"
EVE_KEY, EVE_SITE = "2001:db8:1::/64", "2001:db8:1::/48"
TRUSTING = Options(
    port=0,
    trusted_proxies=("127.0.0.1",),
    sessions_per_address=1,
    allowed_hosts=("chat.example",),
)
UNHURRIED = HubSettings(rate_limit=0, sessions_per_address=1)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(TRUSTING, UNHURRIED, http=True) as server:
        yield server


def get(path: str = "/healthz", *, by: str = "", **headers: str) -> bytes:
    """A request, as a proxy passes it on that somebody at ``by`` has asked."""
    headers = {"Host": "127.0.0.1", **headers, **({"X-Forwarded-For": by} if by else {})}
    fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\n{fields}\r\n".encode()


async def ask(upstream: LineClient, sent: bytes) -> bytes:
    """The head of the answer, and its body."""
    upstream.send(sent)
    head = await upstream.until_bytes(b"\r\n\r\n")
    (length,) = (
        int(line.partition(b":")[2])
        for line in head.lower().splitlines()
        if line.startswith(b"content-length:")
    )
    return head + await upstream.reader.readexactly(length)


def connections(server: Server) -> dict[str, int]:
    """The number of connections of each client that has some."""
    return {one.key: one.connections for one in server.hub.clients if one.connections}


def web(server: Server, by: str) -> Any:
    return server.web(additional_headers={"X-Forwarded-For": by})


async def chat(socket: ClientConnection, name: str) -> Chatter:
    chatter = Chatter(socket)
    await chatter.enter(name)
    return chatter


async def test_one_connection_of_a_proxy_is_of_whom_it_asks_for_at_the_time(server: Server) -> None:
    upstream = await server.line()
    await server.connections(1)
    assert not connections(server), "nobody knows yet whose it is"
    seen: list[dict[str, int]] = []
    room_list = server.hub.room_list

    def watched(*args: Any, **options: Any) -> Any:
        seen.append(connections(server))
        return room_list(*args, **options)

    server.hub.room_list = watched  # type: ignore[method-assign]
    for by in (ADA, BEN, ADA, EVE):
        answer = await ask(upstream, get("/api/rooms", by=by))
        assert answer.startswith(b"HTTP/1.1 200 ")
        await eventually(lambda: not connections(server))
    assert seen == [{ADA: 1}, {BEN: 1}, {ADA: 1}, {EVE_KEY: 1, EVE_SITE: 1}]
    admission = server.context.admission
    assert not admission._pages[server.hub.clients.at(ADA)]
    upstream.abort()
    await server.connections(0)
    assert not admission._pages
    assert not admission._strangers
    assert not admission._http
    assert all(not one.connections for one in server.hub.clients)
    assert not admission._nobody.connections


async def test_two_people_behind_a_proxy_have_limits_of_their_own(server: Server) -> None:
    async with web(server, ADA) as first, web(server, BEN) as second:
        ada, ben = await chat(first, "ada"), await chat(second, "ben")
        assert connections(server) == {ADA: 1, BEN: 1}
        with pytest.raises(InvalidStatus) as refused:
            await web(server, ADA)
        assert refused.value.response.status_code == 429
        assert b"There are 1 connections from your address" in refused.value.response.body
        await ada.send({"type": "say", "room": "General", "text": "hi", "nonce": "n"})
        await ada.hear("ack")
        await ben.ask("pong", type="ping")
        assert ben.events[-1]["text"] == "hi"
    await server.connections(0)
    assert not connections(server)


async def test_pages_have_limits_by_person_too(server: Server) -> None:
    head = get("/api/commands", by=ADA, Authorization="Bearer a", Content_Length="9")
    head = head[:-2] + b"Content-Type: application/json\r\n\r\n"
    for _ in range(PAGES_SHARE):
        await server.line(head.replace(b"GET", b"POST"))
    await eventually(lambda: connections(server) == {ADA: PAGES_SHARE})
    upstream = await server.line()
    refused = await ask(upstream, get(by=ADA))
    assert refused.startswith(b"HTTP/1.1 429 ")
    assert b"retry-after: 10" in refused.lower()
    assert (await ask(upstream, get(by=BEN))).endswith(b'{"status":"ok"}'), "by the same connection"


async def test_who_opens_websockets_too_fast_is_told_so_and_nobody_else() -> None:
    settings = HubSettings(connect_rate_limit=0.01, connect_rate_burst=2)
    async with serving(TRUSTING, settings, http=True) as server:
        for by, expected in ((ADA, 101), (ADA, 101), (ADA, 429), (BEN, 101)):
            client = await server.line(UPGRADE[:-2] + f"X-Forwarded-For: {by}\r\n\r\n".encode())
            head = await client.until_bytes(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 %d " % expected)
            client.abort()
            await server.connections(0)


@pytest.mark.parametrize(
    "forged",
    [
        {"X-Forwarded-For": f"127.0.0.1, 192.0.2.1, {ADA}"},
        {"Forwarded": f'for=127.0.0.1, for="{ADA}"'},
    ],
)
async def test_what_a_client_wrote_itself_is_not_believed(
    server: Server, forged: dict[str, str]
) -> None:
    async with server.web(additional_headers=forged) as socket:
        await chat(socket, "ada")
        assert connections(server) == {ADA: 1}
        assert server.hub.clients.at(ADA).connections == 1


async def test_from_others_nothing_of_it_is_believed() -> None:
    options = Options(port=0, trusted_proxies=("127.0.0.2",), sessions_per_address=9)
    async with serving(options, UNHURRIED, http=True) as server:
        async with web(server, ADA) as socket:
            await chat(socket, "ada")
            assert connections(server) == {"loopback": 1}
        answer = await ask(await server.line(), get("/join", by=ADA, X_Forwarded_Proto="https"))
        assert b"https://127.0.0.1" not in answer
        trusted = await server.line(
            get("/join", by=ADA, X_Forwarded_Proto="https"), address="127.0.0.2"
        )
        assert b"https://127.0.0.1" in await trusted.until_bytes(b"</html>")


async def test_headers_that_contradict_each_other_are_refused(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    upstream = await server.line()
    for _ in range(3):
        answer = await ask(upstream, get(by=ADA, Forwarded="for=192.0.2.1"))
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"contradicting-proxy" in answer
    assert len([one for one in caplog.messages if "Forwarded" in one]) == 1
    client = await server.line(
        UPGRADE[:-2] + f"X-Forwarded-For: {ADA}\r\nForwarded: for=192.0.2.1\r\n\r\n".encode()
    )
    assert (await client.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
    assert (await ask(upstream, get(by=ADA))).startswith(b"HTTP/1.1 200 ")


async def test_a_proxy_that_asks_for_itself_is_a_client_like_any_other(server: Server) -> None:
    """A health check, a program on the proxy's computer, and netcat there."""
    upstream = await server.line()
    assert (await ask(upstream, get())).endswith(b'{"status":"ok"}')
    assert b"hubbub_sessions" in await ask(upstream, get("/metrics"))
    assert b"not-local" in await ask(upstream, get("/metrics", by=ADA))
    assert b"not-local" in await ask(upstream, get("/metrics", by="127.0.0.1")), "one cannot know"
    upstream.abort()
    people = [await server.enter(name) for name in ("ada", "ben")]
    assert connections(server) == {"loopback": 2}
    third = await (await server.line(b"eve\nGeneral\n")).rest()
    assert b"There are 2 connections from your address already" in third
    people[0].abort()


async def test_idle_connections_of_a_proxy_keep_nobody_out(server: Server) -> None:
    upstreams = [await server.line() for _ in range(20)]
    for upstream in upstreams:
        await ask(upstream, get(by=ADA))
    await eventually(lambda: not connections(server))
    async with web(server, ADA) as socket:
        await chat(socket, "ada")
    assert (await ask(upstreams[0], get(by=ADA))).startswith(b"HTTP/1.1 200 ")


async def test_a_connection_that_carried_pages_may_become_ones_chat(server: Server) -> None:
    upstream = await server.line()
    await ask(upstream, get(by=BEN))
    upstream.send(UPGRADE[:-2] + f"X-Forwarded-For: {ADA}\r\n\r\n".encode())
    assert (await upstream.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    assert connections(server) == {ADA: 1}
    (session,) = server.hub.sessions
    assert session.client.key == ADA
    upstream.abort()
    await server.connections(0)
    assert not connections(server)


async def test_requests_behind_each_other_are_each_ones_own(server: Server) -> None:
    """Proxies do not pipeline, but nothing may go wrong if one did."""
    upstream = await server.line(get(by=ADA) + get("/metrics", by=BEN) + get())
    answers = b""
    while answers.count(b'{"status":"ok"}') < 2:
        answers += await upstream.until_bytes(b"}")
    assert answers.count(b"not-local") == 1
    await eventually(lambda: not connections(server))


async def test_who_floods_by_a_proxy_pays_for_it_alone(server: Server) -> None:
    turns, clients = server.hub.turns, server.hub.clients
    turns.stopwatch = lambda: 0.0
    ada = clients.at(ADA)
    ada.opened()  # else she may be forgotten meanwhile
    ada.charge(10.0, 0.0)
    upstream = await server.line()
    await ask(upstream, get(by=BEN))
    assert turns.queued_ever == 0
    await ask(upstream, get(by=ADA))
    assert turns.queued_ever == 1
    await ask(upstream, get(by=BEN))
    assert turns.queued_ever == 1
    ada.closed()


@pytest.mark.parametrize(
    "origin, proto, host, status",
    [
        ("https://chat.example", "https", "chat.example", 101),
        ("http://chat.example", "http", "chat.example", 101),
        ("http://chat.example", "https", "chat.example", 403),
        ("https://chat.example", "http", "chat.example", 403),
        ("https://chat.example:8443", "https", "chat.example:8443", 101),
        ("https://chat.example:8443", "https", "chat.example:443", 403),
        ("https://evil.example", "https", "chat.example", 403),
    ],
)
async def test_the_origin_is_compared_with_scheme_and_name_that_the_browser_used(
    server: Server, origin: str, proto: str, host: str, status: int
) -> None:
    for name in ("Host", "X-Forwarded-Host"):
        inner = "" if name == "Host" else "Host: 127.0.0.1:8080\r\n"
        sent = UPGRADE.replace(b"Host: 127.0.0.1\r\n", b"")[:-2].decode() + (
            f"{inner}{name}: {host}\r\nOrigin: {origin}\r\nX-Forwarded-Proto: {proto}\r\n"
            f"X-Forwarded-For: {BEN if name == 'Host' else EVE}\r\n\r\n"
        )
        client = await server.line(sent.encode())
        assert (await client.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 %d " % status)


async def test_a_rebound_name_is_not_hidden_by_a_header_of_the_page(server: Server) -> None:
    upstream = await server.line()
    answer = await ask(upstream, get(by=ADA, Host="evil.example", X_Forwarded_Host="chat.example"))
    assert answer.startswith(b"HTTP/1.1 421 ")
    answer = await ask(upstream, get(by=ADA, X_Forwarded_Host="evil.example"))
    assert answer.startswith(b"HTTP/1.1 421 ")


async def test_a_head_that_comes_in_pieces_is_of_whom_it_says(server: Server) -> None:
    upstream = await server.line()
    for byte in get("/metrics", by=ADA):
        upstream.send(bytes([byte]))
        await asyncio.sleep(0)
    assert (await upstream.until_bytes(b"}")).startswith(b"HTTP/1.1 403 ")


async def test_the_id_that_a_trusted_proxy_gives_a_request_is_kept(server: Server) -> None:
    upstream = await server.line()
    answer = await ask(upstream, get(by=ADA, X_Request_Id="7f3a-ada"))
    assert b"x-request-id: 7f3a-ada\r\n" in answer.lower()


async def test_a_head_with_too_many_headers_is_refused_as_ever(server: Server) -> None:
    upstream = await server.line(get(by=ADA)[:-2] + b"a:\r\n" * 2000 + b"\r\n")
    assert (await upstream.rest()).startswith(b"HTTP/1.1 431 ")


async def test_where_tls_is_required_a_proxy_may_have_taken_it_off(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    certificates = FileCertificates(files.certificate, files.key, lambda: datetime.now(UTC))
    options = replace(TRUSTING, tls="required")
    async with serving(options, UNHURRIED, http=True, certificates=certificates) as server:
        for proto, page, chat in (("https", b"200", b"101"), ("http", b"308", b"403")):
            upstream = await server.line()
            head = await ask(upstream, get("/join", by=ADA, X_Forwarded_Proto=proto))
            assert head.startswith(b"HTTP/1.1 " + page)
            by = f"X-Forwarded-For: {BEN}\r\nX-Forwarded-Proto: {proto}\r\n\r\n".encode()
            socket = await server.line(UPGRADE[:-2] + by)
            assert (await socket.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 " + chat)
            socket.abort()
            await eventually(lambda: not connections(server))
