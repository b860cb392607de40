"""HTTP/1.1 on real sockets: what is a request, how long it may take, how it ends."""

from __future__ import annotations

import asyncio
import socket
from time import process_time
from typing import Any, cast

import h11
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from hubbub.server.http.protocol import Limits
from hubbub.server.http.strict import MAX_FIELDS, StrictConnection
from tests.server.http_support import nowhere, on_each_loop, serving

GET = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Echo:
    """An application that answers with the path, and remembers who asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.clients: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        self.asked.append(request.url.path)
        self.clients.append(scope["client"])
        await self.answer(request)(scope, receive, send)

    def answer(self, request: Request) -> Response:
        return PlainTextResponse(request.url.path)


class Held(Echo):
    """One that answers the first request when it is let, and the others at once."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.let = asyncio.Event()
        self.done = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.begun.is_set():
            await super().__call__(scope, receive, send)
            return
        self.begun.set()
        await self.let.wait()
        await super().__call__(scope, receive, send)
        self.done.set()  # and not when the server refused to send the answer


class Socket(asyncio.Protocol):
    """Stands for the WebSocket: takes bytes."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.came = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.data += data
        if self.data.endswith(b"!"):
            self.came.set()


# Requests one after the other


@on_each_loop
async def test_a_connection_takes_one_request_after_the_other() -> None:
    async with serving(Echo()) as server:
        client = await server.connect()
        for path in ("/ada", "/ben", "/eve"):
            assert (await client.get(path)).body == path.encode()


@on_each_loop
async def test_requests_that_come_at_once_are_answered_in_their_order() -> None:
    async with serving(Echo()) as server:
        client = await server.connect()
        client.send(b"".join(GET.replace(b"hello", name) for name in (b"ada", b"ben", b"eve")))
        assert [(await client.answer()).body for _ in range(3)] == [b"/ada", b"/ben", b"/eve"]


@on_each_loop
async def test_a_request_may_come_byte_by_byte() -> None:
    async with serving(Echo()) as server:
        client = await server.connect()
        for place in range(len(GET)):
            client.send(GET[place : place + 1])
            await client.writer.drain()
            await asyncio.sleep(0)
        assert (await client.answer()).body == b"/hello"


@on_each_loop
async def test_a_client_that_asks_for_it_is_the_last_to_be_answered() -> None:
    async with serving(Echo()) as server:
        client = await server.connect()
        assert (await client.get("/", Connection="close")).status == 200
        assert await client.closed()


@on_each_loop
async def test_a_client_that_ended_its_side_gets_its_answer() -> None:
    app = Held()
    async with serving(app) as server:
        client = await server.connect()
        client.send(GET)
        client.writer.write_eof()
        await app.begun.wait()
        assert (await server.get("/later")).status == 200  # and so the end has come
        app.let.set()
        assert (await client.answer()).body == b"/hello"
        assert await client.closed()


@on_each_loop
async def test_a_client_that_ends_without_a_request_is_let_go() -> None:
    async with serving(Echo()) as server:
        client = await server.connect()
        client.writer.write_eof()
        assert await client.closed()


@on_each_loop
async def test_a_client_that_ends_within_a_request_is_told_so() -> None:
    async with serving(Echo()) as server:
        for begun in (b"GET /hel", GET[:-2]):
            client = await server.connect()
            client.send(begun)
            client.writer.write_eof()
            answer = await client.answer()
            assert (answer.status, answer.error) == (400, "bad-request")
            assert await client.closed()


@on_each_loop
async def test_a_small_body_is_read_and_forgotten() -> None:
    async with serving(Echo()) as server:
        client = await server.connect()
        client.send(b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
        client.send(b"POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send(b"5\r\nhello\r\n0\r\n\r\n")
        client.send(GET)
        assert [(await client.answer()).body for _ in range(3)] == [b"/a", b"/b", b"/hello"]


# What is no request

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"

SHAPES = {
    "both lengths": b"Content-Length: 36\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "both lengths, the other way round": b"Transfer-Encoding: chunked\r\ncontent-length: 5\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 36\r\n\r\n",
    "the same length twice": b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "two lengths in one": b"Content-Length: 0, 36\r\n\r\n",
    "the same length twice in one": b"Content-Length: 0, 0\r\n\r\n",
    "a length with a sign": b"Content-Length: +0\r\n\r\n",
    "a length below zero": b"Content-Length: -1\r\n\r\n",
    "a length in other digits": "Content-Length: ٣\r\n\r\n".encode(),
    "a length of no digits": b"Content-Length:\r\n\r\n",
    "a length in hexadecimal": b"Content-Length: 0x10\r\n\r\n",
    "a space before the colon": b"Content-Length : 36\r\n\r\n",
    "an unknown encoding": b"Transfer-Encoding: xchunked\r\n\r\n",
    "two encodings": b"Transfer-Encoding: identity, chunked\r\n\r\n",
    "two lines of encodings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    "an encoding with a tab": b"Transfer-Encoding:\x0bchunked\r\n\r\n",
    "a folded header": b"X-Note: a\r\n b\r\n\r\n",
    "a folded encoding": b"Transfer-Encoding:\r\n chunked\r\n\r\n",
    "a header that begins with a space": b" Content-Length: 36\r\n\r\n",
    "bare line feeds": b"X-Note: a\nContent-Length: 36\n\n",
    "a bare line feed in a header": b"X-Note: a\nX-Other: b\r\n\r\n",
    "a bare carriage return": b"X-Note: a\rContent-Length: 36\r\n\r\n",
    "a bare carriage return at the end": b"X-Note: a\r\r\n\r\n",
    "a NUL": b"X-Note: a\0b\r\n\r\n",
    "two hosts": b"Host: evil.example\r\n\r\n",
    "no colon": b"X-Note\r\n\r\n",
}


@on_each_loop
async def test_what_others_could_read_differently_is_refused() -> None:
    app = Echo()
    async with serving(app) as server:
        for shape, headers in SHAPES.items():
            client = await server.connect()
            client.send(b"POST /outer HTTP/1.1\r\nHost: h\r\n" + headers + SMUGGLED)
            answer = await client.answer()
            assert answer.status in (400, 501), shape
            assert answer.error in ("bad-request", "not-implemented"), shape
            assert answer.headers["connection"] == "close", shape
            assert await client.closed(), shape
    assert app.asked == []


@on_each_loop
async def test_it_is_refused_as_well_when_it_comes_byte_by_byte() -> None:
    app = Echo()
    async with serving(app) as server:
        for shape, headers in SHAPES.items():
            client = await server.connect()
            for byte in b"POST /outer HTTP/1.1\r\nHost: h\r\n" + headers:
                client.send(bytes([byte]))
                await asyncio.sleep(0)
            assert (await client.answer()).status in (400, 501), shape
            assert await client.closed(), shape
    assert app.asked == []


@on_each_loop
async def test_a_chunk_that_is_not_what_it_says_ends_the_connection() -> None:
    app = Echo()
    async with serving(app) as server:
        for chunk in (
            b"5\nhello\n0\n\n",
            b"-1\r\n",
            b"5 \r\nhellox\r\n",
            b"g\r\n",
            b"0x5\r\nhello",
        ):
            client = await server.connect()
            head = b"POST /outer HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            client.send(head + chunk + SMUGGLED)
            answered = await client.reader.read()
            assert answered.count(b"HTTP/1.1 ") <= 1, chunk
    assert "/smuggled" not in app.asked


@on_each_loop
async def test_what_is_no_http_at_all_is_refused() -> None:
    app = Echo()
    async with serving(app) as server:
        for line, status in (
            (b"\x16\x03\x01\x02\x00\x01", 400),
            (b"GET /\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\n\r\n", 400),  # without a Host
            (b"\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
            (b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            (b"GET http://evil.example/ HTTP/1.1\r\nHost: h\r\n\r\n", 400),
            (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: h\r\n\r\n", 400),
            (b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400),
            (b"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505),
        ):
            client = await server.connect()
            client.send(line)
            answer = await client.answer()
            assert (answer.status, bool(answer.error)) == (status, True), line
            assert await client.closed(), line
    assert app.asked == []


# How much


@on_each_loop
async def test_a_line_beyond_the_limit_has_an_error_of_its_own() -> None:
    app = Echo()
    async with serving(app, limits=Limits(head_bytes=1000)) as server:
        for end in (b" HTTP/1.1\r\nHost: h\r\n\r\n", b""):
            client = await server.connect()
            client.send(b"GET /" + b"x" * 1000 + end)
            answer = await client.answer()
            assert (answer.status, answer.error) == (414, "uri-too-long")
            assert await client.closed()
    assert app.asked == []


@pytest.mark.parametrize("begin", [b"GET /", b"GET / HTTP/1.1\r\nX: "])
@pytest.mark.parametrize("byte", [b"x", b" "])
def test_a_head_that_comes_byte_by_byte_costs_in_proportion(begin: bytes, byte: bytes) -> None:
    def cost() -> float:
        connection = StrictConnection(head_bytes=16 * 1024, body_bytes=0)
        connection.receive_data(begin)
        began = process_time()
        for _ in range(16_000):
            connection.receive_data(byte)
            assert connection.next_event() is h11.NEED_DATA
        return process_time() - began

    assert min(cost() for _ in range(2)) < 0.5


def read(connection: StrictConnection, *pieces: bytes) -> None:
    for piece in pieces:
        connection.receive_data(piece)
        connection.next_event()


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\r\rx"])
def test_a_bare_line_end_is_seen_wherever_a_head_is_cut(line_end: bytes) -> None:
    head = b"GET / HTTP/1.1\r\nHost: h" + line_end + b"X: y\r\n\r\n"
    for cut in range(1, len(head)):
        connection = StrictConnection(head_bytes=1000, body_bytes=0)
        with pytest.raises(h11.RemoteProtocolError, match="Lines end with CR LF"):
            read(connection, head[:cut], head[cut:])


@on_each_loop
async def test_a_head_beyond_the_limit_is_refused_whole_or_unfinished() -> None:
    app = Echo()
    async with serving(app, limits=Limits(head_bytes=1000)) as server:
        for end in (b"\r\n\r\n", b""):
            client = await server.connect()
            client.send(b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 1000 + end)
            answer = await client.answer()
            assert (answer.status, answer.error) == (431, "request-header-fields-too-large")
            assert await client.closed()
    assert app.asked == []


@on_each_loop
async def test_a_head_of_very_many_headers_is_refused() -> None:
    app = Echo()
    async with serving(app) as server:
        for fields, status in ((MAX_FIELDS, 200), (MAX_FIELDS + 1, 431)):
            client = await server.connect()
            client.send(b"GET / HTTP/1.1\r\nHost: h\r\n" + b"a: b\r\n" * (fields - 1) + b"\r\n")
            assert (await client.answer()).status == status
    assert len(app.asked) == 1


@on_each_loop
async def test_a_head_at_the_limit_is_read() -> None:
    async with serving(Echo(), limits=Limits(head_bytes=len(GET))) as server:
        client = await server.connect()
        client.send(GET)
        assert (await client.answer()).status == 200


@on_each_loop
async def test_a_body_beyond_the_limit_is_refused_before_it_comes() -> None:
    app = Echo()
    async with serving(app) as server:
        client = await server.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n")
        answer = await client.answer()
        assert (answer.status, answer.error) == (413, "content-too-large")
        assert await client.closed()
    assert app.asked == []


@on_each_loop
async def test_a_body_that_grows_beyond_the_limit_ends_the_connection() -> None:
    app = Held()
    async with serving(app, limits=Limits(body_bytes=1000)) as server:
        client = await server.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send(b"100\r\n" + b"x" * 256 + b"\r\n")
        await app.begun.wait()
        client.send((b"100\r\n" + b"x" * 256 + b"\r\n") * 4)
        assert (await client.answer()).error == "content-too-large"
        assert await client.closed()
        app.let.set()
        await app.done.wait()  # what the application says after that harms nobody


@on_each_loop
async def test_such_a_body_gets_no_second_answer() -> None:
    async with serving(Echo(), limits=Limits(body_bytes=1000)) as server:
        client = await server.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert (await client.answer()).status == 200
        client.send((b"100\r\n" + b"x" * 256 + b"\r\n") * 5)
        assert await client.closed()


# How long

HURRIED = Limits(request_seconds=0.02)  # for requests that are never whole
BRISK = Limits(request_seconds=0.25)  # for those of which some are, on a busy machine, too


@on_each_loop
async def test_a_head_that_does_not_come_to_its_end_is_waited_for_in_vain_once() -> None:
    app = Echo()
    async with serving(app, limits=HURRIED) as server:
        for begun in (b"", b"G", GET[:-2]):
            client = await server.connect()
            client.send(begun)
            answer = await client.answer()
            assert (answer.status, answer.error) == (408, "too-slow")
            assert await client.closed()
    assert app.asked == []


@on_each_loop
async def test_a_second_head_has_no_more_time_than_the_first() -> None:
    async with serving(Echo(), limits=BRISK) as server:
        client = await server.connect()
        client.send(GET)
        assert (await client.answer()).status == 200
        client.send(GET[:-1])
        assert (await client.answer()).status == 408
        assert await client.closed()


@on_each_loop
async def test_a_head_that_drips_has_no_more_time_than_one_that_stops() -> None:
    async with serving(Echo(), limits=HURRIED) as server:
        client = await server.connect()

        async def drip() -> None:
            while True:
                client.send(b"X")
                await asyncio.sleep(0.001)

        dripping = asyncio.create_task(drip())
        assert (await client.answer()).status == 408
        dripping.cancel()


@on_each_loop
async def test_a_body_that_does_not_come_ends_the_connection() -> None:
    async with serving(Echo(), limits=BRISK) as server:
        client = await server.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhell")
        assert (await client.answer()).status == 200
        assert await client.closed()


@on_each_loop
async def test_an_answer_may_take_longer_than_its_request() -> None:
    app = Held()
    async with serving(app, limits=BRISK) as server:
        slow, hurried = await server.connect(), await server.connect()
        slow.send(GET)
        await app.begun.wait()
        assert (await hurried.answer()).status == 408  # so much time has passed
        app.let.set()
        assert (await slow.answer()).status == 200


@on_each_loop
async def test_a_connection_without_a_further_request_is_closed_without_a_word() -> None:
    async with serving(Echo(), limits=Limits(keep_alive_seconds=0.01)) as server:
        client = await server.connect()
        assert (await client.get("/")).status == 200
        assert await client.closed()


@on_each_loop
async def test_a_client_that_takes_nothing_of_its_answer_is_cut_off() -> None:
    class Long(Echo):
        def answer(self, request: Request) -> Response:
            return PlainTextResponse(b"x" * 20_000_000)

    async with serving(Long(), limits=Limits(stuck_seconds=0.02)) as server:
        with socket.create_connection(server.address) as deaf:
            deaf.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            await server.ends.another()


# Upgrades

UPGRADE = (
    b"GET /ws?v=1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: WebSocket\r\n"
    b"Connection: keep-alive, Upgrade\r\nX-Note: a\r\n\r\n"
)


@on_each_loop
async def test_a_websocket_is_handed_over_with_its_request_and_what_came_behind_it() -> None:
    made: asyncio.Queue[Socket] = asyncio.Queue()

    def make() -> Socket:
        taker = Socket()
        made.put_nowait(taker)
        return taker

    async with serving(Echo(), limits=BRISK, websocket=make) as server:
        client = await server.connect()
        assert (await client.get("/before")).status == 200
        client.send(UPGRADE + b"frame!")
        taker = await made.get()
        await taker.came.wait()
        request, behind = bytes(taker.data).split(b"\r\n\r\n")
        lines = request.split(b"\r\n")
        assert lines[0] == b"GET /ws?v=1 HTTP/1.1"
        assert b"host: localhost" in lines
        assert b"x-note: a" in lines
        assert behind == b"frame!"
        # HTTP's deadlines are none of its own any more: that of a later connection passes.
        hurried = await server.connect()
        assert (await hurried.answer()).status == 408
        taker.came.clear()
        client.send(b"more!")
        await taker.came.wait()
        taker.transport.write(b"answer")
        assert await client.reader.read(100) == b"answer"
        await hurried.close()
        await server.emptied()
        assert len(server.ends.transports) == 1


@on_each_loop
async def test_a_websocket_is_only_where_it_is_served() -> None:
    async with serving(Echo(), websocket=nowhere) as server:
        client = await server.connect()
        for request in (
            UPGRADE.replace(b"/ws", b"/elsewhere"),
            UPGRADE.replace(b"WebSocket", b"h2c"),
            UPGRADE.replace(b", Upgrade", b""),
            UPGRADE.replace(b"GET", b"POST"),
        ):
            client.send(request)
            assert (await client.answer()).status == 200


# The end


@on_each_loop
async def test_at_the_end_idle_connections_are_closed_and_busy_ones_answered_first() -> None:
    app = Held()
    async with serving(app) as server:
        idle, busy = await server.connect(), await server.connect()
        busy.send(GET)
        await app.begun.wait()
        server.protocols.close_idle()
        assert await idle.closed()
        app.let.set()
        assert (await busy.answer()).status == 200
        assert await busy.closed()


@on_each_loop
async def test_every_connection_that_ends_is_told_of_once() -> None:
    async with serving(Echo()) as server:
        answered, refused = await server.connect(), await server.connect()
        assert (await answered.get("/")).status == 200
        refused.send(b"nonsense\r\n\r\n")
        assert (await refused.answer()).status == 400
        await answered.close()
        await refused.close()
        await server.emptied()
        assert len(set(server.ends.transports)) == len(server.ends.transports) == 2


# Whom it believes


@on_each_loop
async def test_nobody_is_believed_to_be_somebody_else() -> None:
    app = Echo()
    async with serving(app) as server:
        await server.get("/", X_Forwarded_For="192.0.2.1", Forwarded="for=192.0.2.1")
        ((host, _),) = app.clients
        assert host == "127.0.0.1"


def test_uvicorns_own_variables_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "many")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    test_nobody_is_believed_to_be_somebody_else(asyncio.new_event_loop)
