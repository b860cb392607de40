"""The JSON protocol over a WebSocket: the handshake, frames good and bad, the end."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.frames import Close, Frame, Opcode

from tests.memorylog.log import MemoryLog
from tests.server.serving import UPGRADE, Chatter, LineClient, Server, eventually, serving, texts


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


def text(command: dict[str, Any], *, fin: bool = True) -> bytes:
    """A command as the bytes of one masked frame."""
    return Frame(Opcode.TEXT, json.dumps(command).encode(), fin).serialize(mask=True)


def close(code: int = 1000) -> bytes:
    return Frame(Opcode.CLOSE, Close(code, "").serialize()).serialize(mask=True)


HELLO = text({"type": "hello", "user": "ada"})
JOIN = text({"type": "join", "room": "General"})
PING = text({"type": "ping"})


def say(words: str) -> bytes:
    return text({"type": "say", "room": "General", "text": words, "nonce": words})


async def frames(client: LineClient) -> list[tuple[int, bytes]]:
    """All frames until the connection ends."""
    data, found = await client.rest(), []
    while data:
        opcode, size, start = data[0] & 15, data[1], 2
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10], "big"), 10
        found.append((opcode, data[start : start + size]))
        data = data[start + size :]
    return found


async def close_code(client: LineClient) -> int:
    """The code with which the server closes."""
    opcode, payload = (await frames(client))[-1]
    assert opcode == Opcode.CLOSE
    return Close.parse(payload).code


# The handshake


async def test_a_program_without_an_origin_is_let_in(server: Server) -> None:
    async with server.web() as socket:
        assert (await Chatter(socket).ask("welcome", type="hello", user="ada"))["user"] == "ada"


async def test_the_servers_own_page_is_let_in(server: Server) -> None:
    async with server.web(origin=f"http://127.0.0.1:{server.port}") as socket:
        await Chatter(socket).ask("pong", type="ping")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
async def test_pages_from_elsewhere_are_refused(server: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with server.web(origin=origin):
            pass
    assert refused.value.response.status_code == 403
    assert b"allowed-origins" in refused.value.response.body
    await server.connections(0)
    assert not server.hub.sessions


@pytest.mark.parametrize("host", [b"evil.example", b"", b"127.0.0.1\r\nHost: 127.0.0.1"])
async def test_a_page_whose_name_was_pointed_here_is_refused(server: Server, host: bytes) -> None:
    origin = b"Host: " + host + b"\r\nOrigin: http://" + host
    client = await server.line(UPGRADE.replace(b"Host: 127.0.0.1", origin))
    assert (await client.rest()).startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize("host", ["127.1", "alias-of-mine", "server.in.hosts.file:8080", ""])
async def test_a_program_may_call_the_server_by_any_name(server: Server, host: str) -> None:
    client = await server.line(UPGRADE.replace(b"127.0.0.1", host.encode()))
    assert (await client.until_bytes(b"\r\n")).startswith(b"HTTP/1.1 101 ")


async def test_a_plain_get_is_told_to_upgrade(server: Server) -> None:
    client = await server.line(b"GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await client.rest()).startswith(b"HTTP/1.1 426 ")


async def test_another_version_is_told_the_right_one(server: Server) -> None:
    client = await server.line(UPGRADE.replace(b"Version: 13", b"Version: 8"))
    head, error = refused(await client.rest())
    assert head.startswith("HTTP/1.1 426 ")
    assert "Sec-WebSocket-Version: 13\r\n" in head
    assert error["code"] == "upgrade-required"
    await server.connections(0)


def refused(answer: bytes) -> tuple[str, dict[str, str]]:
    """The head of an error's answer, and what is in its body, in the one form of all errors."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\ncontent-type: application/json\r\n" in head.lower() + b"\r\n"
    found = json.loads(body)
    assert found.keys() == {"error"}
    assert found["error"].keys() == {"code", "message"}
    return head.decode() + "\r\n", found["error"]


