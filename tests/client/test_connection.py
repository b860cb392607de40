"""What a person reads when there is no server, or something else in its place."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from hubbub.client import Address, ConnectionLost, Unreachable, connect, opening
from hubbub.client.connection import Connection
from hubbub.client.greeting import HELLO_SECONDS
from hubbub.domain.commands import Ping
from hubbub.domain.replies import Pong
from tests.certificates import make_certificate
from tests.client.scripted import ScriptedServer
from tests.patience import PATIENCE_SECONDS


@asynccontextmanager
async def something_that_answers(with_: bytes) -> AsyncIterator[Address]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(with_)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield Address(port=server.sockets[0].getsockname()[1])


@pytest.mark.parametrize(
    "answer, why",
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n", r"does not let us in \(HTTP 404\)"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", r"\(HTTP 403\). Is it a Hubbub"),
        (
            b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 62\r\n\r\n"
            b'{"error":{"code":"too-many-sessions","message":"Full.\\u001b"}}',
            r"does not let us in \(HTTP 429\): Full\. $",
        ),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "answers, but not as a Hubbub server"),
        (b"", "has ended the connection without an answer"),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", r"no server for us just now \(HTTP 503\)"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", r"no server for us just now \(HTTP 502\)"),
    ],
)
async def test_something_else_answers(answer: bytes, why: str) -> None:
    async with something_that_answers(answer) as address:
        with pytest.raises(Unreachable, match=why):
            await Connection.open(address)


async def test_a_server_without_tls_is_told_from_one_with_it() -> None:
    async with something_that_answers(b"HTTP/1.1 400 Bad Request\r\n\r\n") as plain:
        with pytest.raises(Unreachable, match="does not speak TLS"):
            await Connection.open(Address(port=plain.port, secure=True))


@pytest.mark.parametrize(
    "location", [b"http://[", b"https://elsewhere.example/ws", b"/other", b"\xff", b""]
)
@pytest.mark.parametrize("status", [b"301 Moved Permanently", b"302 Found", b"308 x"])
async def test_a_redirect_is_told_and_not_followed(status: bytes, location: bytes) -> None:
    answer = b"HTTP/1.1 " + status + b"\r\nLocation: " + location + b"\r\n\r\n"
    async with something_that_answers(answer) as address:
        with pytest.raises(
            Unreachable, match=r"sends us on to|does not let us in \(HTTP 30"
        ) as told:
            await Connection.open(address)
    assert location.decode("latin-1") in str(told.value)


PROXIES = {
    "socks5://127.0.0.1:1080": "it is one for SOCKS",
    "127.0.0.1:3128": "its form is http://HOST:PORT",
    "proxy.example:3128": "its form is http://HOST:PORT",
    "gopher://proxy.example": "its form is http://HOST:PORT",
    "http://": "its form is http://HOST:PORT",
    "http://[": "Invalid IPv6 URL",
    "http://proxy.example:99999": "Port out of range",
    "http://ada@proxy.example": "username provided without password",
}


@pytest.mark.parametrize("setting", PROXIES)
async def test_a_proxy_that_cannot_be_used_is_told(
    setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", setting)
    with pytest.raises(Unreachable, match=r"through the proxy .* \(HTTPS_PROXY\)") as told:
        await Connection.open(Address(host="chat.example", secure=True))
    assert PROXIES[setting] in str(told.value)


async def test_the_password_of_a_proxy_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ada:secret@proxy.example:3128")
    with pytest.raises(Unreachable) as told:
        await Connection.open(Address(host="chat.example", secure=True))
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "answer, why",
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "proxy rejected connection: HTTP 403"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "did not receive a valid HTTP response from proxy"),
        (b"", "did not receive a valid HTTP response from proxy"),
    ],
)
async def test_a_proxy_that_does_not_connect_is_told(
    answer: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with something_that_answers(answer) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
        with pytest.raises(Unreachable, match=why):
            await Connection.open(Address(host="chat.example", secure=True))


async def test_a_proxy_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with pytest.raises(Unreachable, match=r"through the proxy .*Connect call failed"):
            await Connection.open(Address(host="chat.example", secure=True))


async def test_the_next_room_is_not_asked_for_through_a_proxy(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "socks5://127.0.0.1:1")
    await (await Connection.open(Address.parse(server.address))).close()


UNTRUSTED = ssl.SSLCertVerificationError(1, "bad")
UNTRUSTED.verify_message = "self-signed certificate"


@pytest.mark.parametrize(
    "error, why",
    [
        (socket.gaierror(-2, "Name or service not known"), 'no computer called "127.0.0.1"'),
        (TimeoutError(), f"did not answer within {PATIENCE_SECONDS:.0f} seconds"),
        (OSError(113, "No route to host"), "cannot be reached: No route to host"),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 8080), …"),
            "nobody listens there",
        ),
        (UNTRUSTED, "is not to be trusted: self-signed certificate"),
        (UnicodeError("label too long"), "cannot be connected to: label too long"),
        (AssertionError(), r"cannot be connected to: AssertionError \(in test_connection.py"),
        (RecursionError("too deep"), "cannot be connected to: RecursionError: too deep"),
        (ExceptionGroup("", [KeyError("a")]), "cannot be connected to: KeyError: 'a'"),
    ],
)
async def test_what_the_network_says_is_said_in_words(
    error: Exception, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(opening, "dial", fail)
    with pytest.raises(Unreachable, match=why):
        await Connection.open(Address())


async def test_a_connection_that_is_lost_says_so_at_every_verb(server: ScriptedServer) -> None:
    open_connection = await Connection.open(Address.parse(server.address))
    await server.until(lambda: len(server.model.peers) == 1)
    await server.stop()
    for verb in (open_connection.receive, lambda: open_connection.send(Ping())):
        with pytest.raises(ConnectionLost):
            await verb()
    await open_connection.lost()
    await open_connection.close()


async def test_a_server_that_does_not_answer_a_hello_is_unreachable(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert HELLO_SECONDS > 1
    monkeypatch.setattr("hubbub.client.greeting.HELLO_SECONDS", 0.0)
    server.deaf = True
    with pytest.raises(Unreachable, match="did not answer"):
        async with connect(server.address, user="ada"):
            raise AssertionError("never")


async def test_a_message_of_empty_fragments_without_an_end_takes_no_memory() -> None:
    """As a hostile server sends it, before it says who it is; a frame of each takes two bytes."""
    fragments = 50_000

    async def talk(socket: ServerConnection) -> None:
        await begin.wait()
        socket.transport.write(b"\x01\x00" + b"\x00\x00" * fragments)  # RFC 6455, 5.4
        pong = await socket.ping()
        await pong
        sent.set()
        await socket.wait_closed()

    begin, sent = asyncio.Event(), asyncio.Event()
    async with serve(talk, "127.0.0.1", 0, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        found = await Connection.open(Address(port=port))
        receiving = asyncio.ensure_future(found.receive())
        tracemalloc.start()
        begin.set()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await sent.wait()
            now, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert now < 10 * fragments
        receiving.cancel()
        found.abandon()


async def test_a_message_in_fragments_is_one() -> None:
    async def talk(socket: ServerConnection) -> None:
        await socket.send(["{", '"type":', ' "pong"}'])

    async with serve(talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        found = await Connection.open(Address(port=port))
        assert await found.receive() == Pong()
        await found.close()


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
async def test_many_commands_into_a_connection_that_is_lost_print_nothing(
    tmp_path: Path,
    encrypted: bool,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there: asyncio.Future[ServerConnection] = asyncio.get_running_loop().create_future()

    async def take(connection: ServerConnection) -> None:
        there.set_result(connection)
        await connection.wait_closed()

    tls = None
    if encrypted:
        files = make_certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(files.certificate))
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(files.certificate, files.key)
    async with serve(take, "127.0.0.1", 0, ssl=tls) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        connection = await Connection.open(Address(port=port, secure=encrypted))
        (await there).transport.abort()
        sent = 0
        with contextlib.suppress(ConnectionLost):
            while sent < 20:
                await connection.send(Ping())
                sent += 1
        await connection.close()
    assert sent < 20
    assert "raised exception" not in caplog.text
