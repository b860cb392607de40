"""The line protocol on real sockets: netcat, telnet, scripts that end no line."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hubbub.server import first, line
from hubbub.server.options import Options
from hubbub.wire.line.codec import VOCABULARY
from tests.server.serving import LineClient, Server, eventually, serving


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr(first, "PAUSE_SECONDS", 0.03)
    monkeypatch.setattr(line, "PAUSE_SECONDS", 0.03)
    async with serving() as server:
        yield server


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
async def test_lines_end_as_the_clients_own_do(server: Server, end: bytes) -> None:
    client = await server.line(b"ada" + end)
    assert await client.until_bytes(end) == b"Available rooms:" + end
    client.send(b"General" + end + b"hello" + end + b"exit" + end)
    answer = await client.rest()
    assert answer.count(b"\r\n") == (answer.count(b"\n") if end == b"\r\n" else 0)
    assert answer.endswith(b"] ada: hello" + end)


async def test_a_client_that_ends_no_line_is_served(server: Server) -> None:
    client = await server.line(b"ada")
    assert await client.lines(2) == ["Available rooms:", "  General (0 users)"]
    client.send(b"General")
    await client.until("ada has joined the chat!")
    client.send(b"hello there")
    await client.until("ada: hello there")
    client.send(b"exit")
    assert await client.rest() == b""
    await server.connections(0)


async def test_a_pause_ends_no_line_of_who_has_ended_one(server: Server) -> None:
    client = await server.enter("ada")
    client.send(b"in two ")
    ben = await server.line(b"ben")  # ends no line: when he is served, a pause is over
    await ben.line()
    client.send(b"pieces\n")
    await client.until("ada: in two pieces")


async def test_telnets_options_are_no_text(server: Server) -> None:
    client = await server.line(b"\xff\xfd\x03\xff\xfb\x18ada\r\n\xff\xfa\x18\x00xterm\xff\xf0")
    client.send(b"General\r\nhel\xff\xf1lo\r\n")
    await client.until("ada: hello")


async def test_bytes_that_are_no_utf_8_become_a_mark_and_harm_nobody(server: Server) -> None:
    ben, ada = await server.enter("ben"), await server.enter("ada")
    ada.send(b"caf\xe9 \xf0\x9f\n")
    assert (await ben.until("\ufffd"))[-1] == "[…] ada: caf\ufffd \ufffd"


@pytest.mark.parametrize("last", [b"exit\n", b"exit", b"", b"said without an end"])
async def test_what_was_piped_in_is_done_before_the_connection_ends(
    server: Server, last: bytes
) -> None:
    """``printf … | nc``: the client ends its side at once, and still reads."""
    ben = await server.enter("ben")
    client = await server.line(b"ada\nGeneral\none\ntwo\n" + last)
    client.end()
    heard = (await client.rest()).decode().splitlines()
    assert [words.split("] ")[-1] for words in heard[3:]] == [
        "ben has joined the chat!",
        "ada has joined the chat!",
        "ada: one",
        "ada: two",
        *(["ada: said without an end"] if last.startswith(b"said") else []),
    ]
    await ben.until("ada has left the chat!")
    await server.connections(1)


async def test_a_name_alone_may_be_piped_in(server: Server) -> None:
    client = await server.line(b"ada")
    client.end()
    assert (await client.rest()).startswith(b"Available rooms:")


async def test_lines_may_come_byte_by_byte(server: Server) -> None:
    client = await server.line()
    for byte in "ada\r\nGeneral\r\nhé\r\nexit\r\n".encode():
        client.send(bytes([byte]))
        await client.writer.drain()
    assert (await client.rest()).decode().endswith("ada: hé\r\n")


async def test_many_lines_may_come_at_once(server: Server) -> None:
    client = await server.enter("ada")
    client.send("".join(f"text {number}\n" for number in range(3000)))
    heard = await client.until("text 2999")
    assert heard == [f"[…] ada: text {number}" for number in range(3000)]


async def test_a_line_that_is_too_long_is_refused_and_the_next_one_is_said(
    server: Server,
) -> None:
    client = await server.enter("ada")
    client.send(b"x" * 100_000)
    client.send(b"x" * 100_000 + b"\nshort\n")
    assert "longer than 32,768 bytes" in await client.line()
    assert await client.line() == "[…] ada: short"


async def test_a_taken_name_is_asked_for_again(server: Server) -> None:
    await server.enter("ada")
    client = await server.line(b"Ada\n")
    assert await client.lines(2) == [
        'The name "ada" is in use, maybe by you on another device. '
        'It will be free after signing out there. "Ada2" is free now.',
        "What is your name?",
    ]
    client.say("Ada2")
    assert await client.line() == "Available rooms:"


async def test_a_lost_connection_and_exit_leave_one_line_each(server: Server) -> None:
    eve = await server.enter("eve")
    for name, leave in (("ada", LineClient.abort), ("ben", LineClient.close)):
        leave(await server.enter(name))
        await eve.until(f"{name} has left the chat!")
    (await server.enter("zoe")).say("exit")
    assert (await eve.until("zoe has left the chat!"))[-2:] == [
        "[…] zoe has joined the chat!",
        "[…] zoe has left the chat!",
    ]


async def test_who_sends_on_after_exit_harms_nobody(server: Server) -> None:
    ben = await server.enter("ben")
    for _ in range(5):
        client = await server.line(b"ada\nGeneral\nexit\n" + b"more\n" * 10_000)
        await client.rest()
    await server.connections(1)
    ben.say("done")
    heard = await ben.until("ben: done")
    assert not [words for words in heard if "more" in words]


async def test_the_help_comes_in_its_place_among_the_answers(server: Server) -> None:
    client = await server.enter("ada")
    client.send(b"one\n/help\ntwo\n/who\n")
    heard = await client.until("In General (1 user): ada")
    assert heard[0] == "[…] ada: one"
    assert heard[-2] == "[…] ada: two"
    assert VOCABULARY.help_lines()[-1] in heard


async def test_a_refused_connection_is_told_why_and_counts_no_more() -> None:
    """This computer has twice as many as the setting says."""
    async with serving(Options(port=0, sessions_per_address=1)) as server:
        ada, ben = await server.enter("ada"), await server.enter("ben")
        eve = await server.line()
        assert b"2 connections from your address" in await eve.rest()
        ada.close()
        await server.connections(1)
        await server.enter("eve")
        assert await ben.until("eve has joined the chat!")


async def test_there_are_so_many_connections_in_all_and_no_more() -> None:
    async with serving(Options(port=0, sessions_per_address=0, sessions=2)) as server:
        ada, web = await server.enter("ada"), await server.raw_web()
        assert b"as many connections as it can take" in await (await server.line()).rest()
        web.abort()
        await server.connections(1)
        await server.enter("eve")
        await ada.until("eve has joined the chat!")


async def test_a_refused_connection_holds_nobodys_place(server: Server) -> None:
    """Connections that end at once, and those that are refused, leave the counts right."""
    for _ in range(50):
        (await server.line()).abort()
    await eventually(lambda: len(server.context.admission) == 0)
    assert [client.connections for client in server.hub.clients] == [0]