@pytest.mark.parametrize(
    "change, status, code",
    [
        ((b"Sec-WebSocket-Key: ", b"X-Key: "), 400, "bad-request"),
        ((b"Sec-WebSocket-Key: ", b"Sec-WebSocket-Key: not base64 "), 400, "bad-request"),
        ((b"Connection: Upgrade", b"Connection: close"), 426, "upgrade-required"),
        ((b"Upgrade: websocket", b"Upgrade: tea"), 426, "upgrade-required"),
        ((b"GET /ws", b"POST /ws"), 405, "method-not-allowed"),
        ((b"GET /ws", b"GET /elsewhere"), 404, "not-found"),
        ((b"Host: ", b"Origin: http://evil.example\r\nHost: "), 403, "wrong-origin"),
        ((b"Host: ", b"Sec-Fetch-Site: cross-site\r\nHost: "), 403, "cross-site"),
        ((b"Host: 127.0.0.1", b"Origin: http://a.example\r\nHost: a.example"), 421, "wrong-host"),
        ((b"Host: ", b"X-Many: 1\r\n" * 200 + b"Host: "), 431, "request-header-fields-too-large"),
        ((b"Host: ", b"X-Long: " + b"x" * 9000 + b"\r\nHost: "), 431, None),
    ],
)
async def test_errors_of_the_handshake_have_the_form_of_all_errors(
    change: tuple[bytes, bytes], status: int, code: str | None
) -> None:
    async with serving(http=True) as server:
        client = await server.line(UPGRADE.replace(*change))
        client.end()
        head, error = refused(await client.rest())
        assert head.startswith(f"HTTP/1.1 {status} ")
        assert code in (None, error["code"])
        assert error["message"]


async def test_a_broken_handshake_ends_the_connection(server: Server) -> None:
    client = await server.line(b"GET /ws HTTP/1.1\r\nno header\r\n\r\n")
    await client.rest()
    await server.connections(0)


