"""Errors of a kind that nobody expects, in each part of a chat: all who wait hear of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from hubbub.client import (
    Chat,
    ChatClosed,
    ChatFailed,
    Disconnected,
    Entered,
    LineState,
    NameRefused,
    connect,
)
from hubbub.client.pending import Pending
from tests.client.scripted import ScriptedServer


class Unheard(BaseException):
    """Not even an `Exception`."""


ERRORS = [
    AssertionError(),
    RecursionError("maximum recursion depth exceeded"),
    MemoryError(),
    BaseExceptionGroup("several", [Unheard("first"), KeyError("second")]),
    Unheard("unheard of"),
]
each_kind = pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)


def say(server: ScriptedServer, chat: Chat) -> None:
    server.model.say("General", "ben", "hi")


def cut(server: ScriptedServer, chat: Chat) -> None:
    server.deaf = False
    server.cut()


def read(server: ScriptedServer, chat: Chat) -> None:
    chat.read("General", 1)


def hurry(server: ScriptedServer, chat: Chat) -> None:
    chat.reconnect_now()


PLACES: dict[str, Callable[[ScriptedServer, Chat], None]] = {
    # Where it is planted, and what makes the chat come there.
    "connection.Connection.receive": say,
    "connection.Connection.send": read,
    "connection.Connection.answers": hurry,
    "connection.Connection.open": cut,
    "greeting.Greeting.exchange": cut,
    "backoff.Backoff.pause": cut,
    "protocol.Protocol.receive": say,
    "protocol.Protocol.commands": read,
    "protocol.Protocol.due": read,
    "protocol.Protocol.connected": cut,
    "protocol.Protocol.disconnected": cut,
    "watch.Watch.heard": say,
    "inbox.Inbox.put": say,
    "inbox.Inbox.admits": say,
    "session.Session._wait_after_loss": cut,
}


async def taken_up_to(chat: Chat, kind: type) -> None:
    async for update in chat:
        if isinstance(update, kind):
            return


@each_kind
@pytest.mark.parametrize("place", PLACES)
async def test_everyone_who_waits_hears_of_it_and_no_line_is_lost(
    place: str, error: BaseException, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    async def talk() -> None:
        async with connect(server.address, user="ada") as chat:
            await chat.join("General")
            await taken_up_to(chat, Entered)
            server.deaf = True
            line = chat.send("General", "one")
            heard: list[str] = []
            line.result.then(lambda: heard.append(line.state.name))
            waiting = [
                asyncio.ensure_future(one)
                for one in (
                    line.saved(),
                    chat.say("General", "two"),
                    chat.join("Tea"),
                    chat.rooms(),
                    chat.ping(),
                    chat.drain(),
                    taken_up_to(chat, NameRefused),
                )
            ]
            await server.until(lambda: len(server.commands) >= 6)
            monkeypatch.setattr(f"hubbub.client.{place}", fail)
            PLACES[place](server, chat)
            await asyncio.wait(waiting)
            for one in waiting:
                failure = one.exception()
                assert isinstance(failure, ChatFailed), one
                assert "Please report it." in str(failure)
                assert failure.__cause__ is not None
            assert heard == ["FAILED"]
            assert not chat.online
            assert [line.text for line in chat.unsent] == ["one", "two"]
            assert [unsent.text for unsent in chat.resume().unsent] == ["one", "two"]
            for verb in (chat.rooms, chat.drain, lambda: chat.hello("ben")):
                with pytest.raises(ChatFailed):
                    await verb()
            with pytest.raises(ChatFailed):
                chat.send("General", "three")

    with pytest.raises(ChatFailed):
        await talk()


@each_kind
async def test_whoever_waits_to_be_greeted_hears_of_it(
    error: BaseException, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    async def talk() -> None:
        async with connect(server.address) as chat:
            monkeypatch.setattr("hubbub.client.protocol.Protocol.hello", fail)
            with pytest.raises(ChatFailed):
                await chat.hello("ada")

    with pytest.raises(ChatFailed):
        await talk()


async def test_waiting_for_a_name_hears_of_a_connection_that_fails(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("hubbub.client.connection.Connection.lost", fail)
    with pytest.raises(ChatFailed):
        async with connect(server.address) as chat:
            await taken_up_to(chat, Entered)


async def test_the_program_own_error_is_more_to_the_point_than_the_chats(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise AssertionError

    async def talk() -> None:
        async with connect(server.address, user="ada") as chat:
            monkeypatch.setattr("hubbub.client.connection.Connection.open", fail)
            server.cut()
            with pytest.raises(ChatFailed):
                await taken_up_to(chat, Entered)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await talk()


async def test_what_goes_wrong_in_connecting_is_a_server_that_is_not_reached(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise AssertionError("odd")

    async with connect(server.address, user="ada") as chat:
        with monkeypatch.context() as patch:
            patch.setattr("hubbub.client.opening.dial", fail)
            server.cut()
            async for update in chat:
                if isinstance(update, Disconnected) and update.code == "unreachable":
                    assert "AssertionError: odd" in update.reason
                    break
        await chat.join("General")


async def test_a_chat_that_is_closed_at_once_ends_its_updates_and_its_connection(
    server: ScriptedServer,
) -> None:
    async with connect(server.address) as chat:
        pass
    assert [update async for update in chat] == []
    await server.until(lambda: not server.model.peers)
    async with connect(server.address, persistent=True) as chat:
        pass
    assert [update async for update in chat] == []


async def test_lines_that_were_not_saved_when_it_was_closed_are_still_there(
    server: ScriptedServer,
) -> None:
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        server.deaf = True
        line = chat.send("General", "one")
        await chat.close(patience=0)
    assert line.state is LineState.FAILED
    assert chat.unsent == [line]
    kept = chat.resume()
    server.deaf = False
    async with connect(server.address, resume=kept) as chat:
        await chat.drain()
    assert server.model.texts() == ["one"]
    with pytest.raises(ChatClosed):
        await chat.rooms()


@each_kind
@pytest.mark.parametrize("settled", [False, True])
async def test_an_error_in_a_callback_is_the_event_loops_and_others_hear_all_the_same(
    error: BaseException, settled: bool
) -> None:
    told: list[object] = []
    heard: list[int] = []

    def fail() -> None:
        raise error

    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    pending: Pending[int] = Pending()
    waiting = asyncio.ensure_future(pending.wait())
    await asyncio.sleep(0)
    if settled:
        pending.resolve(1)
    pending.then(fail)
    pending.then(lambda: heard.append(1))
    pending.resolve(1)
    assert await waiting == 1
    assert heard == [1]
    assert [context["exception"] for context in told] == [error]  # type: ignore[index]


async def test_an_error_in_a_lines_callback_harms_neither_the_chat_nor_other_lines(
    server: ScriptedServer,
) -> None:
    told: list[object] = []

    def fail() -> None:
        raise IndexError

    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: told.append(context["exception"])
    )
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        line = chat.send("General", "one")
        line.result.then(fail)
        await line.saved()
        await chat.say("General", "two")
    assert server.model.texts() == ["one", "two"]
    assert [type(error) for error in told] == [IndexError]
