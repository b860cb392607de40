"""The first bytes of a connection: whose they are, and for how long they are waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hubbub.server import first, line
from hubbub.server.options import Options
from tests.server.serving import UPGRADE, Server, eventually, serving

GREETING = "Welcome to Hubbub! What is your name?"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a second for people takes a moment here."""
    monkeypatch.setattr(first, "GREET_SECONDS", 0.04)
    monkeypatch.setattr(first, "PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(first, "LONG_PAUSE_SECONDS", 0.08)
    monkeypatch.setattr(line, "PAUSE_SECONDS", 0.02)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


async def test_a_silent_client_is_greeted_and_may_then_give_its_name(server: Server) -> None:
    client = await server.line()
    assert await client.line() == GREETING
    client.say("ada")
    assert await client.line() == "Available rooms:"


async def test_who_speaks_first_is_not_greeted(server: Server) -> None:
    client = await server.line(b"ada\n")
    assert await client.line() == "Available rooms:"


async def test_who_has_begun_to_speak_is_not_greeted(server: Server) -> None:
    """A single letter: somebody types, letter by letter, and it is not yet a name."""
    client = await server.line(b"a")
    for letter in b"da\n":
        client.send(bytes([letter]))
        await client.writer.drain()
    assert await client.line() == "Available rooms:"


async def test_a_first_segment_without_an_end_is_a_name_after_a_pause(server: Server) -> None:
    client = await server.line(b"ada")
    assert await client.line() == "Available rooms:"


async def test_one_pause_is_enough_for_the_first_segment(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "PAUSE_SECONDS", 60.0)
    client = await server.line(b"ada")
    assert await client.line() == "Available rooms:"


async def test_letters_that_come_one_by_one_are_typed_and_no_pause_ends_them(
    server: Server,
) -> None:
    typed = await server.line(b"a")
    other = await server.line(b"ben")
    await eventually(lambda: len(server.context.admission) == 2)
    typed.send(b"d")
    await other.line()  # a pause is over
    other.send(b"General")
    await other.until("ben has joined the chat!")  # and another one
    typed.send(b"a\n")
    await typed.line()
    assert server.hub.users.get("ada") is not None


async def test_a_name_that_looks_like_another_protocol_takes_a_little_longer(
    server: Server,
) -> None:
    client = await server.line(b"GET")
    assert await client.line() == "Available rooms:"
    assert server.hub.users.get("get") is not None


@pytest.mark.parametrize(
    "begin, answer",
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"\x15\x03\x01\x00\x02\x02\x28"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", b"This server does not speak SSH.\r\n"),
    ],
)
async def test_protocols_that_are_not_served_are_told_so(
    server: Server, begin: bytes, answer: bytes
) -> None:
    client = await server.line(begin)
    assert (await client.rest()).startswith(answer)
    await server.connections(0)


@pytest.mark.parametrize("begin", [b"NICK ada\r\n", UPGRADE, b"SSH-2.0-x\r\n", b"ada\nGeneral\n"])
async def test_the_first_bytes_may_come_one_by_one(server: Server, begin: bytes) -> None:
    whole = await server.line(begin)
    answer = await whole.reader.readexactly(20)
    whole.abort()
    await server.connections(0)
    client = await server.line()
    for place in range(len(begin)):
        client.send(begin[place : place + 1])
        await client.writer.drain()
    assert await client.reader.readexactly(20) == answer


async def test_a_first_byte_without_a_second_has_so_long_and_no_longer() -> None:
    async with serving(Options(port=0, first_bytes_seconds=0.1)) as server:
        client = await server.line(b"x")
        assert await client.rest() == b"That took too long. Please connect again.\n"
        await server.connections(0)


async def test_a_silent_client_has_so_long_for_a_name_and_no_longer() -> None:
    async with serving(Options(port=0, name_seconds=0.1)) as server:
        client = await server.line()
        answer = (await client.rest()).decode()
        assert answer == f"{GREETING}\nThat took too long. Please connect again.\n"
        await server.connections(0)


@pytest.mark.parametrize("begin", [b"a b\n", b"\n\n", b"/help\n"])
async def test_who_gives_no_good_name_has_so_long_and_no_longer(begin: bytes) -> None:
    async with serving(Options(port=0, name_seconds=0.1)) as server:
        client = await server.line(begin)
        assert b"No name came within 0.1 s." in await client.rest()
        await server.connections(0)
        assert not server.hub.sessions


@pytest.mark.parametrize("behind", [b"", b"\x81\x85"])
async def test_a_websocket_without_a_hello_has_so_long_and_no_longer(behind: bytes) -> None:
    async with serving(Options(port=0, name_seconds=0.1)) as server:
        client = await server.raw_web(behind)
        answer = await client.rest()
        assert b'"too-slow"' in answer
        assert answer.endswith(b"\x88\x02\x03\xe8")


async def test_half_a_handshake_has_so_long_and_no_longer() -> None:
    async with serving(Options(port=0, name_seconds=0.1)) as server:
        client = await server.line(UPGRADE[:-4])
        assert await client.rest() == b""
        await server.connections(0)


async def test_who_has_a_name_may_be_silent_for_as_long_as_they_like() -> None:
    async with serving(Options(port=0, name_seconds=0.05, first_bytes_seconds=0.05)) as server:
        ada = await server.enter("ada")
        slow = await server.line()
        await slow.rest()
        ada.say("still here")
        await ada.until("ada: still here")


async def test_a_connection_that_ends_without_a_word_is_forgotten(server: Server) -> None:
    (await server.line()).close()
    (await server.line()).end()
    (await server.line(b"x")).abort()
    await server.connections(0)


async def test_more_first_bytes_than_any_protocol_needs_are_refused(server: Server) -> None:
    client = await server.line(b"x" * 50_000 + b"\nada\nGeneral\n")
    assert await client.line() == "This line is too long for a name. Please connect again."
    await server.connections(0)
    assert server.hub.users.get("ada") is None