async def test_a_handshake_may_come_byte_by_byte(server: Server) -> None:
    client = await server.line()
    for place in range(len(UPGRADE)):
        client.send(UPGRADE[place : place + 1])
        await client.writer.drain()
    assert (await client.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    client.send(PING + close())
    assert json.loads((await frames(client))[0][1]) == {"type": "pong"}


async def test_frames_may_come_right_behind_the_handshake(server: Server) -> None:
    client = await server.raw_web(HELLO + JOIN + say("hello") + PING)
    heard = ""
    while '"pong"' not in heard:
        heard += (await client.reader.read(65536)).decode(errors="replace")
    assert heard.index('"welcome"') < heard.index('"ack"') < heard.index('"pong"')


@pytest.mark.parametrize("cut", [1, 5, 20, len(HELLO) - 1])
async def test_a_frame_may_be_cut_behind_the_handshake(server: Server, cut: int) -> None:
    client = await server.raw_web(HELLO[:cut])
    client.send(HELLO[cut:])
    assert b'"welcome"' in await client.until_bytes(b"features")


async def test_a_frame_cut_where_it_looks_like_the_end_of_a_handshake_is_whole_again(
    server: Server,
) -> None:
    payload = json.dumps({"type": "ping", "id": "abc"}).encode()
    # The mask turns four bytes of the payload into the end of a head.
    mask = bytes(a ^ b for a, b in zip(payload[4:8], b"\r\n\r\n", strict=True))
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    frame = bytes((0x81, 0x80 | len(payload))) + mask + masked
    cut = frame.index(b"\r\n\r\n") + 4
    client = await server.raw_web(frame[:cut])
    client.send(frame[cut:] + close())
    assert json.loads((await frames(client))[0][1]) == {"type": "pong", "re": "abc"}


# Frames


async def test_a_message_in_fragments_is_one_command(server: Server) -> None:
    client = await server.raw_web()
    message = json.dumps({"type": "ping", "id": "in pieces"}).encode()
    pieces = [Frame(Opcode.TEXT, message[:5], fin=False)]
    pieces += [Frame(Opcode.CONT, message[place : place + 1], fin=False) for place in range(5, 20)]
    pieces += [Frame(Opcode.PING, b"in between"), Frame(Opcode.CONT, message[20:])]
    client.send(b"".join(piece.serialize(mask=True) for piece in pieces))
    assert await client.until_bytes(b"in between") == b"\x8a\nin between"
    client.send(close())
    answer, _ = await frames(client)
    assert json.loads(answer[1]) == {"type": "pong", "re": "in pieces"}


@pytest.mark.parametrize(
    "frame, code",
    [
        (Frame(Opcode.TEXT, b"{}").serialize(mask=False), 1002),
        (b"\xc1" + text({})[1:], 1002),
        (b"\x83" + text({})[1:], 1002),
        (b"\x8b" + text({})[1:], 1002),
        (Frame(Opcode.CONT, b"{}").serialize(mask=True), 1002),
        (text({}, fin=False) + text({}), 1002),
        (b"\x09\x80\0\0\0\0", 1002),
        (b"\x89\xfe\x00\x7e" + b"\0" * 130, 1002),
        (b"\x88\x81\0\0\0\0x", 1002),
        (Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=True), 1007),
        (Frame(Opcode.TEXT, b'{"type": "ping", "id": "\xed\xa0\x80"}').serialize(mask=True), 1007),
        (Frame(Opcode.TEXT, b"x" * 70_000).serialize(mask=True), 1009),
        (b"\x81\xff\x7f" + b"\xff" * 7 + b"\0" * 4, 1009),
        (
            Frame(Opcode.TEXT, b"x" * 40_000, fin=False).serialize(mask=True)
            + Frame(Opcode.CONT, b"x" * 40_000).serialize(mask=True),
            1009,
        ),
    ],
    ids=[
        "unmasked",
        "reserved bit",
        "reserved opcode",
        "reserved control opcode",
        "continuation of nothing",
        "message in a message",
        "ping in fragments",
        "ping too long",
        "close of one byte",
        "not UTF-8",
        "surrogate",
        "too big",
        "said to be too big",
        "too big in fragments",
    ],
)
async def test_a_frame_out_of_the_specification_closes_with_its_code(
    server: Server, frame: bytes, code: int
) -> None:
    ben = await server.enter("ben")
    client = await server.raw_web(HELLO + JOIN + PING)
    await ben.until("ada has joined the chat!")
    client.send(frame)
    assert await close_code(client) == code
    ben.say("still here")
    await ben.until("ben: still here")
    await server.connections(1)


@pytest.mark.parametrize(
    "message, code",
    [
        (b"", "bad-message"),
        (b"hello", "bad-message"),
        (b"[]", "bad-message"),
        (b'{"type": "dance", "id": 7}', "bad-message"),
        (b'{"type": "ping", "id": 7, "colour": "red"}', "bad-message"),
        (b'{"type": "say", "id": 7, "room": "General"}', "bad-message"),
        (b'{"type": "hello", "id": 7, "user": "a b"}', "invalid-name"),
        (b'{"type": "hello", "id": 7, "user": ["ada"]}', "bad-message"),
        (b"[" * 30_000, "bad-message"),
    ],
)
async def test_a_message_that_is_no_command_is_answered_and_the_connection_lives(
    server: Server, message: bytes, code: str
) -> None:
    async with server.web() as socket:
        chatter = Chatter(socket)
        await socket.send(message.decode())
        error = await chatter.hear()
        assert (error["type"], error["code"]) == ("error", code)
        assert error.get("re") == (7 if b"7" in message else None)
        await chatter.ask("pong", type="ping")


