"""What is fuzzed with the real server around it, in virtual time: bytes in, and what comes out."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import h11
from starlette.types import Receive, Scope, Send

from hubbub.hub.hub import Hub
from hubbub.hub.settings import HubSettings
from hubbub.server.http.protocol import HttpProtocols, Limits
from hubbub.server.listener import Listener
from hubbub.server.options import Options
from hubbub.server.portions import hand_over
from tests.fuzz.codecs import in_pieces
from tests.memorylog.log import MemoryLog
from tests.server.http_support import metering
from tests.simulation.people import HANDSHAKE, frame
from tests.simulation.virtual_loop import VirtualLoop

LINE_BYTES = 512
MAX_BACKLOG = 64 * 1024
OPTIONS = Options(port=0, sessions_per_address=0, line_bytes=LINE_BYTES, outbox_bytes=10_000_000)


class Wire(asyncio.Transport):
    """The server's end of a connection to nobody: keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.out = bytearray()
        self.closed = False
        self.reads = True
        self.protocol: Any = None

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.1", 4711) if name in ("peername", "sockname") else default

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        found: asyncio.BaseProtocol = self.protocol
        return found

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """All is taken at once."""

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.closed

    def is_reading(self) -> bool:
        return self.reads

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        assert not self.closed or not data, "something is said after the end"
        self.out += data

    def write_eof(self) -> None:
        """The client may still send."""

    def can_write_eof(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    abort = close


async def feed(wire: Wire, pieces: Any, look: Callable[[], None] = lambda: None) -> None:
    """Gives the server ``pieces`` one after the other, each when it reads, then the end."""
    for piece in pieces:
        for _ in range(10_000):
            if wire.reads or wire.closed:
                break
            await asyncio.sleep(0.01)
        else:
            raise AssertionError("the server has stopped to read for good")
        if wire.closed or not piece:
            continue
        hand_over(wire.protocol, piece)
        look()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await asyncio.sleep(1.5)


def run(work: Any) -> Any:
    """Runs ``work`` in virtual time; whatever the loop complains of is raised."""
    loop = VirtualLoop()
    complaints: list[BaseException] = []

    def complain(_: object, context: dict[str, Any]) -> None:
        complaints.append(context.get("exception") or AssertionError(context["message"]))

    loop.set_exception_handler(complain)
    asyncio.set_event_loop(loop)
    try:
        result = loop.run_until_complete(work)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    if complaints:
        raise complaints[0]
    return result


# WebSocket


def websocket(data: bytes) -> None:
    """The JSON protocol over a WebSocket: the same answers whole or cut, well-formed frames."""
    data = _script(data)
    whole = run(_websocket([data]))
    cut = run(_websocket(in_pieces(data)))
    # Who breaks the rules is cut off at once, and not told what was still on its way to the disk;
    # of several broken rules, which one is told hangs on how many of them came together.
    if all(said[-1].startswith("8 b'\\x03\\xe8") or said[-1][:2] != "8 " for said in (whole, cut)):
        assert sorted(whole) == sorted(cut), (whole, cut)
    else:
        assert whole[-1][:2] == cut[-1][:2] == "8 ", (whole, cut)


def _script(data: bytes) -> bytes:
    """Bytes as they are, or each line of them as a frame: so that the fuzzer gets further in."""
    mode, rest = data[:1], data[1:]
    if mode < b"@":
        return HANDSHAKE + b"".join(frame(1, piece) for piece in rest.split(b"\n"))
    return HANDSHAKE + rest if mode < b"\x80" else b"GET /ws HTTP/1.1\r\n" + rest


async def _websocket(pieces: Any) -> list[str]:
    tokens = itertools.count()
    with patch.object(secrets, "token_urlsafe", lambda size: f"token {next(tokens)}"):
        hub = Hub(
            MemoryLog(auto=True),
            settings=HubSettings(rate_limit=0, line_bytes=LINE_BYTES),
            clock=lambda: 0,
            monotonic=asyncio.get_running_loop().time,
            ids=itertools.count(1).__next__,
        )
        await hub.start()
        feeding = asyncio.get_running_loop().create_task(hub.catchup.run())
        listener = Listener(hub, OPTIONS)
        connection = listener.websocket()
        wire = Wire()
        wire.protocol = connection
        connection.connection_made(wire)

        def look() -> None:
            assert len(connection._backlog) <= MAX_BACKLOG
            assert len(connection._parts or b"") <= LINE_BYTES

        await feed(wire, pieces, look)
        if not wire.closed:
            wire.protocol.connection_lost(None)
        await asyncio.sleep(0.01)
        assert not hub.sessions
        feeding.cancel()
        return _frames(bytes(wire.out))


def _frames(out: bytes) -> list[str]:
    """The answer to the handshake and what the frames say; events may be batched in any way."""
    head, _, data = out.partition(b"\r\n\r\n")
    found = [head.split(b"\r\n")[0].decode()]
    if not head.startswith(b"HTTP/1.1 101"):
        return found
    while data:
        opcode, size, start = data[0] & 15, data[1], 2
        assert data[0] & 0xF0 == 0x80, "whole frames without extensions"
        assert size < 0x80, "a server does not mask"
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(data[2:start])
        payload, data = data[start : start + size], data[start + size :]
        assert len(payload) == size, "half a frame"
        if opcode != 1:
            found.append(f"{opcode} {payload!r}")
            continue
        reply = json.loads(payload)
        if reply["type"] == "events":
            found += [f"said {e['text']}" for e in reply["events"] if e["kind"] == "said"]
        else:
            # How far a room is, and who is in it, hangs on when the bytes came.
            said = {key: reply.get(key) for key in ("type", "re", "nonce", "code", "reason")}
            found.append(json.dumps(said))
    return found


# HTTP


def http(data: bytes) -> None:
    """HTTP: the same requests whole or cut, and answers that a strict client can read."""
    whole, out = run(_http([data]))
    cut, pieces_out = run(_http(in_pieces(data)))
    assert whole == cut, (whole, cut)
    for answer in (out, pieces_out):
        _read_answers(answer, whole)


async def _http(pieces: Any) -> tuple[list[tuple[str, str]], bytes]:
    asked: list[tuple[str, str]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append((scope["method"], scope["path"]))
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    class Socket(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            asked.append(("upgrade", ""))
            transport.close()

    limits = Limits(head_bytes=1000, body_bytes=1000)
    factory = HttpProtocols(app, Socket, limits, *metering())
    wire = Wire()
    wire.protocol = factory()
    wire.protocol.connection_made(wire)
    await feed(wire, pieces)
    await asyncio.sleep(60)
    assert wire.closed, "whoever stops in the middle is let go"
    return asked, bytes(wire.out)


def _read_answers(out: bytes, asked: list[tuple[str, str]]) -> None:
    client = h11.Connection(h11.CLIENT)
    client.receive_data(out)
    requests = [method for method, _ in asked if method != "upgrade"]
    answers = 0
    while client.trailing_data[0]:
        method = requests[answers] if answers < len(requests) else "GET"
        client.send(h11.Request(method=method, target="/", headers=[("host", "h")]))
        client.send(h11.EndOfMessage())
        while not isinstance(event := client.next_event(), h11.EndOfMessage):
            assert event is not h11.NEED_DATA, "half an answer"
            if isinstance(event, h11.Response):
                assert 200 <= event.status_code < 600
        answers += 1
        if client.their_state is not h11.DONE:
            assert not client.trailing_data[0], "something behind the last answer"
            break
        client.start_next_cycle()
    assert answers <= len(requests) + 1, "more answers than questions, and one refusal"
