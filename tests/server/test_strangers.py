"""What comes to the chat's port and is no chat, or one too many: told so in its own words."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubbub.hub.access import ANYBODY
from hubbub.server import first, line, refusals
from hubbub.server.options import Options
from tests.server.serving import UPGRADE, Chatter, Server, eventually, serving

BODY = b"Mallory\nGeneral\nI was never here\n"
HEADERS = b"Host: 127.0.0.1:8080\r\nConnection: keep-alive\r\nContent-Length: 35\r\n\r\n"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a second for people takes a moment here."""
    monkeypatch.setattr(first, "GREET_SECONDS", 0.08)
    monkeypatch.setattr(first, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(first, "LONG_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(line, "PAUSE_SECONDS", 0.01)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(http=True) as server:
        yield server


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer
    return int(answer[9:12])


def untouched(server: Server) -> bool:
    """Whether nobody has joined, nor said anything."""
    return all(room.head == 0 for room in server.hub.room_list(ANYBODY).rooms)


@pytest.mark.parametrize(
    "begin, code",
    [
        (b"POST /" + b"a" * 9_000 + b" HTTP/1.1\r\n", 405),  # no such file, and not to be written
        (b"POST /" + b"a" * 20_000 + b" HTTP/1.1\r\n", 414),
        (b"a" * 9_000 + b" / HTTP/1.1\r\n", None),
        (b"GET /" + b"a" * 9_000, 400),
        (b"GET /a HTT", 400),
        (b"GET /ws", 400),
        (b"patch / HTTP/1.1\r\n", 405),
        (b"a-b! /x HTTP/1.1\r\n", 404),
        (b"GET /General HTTP/9.9\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"CONNECT 127.0.0.1:8080 HTTP/1.1\r\n", 400),
        (b"GET http://127.0.0.1/ HTTP/1.1\r\n", 400),
        (b"ada b HTTP/1.1\r\n", 400),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else None,
)
async def test_a_request_is_answered_as_one_whatever_its_form(
    server: Server, begin: bytes, code: int | None
) -> None:
    client = await server.line(begin + (HEADERS + BODY if begin.endswith(b"\n") else b""))
    client.end()
    answer = await client.rest()
    if code is not None:
        allowed = (404, 405) if code in (404, 405) else (code,)
        assert status(answer) in allowed
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]
    await server.connections(0)
    assert untouched(server)


REQUESTS = [
    b"POST /General HTTP/1.1\r\n" + HEADERS + BODY,
    b"POST /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HEADERS + BODY,
    b"OPTIONS * HTTP/1.1\r\n" + HEADERS + BODY,
    b"GET /ws HTTP/1.1\r\n" + HEADERS + BODY,
]


@given(
    request=st.sampled_from(REQUESTS),
    cuts=st.lists(st.integers(1, 120), max_size=4, unique=True),
    ends=st.booleans(),
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_pauses_anywhere_in_a_request_make_nobody_join(
    request: bytes, cuts: list[int], ends: bool
) -> None:
    async def scenario() -> None:
        async with serving(http=True) as server:
            client = await server.line()
            for piece in pieces(request, cuts):
                client.send(piece)
                await asyncio.sleep(0.04)  # the pause is what is tested
            if ends:
                with contextlib.suppress(OSError):  # it is refused, and the connection reset
                    client.end()
            client.abort()
            await server.connections(0)
            assert untouched(server)

    asyncio.run(scenario())


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cuts), len(data)]
    return [data[start:stop] for start, stop in pairwise(places)]


@pytest.mark.parametrize(
    "first_lines, heard",
    [
        (b"Host: 127.0.0.1:8080\r\n", "looks like a request of a browser"),
        (b"ada\nContent-Type: text/plain\r\n", "looks like a request of a browser"),
        (b"ada\nGET / HTTP/1.1\r\n", "looks like a request of a browser"),
    ],
)
async def test_a_line_of_a_request_where_a_name_or_a_room_is_asked_for_ends_the_connection(
    server: Server, first_lines: bytes, heard: str
) -> None:
    client = await server.line(first_lines + BODY)
    assert heard in (await client.rest()).decode().splitlines()[-1]
    await server.connections(0)
    assert untouched(server)
    assert server.hub.users.get("mallory") is None


@pytest.mark.parametrize(
    "data, answer",
    [
        (b"\x16\x03\x01\x02", refusals.NO_TLS),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nada\nGeneral\n", b"This server does not read the"),
        (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", b"This server does not read the PROXY"),
        (b"\0\x01\0\x2c\x21\x12\xa4\x42ada\nGeneral\n", b"That is no text."),
        (b"SSH-1.99-x\r\nGeneral\r\n", b"This server does not speak SSH."),
    ],
)
async def test_what_else_is_no_chat_is_told_so(server: Server, data: bytes, answer: bytes) -> None:
    client = await server.line(data)
    assert (await client.rest()).startswith(answer)
    await server.connections(0)
    assert untouched(server)


async def test_half_a_request_is_told_that_it_took_too_long() -> None:
    options = Options(port=0, first_bytes_seconds=0.1)
    async with serving(options, http=True) as server:
        for begun in (b"GET /ws", b"GET /gen", b"POST /x HTTP/1.1\r\nHost: x\r\n"):
            client = await server.line(begun)
            assert status(await client.rest()) == 408, begun
        await server.connections(0)


async def test_before_http_is_served_a_request_is_no_line_either() -> None:
    async with serving() as server:
        client = await server.line(b"POST / HTTP/1.1\r\n" + HEADERS + BODY)
        assert status(await client.rest()) == 503
        assert untouched(server)


async def test_enter_and_a_thought_are_no_haste() -> None:
    """A blank line may be the begin of the PROXY protocol, and is a blank line."""
    async with serving(Options(port=0, first_bytes_seconds=0.1)) as server:
        client = await server.line(b"\r\n")
        slow = await server.line(b"x")
        await slow.rest()
        client.say("ada")
        await client.until("Available rooms:")


# One too many


@pytest.fixture
async def full() -> AsyncIterator[Server]:
    # This computer is given twice as many.
    async with serving(Options(port=0, sessions_per_address=1), http=True) as server:
        await server.enter("ada")
        await server.enter("ben")
        yield server


WHY = "There are 2 connections from your address already. Close one first."


async def test_who_is_one_too_many_is_told_so_in_their_protocol(full: Server) -> None:
    web = await full.line(UPGRADE)
    answer = await web.rest()
    assert status(answer) == 429
    assert b"\r\nRetry-After: 10\r\n" in answer
    error = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert error == {"code": "too-many-sessions", "message": WHY}
    assert status(await (await full.line(b"GET / HTTP/1.1\r\n")).rest()) == 429
    assert await (await full.line(b"NICK eve\r\n")).rest() == f"ERROR :{WHY}\r\n".encode()
    assert await (await full.line(b"\x16\x03\x01")).rest() == refusals.NO_TLS
    assert await (await full.line(b"eve\n")).rest() == f"{WHY}\n".encode()
    assert await (await full.line(b"eve")).rest() == f"{WHY}\n".encode()
    assert await (await full.line()).rest() == f"{WHY}\n".encode()
    gone = await full.line()
    gone.end()
    assert await gone.rest() == f"{WHY}\n".encode()
    assert len(full.context.admission) == 2
    assert full.hub.users.get("eve") is None


async def test_a_full_server_says_503() -> None:
    async with serving(Options(port=0, sessions_per_address=0, sessions=1), http=True) as server:
        await server.enter("ada")
        answer = await (await server.line(UPGRADE)).rest()
        assert status(answer) == 503
        assert b"as many connections as it can take" in answer


async def test_the_refused_are_few_and_do_not_stay(
    full: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "MAX_HEARD", 3)
    monkeypatch.setattr(first, "REFUSED_SECONDS", 0.1)
    monkeypatch.setattr(first, "LONG_PAUSE_SECONDS", 60.0)
    waiting = [await full.line(b"GET") for _ in range(3)]
    await eventually(lambda: full.context.refusals.count == 3)
    for _ in range(20):
        assert await (await full.line(b"GET")).rest() == f"{WHY}\n".encode()
    for client in waiting:
        assert await client.rest() == f"{WHY}\n".encode()
    await eventually(lambda: full.context.refusals.count == 0)


async def test_who_takes_no_answer_is_cut_off_with_the_refusal(
    full: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first, "LINGER_SECONDS", 0.05)
    web = await full.line(b"POST /x HTTP/1.1\r\n")
    await web.until_bytes(b"Close one first.")
    await eventually(lambda: full.context.refusals.count == 0)


async def test_a_place_that_is_free_again_is_given(full: Server) -> None:
    full.clients[0].abort()
    await full.connections(1)
    async with full.web() as socket:
        await Chatter(socket).ask("welcome", type="hello", user="eve")


async def test_who_is_gone_before_being_looked_at_counts_for_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Resets from elsewhere would use up what this computer's own people may connect."""
    async with serving(http=True) as server:
        admit = server.context.admission.admit
        addresses = []

        def noted(
            transport: asyncio.Transport, go_on: Callable[[], None]
        ) -> refusals.Refusal | None:
            addresses.append(transport.get_extra_info("peername"))
            return admit(transport, go_on)

        monkeypatch.setattr(server.context.admission, "admit", noted)
        for _ in range(20):
            with socket.socket() as gone:  # all of them while the loop accepts none
                gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                gone.connect((server.host, server.port))
        await server.enter("ada")
        await server.connections(1)
        assert addresses
        assert None not in addresses