@pytest.mark.parametrize("pieces", [1, 3])
async def test_a_message_over_the_limit_is_answered_and_the_connection_lives(
    server: Server, pieces: int
) -> None:
    async with server.web() as socket:
        chatter = Chatter(socket)
        say = {"type": "say", "id": 5, "nonce": "n", "room": "General", "text": "x" * 40_000}
        data = json.dumps(say)
        size = -(-len(data) // pieces)
        parts = [data[start : start + size] for start in range(0, len(data), size)]
        await socket.send(parts if pieces > 1 else data)
        error = await chatter.hear()
        assert (error["code"], error["re"], error["nonce"]) == ("line-too-long", 5, "n")
        assert f"{len(data):,} bytes" in error["message"]
        assert "32,768" in error["message"]
        await chatter.ask("pong", type="ping")


async def test_whoever_sent_half_an_emoji_is_told_which_message_it_was(server: Server) -> None:
    async with server.web() as socket:
        chatter = Chatter(socket)
        say = '{"type": "say", "id": 5, "nonce": "n", "room": "General", "text": "half \\ud83d"}'
        await socket.send(say)
        error = await chatter.hear()
        assert (error["code"], error["re"], error["nonce"]) == ("bad-message", 5, "n")
        await chatter.ask("pong", type="ping")


async def test_a_binary_message_is_answered_with_an_error(server: Server) -> None:
    async with server.web() as socket:
        await socket.send(b'{"type": "ping"}')
        assert (await Chatter(socket).hear())["code"] == "bad-message"
        await socket.send([b"in ", b"pieces"])
        assert (await Chatter(socket).hear())["code"] == "bad-message"
        await Chatter(socket).ask("pong", type="ping")


async def test_a_ping_of_the_client_is_answered(server: Server) -> None:
    async with server.web() as socket:
        await (await socket.ping(b"are you there?"))


async def test_a_message_without_an_end_takes_no_memory(server: Server) -> None:
    """Fragments without a byte in them count for no limit of bytes."""
    client = await server.raw_web(text({"type": "ping"}, fin=False)[:1] + b"\x80\0\0\0\0")
    (session,) = server.hub.sessions
    for _ in range(20):
        client.send(Frame(Opcode.CONT, b"", fin=False).serialize(mask=True) * 1000)
        await client.writer.drain()
    client.send(Frame(Opcode.PING, b"done").serialize(mask=True))
    await client.until_bytes(b"done")
    parts = session.outlet._parts  # type: ignore[attr-defined]
    assert len(parts) < 10


async def test_a_message_in_tiny_parts_takes_no_more_memory_than_whole(server: Server) -> None:
    """As objects of their own, parts of one byte took fifty times what the limit counts."""
    client = await server.raw_web(Frame(Opcode.TEXT, b"x", fin=False).serialize(mask=True))
    (session,) = server.hub.sessions
    tracemalloc.start()
    try:
        for _ in range(20):
            client.send(Frame(Opcode.CONT, b"y", fin=False).serialize(mask=True) * 1000)
            await client.writer.drain()
        client.send(Frame(Opcode.PING, b"done").serialize(mask=True))
        await client.until_bytes(b"done")
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(session.outlet._parts) == 20_001  # type: ignore[attr-defined]
    assert taken < 300_000


# The end


@pytest.mark.parametrize("code, at_once", [(1000, True), (1001, False), (None, False)])
async def test_only_a_normal_closure_frees_the_name_at_once(
    server: Server, code: int | None, at_once: bool
) -> None:
    async with server.web() as socket:
        token = await Chatter(socket).enter("ada")
        if code is None:
            socket.transport.abort()
        else:
            await socket.close(code)
    await server.sessions(0)
    async with server.web() as socket:
        chatter = Chatter(socket)
        await chatter.send({"type": "hello", "user": "ada"})
        first = await chatter.hear()
        if at_once:
            assert first["type"] == "welcome"
        else:
            assert first["code"] == "name-taken"
            await chatter.ask("welcome", type="hello", user="ada", token=token)


async def test_a_normal_closure_leaves_the_rooms_at_once(server: Server) -> None:
    ben = await server.enter("ben")
    async with server.web() as socket:
        await Chatter(socket).enter("ada")
    assert await ben.until("ada has left the chat!") == [
        "[…] ada has joined the chat!",
        "[…] ada has left the chat!",
    ]


async def test_what_was_sent_before_the_close_is_done_before_it(server: Server) -> None:
    """A script that says one thing and is done, all in one go."""
    ben = await server.enter("ben")
    client = await server.raw_web(HELLO + JOIN + say("one") + say("two") + close())
    assert await ben.until("ada has left the chat!") == [
        "[…] ada has joined the chat!",
        "[…] ada: one",
        "[…] ada: two",
        "[…] ada has left the chat!",
    ]
    *heard, last = await frames(client)
    assert [json.loads(payload)["type"] for _, payload in heard].count("ack") == 2
    assert last == (Opcode.CLOSE, b"\x03\xe8")


async def test_a_client_may_hang_up_right_behind_its_close() -> None:
    log = MemoryLog()
    async with serving(log=log) as server:
        client = await server.raw_web(HELLO + JOIN + say("one") + close())
        client.end()
        ben = await server.line(b"ben\n")
        await ben.until("General (0 users)")  # ada's end has come by now, and is not on disk

        def saved_and_gone() -> bool:
            log.commit()
            return len(server.hub.sessions) == 1

        await eventually(saved_and_gone)
        log.commit()
        events = await log.read("general", 0, 9)
        assert [type(event).__name__ for event in events] == ["Joined", "Said", "Left"]


async def test_what_was_sent_before_the_close_of_a_page_is_done_before_it(server: Server) -> None:
    ben = await server.enter("ben")
    await server.raw_web(HELLO + JOIN + say("one") + close(1001))
    await ben.until("ada: one")
    await server.sessions(1)


async def test_goodbye_is_answered_and_closes_with_1000(server: Server) -> None:
    client = await server.raw_web(HELLO + text({"type": "bye", "id": 1}))
    *_, goodbye, (opcode, code) = await frames(client)
    assert json.loads(goodbye[1])["reason"] == "bye"
    assert (opcode, code) == (Opcode.CLOSE, b"\x03\xe8")


async def test_a_client_that_ends_its_side_is_gone(server: Server) -> None:
    client = await server.raw_web(HELLO)
    client.end()
    await client.rest()
    await server.connections(0)


async def test_the_reset_of_one_is_noticed_by_nobody_else(server: Server) -> None:
    ben = await server.enter("ben")
    for _ in range(20):
        (await server.raw_web(HELLO + JOIN)).abort()
    await server.connections(1)
    ben.say("still here")
    await ben.until("ben: still here")


async def test_resuming_from_a_cursor_shows_what_was_missed_once(server: Server) -> None:
    ben = await server.enter("ben")
    async with server.web() as socket:
        chatter = Chatter(socket)
        token = await chatter.enter("ada")
        cursor = chatter.events[-1]["seq"]
        socket.transport.abort()
    for number in range(300):
        ben.say(f"text {number}")
    await ben.until("text 299")
    async with server.web() as socket:
        chatter = Chatter(socket)
        await chatter.ask("welcome", type="hello", user="ada", token=token)
        await chatter.ask("joined", type="join", room="General", after=cursor)
        await eventually_text(chatter, "text 299")
        assert texts(chatter.events) == [f"text {number}" for number in range(300)]


async def eventually_text(chatter: Chatter, words: str) -> None:
    while words not in texts(chatter.events[-1:]):
        await chatter.hear("events")


async def test_idle_sessions_keep_little(server: Server) -> None:
    client = await server.raw_web()
    await server.sessions(1)
    (session,) = server.hub.sessions
    await eventually(lambda: type(session.outlet._ws).__name__ == "Protocol")  # type: ignore[attr-defined]
    client.close()
