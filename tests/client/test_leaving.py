"""The end of the block, however it comes: lines just said are saved, or one is told which not."""

from __future__ import annotations

import asyncio
import socket

import pytest

from hubbub.client import (
    Address,
    ChatClosed,
    Disconnected,
    Line,
    LineState,
    connect,
    connecting,
    dialing,
    opening,
)
from hubbub.client.connection import Connection
from hubbub.domain.replies import Goodbye, Reply
from tests.client.scripted import ScriptedServer
from tests.client.test_chat import until
from tests.patience import PATIENCE_SECONDS


class Unheard(BaseException):
    """Not even an `Exception`."""


ENDS = [
    ZeroDivisionError(),
    SystemExit(3),
    KeyboardInterrupt(),
    asyncio.CancelledError(),
    Unheard(),
]


@pytest.mark.parametrize("error", ENDS, ids=lambda error: type(error).__name__)
async def test_lines_said_just_before_an_error_are_saved(
    error: BaseException, server: ScriptedServer
) -> None:
    lines: list[Line] = []

    async def talk() -> None:
        async with connect(server.address, user="ada") as chat:
            await chat.join("General")
            lines.extend(chat.send("General", text) for text in "abc")
            raise error

    with pytest.raises(type(error)):
        await talk()
    assert server.model.texts() == ["a", "b", "c"]
    assert {line.state for line in lines} == {LineState.SAVED}


async def test_lines_said_just_before_a_cancel_are_saved(server: ScriptedServer) -> None:
    said = asyncio.Event()

    async def talk() -> None:
        async with connect(server.address, user="ada") as chat:
            await chat.join("General")
            chat.send("General", "a")
            said.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(talk())
    await said.wait()
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()
    assert server.model.texts() == ["a"]


async def test_lines_are_saved_though_the_connection_is_lost_just_then(
    server: ScriptedServer,
) -> None:
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        await server.stop()
        await until(chat, Disconnected)
        chat.send("General", "a")
        await server.start()
    assert server.model.texts() == ["a"]


@pytest.mark.parametrize("error", [ZeroDivisionError(), asyncio.CancelledError(), None])
async def test_lines_that_were_not_saved_are_told_of(
    error: BaseException | None,
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(connecting, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(connecting, "HURRIED_SECONDS", 0.0)

    async def talk() -> None:
        async with connect(server.address, user="ada") as chat:
            await chat.join("General")
            server.deaf = True
            lines.append(chat.send("General", "to nobody"))
            chat.send("General", "two")
            if error:
                raise error

    lines: list[Line] = []
    if error is None:
        await talk()
    else:
        with pytest.raises(type(error)):
            await talk()
    with pytest.raises(ChatClosed):
        await lines[0].saved()
    (told,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told.startswith("2 lines were not saved")
    assert "General: 'to nobody'" in told


async def test_an_impatient_second_cancel_ends_at_once_and_tells(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    said, ending = asyncio.Event(), asyncio.Event()

    async def talk() -> None:
        async with connect(server.address, user="ada") as chat:
            await chat.join("General")
            server.deaf = True
            chat.send("General", "a")
            said.set()
            try:
                await asyncio.Event().wait()
            finally:
                ending.set()

    task = asyncio.create_task(talk())
    await said.wait()
    task.cancel()
    await ending.wait()
    task.cancel()
    done, _ = await asyncio.wait((task,), timeout=PATIENCE_SECONDS)
    assert done
    assert "One line was not saved" in caplog.text


async def test_a_program_that_closes_the_chat_itself_is_not_told_what_it_knows(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        server.deaf = True
        chat.send("General", "a")
        await chat.close(patience=0)
    assert "not saved" not in caplog.text


@pytest.fixture
def dialed(monkeypatch: pytest.MonkeyPatch) -> list[socket.socket]:
    """The sockets of all connections to servers."""
    found: list[socket.socket] = []

    async def dial(host: str, port: int) -> socket.socket:
        found.append(await dialing.dial(host, port))
        return found[-1]

    monkeypatch.setattr(opening, "dial", dial)
    return found


async def test_a_server_that_says_goodbye_and_hangs_then_leaves_no_socket_open(
    server: ScriptedServer, dialed: list[socket.socket]
) -> None:
    def hang(reply: Reply) -> None:
        if isinstance(reply, Goodbye):
            server.stop_listening_to_anyone()

    server.on_reply = hang
    async with connect(server.address, user="ada"):
        pass
    (one,) = dialed
    assert one.fileno() == -1
    server.cut()


@pytest.mark.parametrize("turns", range(4))
async def test_whoever_is_cancelled_while_a_connection_is_closed_leaves_no_socket_open(
    server: ScriptedServer, dialed: list[socket.socket], turns: int
) -> None:
    connection = await Connection.open(Address(port=server.port))
    server.stop_listening_to_anyone()
    closing = asyncio.create_task(connection.close())
    for _ in range(1 + turns):
        await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait((closing,))
    assert closing.cancelled()
    await asyncio.sleep(0)  # the loop closes a socket with its next turn
    (one,) = dialed
    assert one.fileno() == -1
    server.cut()
