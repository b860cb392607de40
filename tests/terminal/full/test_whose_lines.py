"""Lines that wait belong to the name they were written under, whoever uses the client next."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hubbub.client import Address, NameRefused, Said
from hubbub.client.cache import Cache
from hubbub.domain.errors import NameTaken
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import FakeServer


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return open_cache(tmp_path)


def open_cache(folder: Path) -> Cache:
    return Cache.open(Address(host="example.org"), folder)


def said(server: FakeServer, room: str = "General") -> list[tuple[str, str]]:
    events = server.events(room)
    return [(event.by, event.text) for event in events if isinstance(event, Said)]


async def quit_with_lines(client: Client, *texts: str) -> None:
    """Writes what the server does not take, and ends."""
    client.server.takes = False
    for text in texts:
        await client.send(text)
    await client.press("ctrl+q")
    await client.until(lambda: client.app.return_value == 0)
    client.server.takes = True


async def test_they_wait_for_her_while_another_uses_the_client_and_are_sent_when_she_is_back(
    start: Starts, server: FakeServer, tmp_path: Path
) -> None:
    async with start("ada", cache=open_cache(tmp_path)) as client:
        await quit_with_lines(client, "one", "two")
    async with start("ben", cache=open_cache(tmp_path)) as client:
        await client.send("I am ben")
        await client.sees("ben: I am ben")
        await client.send("exit")
        await client.until(lambda: client.app.return_value == 0)
    assert said(server) == [("ben", "I am ben")]
    async with start("Ada", cache=open_cache(tmp_path)) as client:
        await client.sees(": two")
    assert said(server)[1:] == [("Ada", "one"), ("Ada", "two")]


async def test_a_name_that_is_refused_at_the_start_keeps_its_lines(
    start: Starts, server: FakeServer, tmp_path: Path
) -> None:
    async with start("ada", cache=open_cache(tmp_path)) as client:
        await quit_with_lines(client, "of ada")
    server.users["ada"] = "somebody else"
    async with start(None, None, cache=open_cache(tmp_path)) as client:
        await client.until(lambda: client.app.screen.query_one("#name").value)  # type: ignore[attr-defined]
        await client.press("enter")
        await client.sees("ada is taken.")
        await client.press("enter")  # ada2, as the server suggests
        await client.sees("Which room?")
        await client.press(*"General", "enter")
        await client.sees("Welcome to room General!")
        await client.send("I am ada2")
        await client.sees("ada2: I am ada2")
    assert said(server) == [("ada2", "I am ada2")]
    del server.users["ada"]
    async with start("ada", cache=open_cache(tmp_path)) as client:
        await client.sees("ada: of ada")
    assert said(server)[1:] == [("ada", "of ada")]


async def test_a_new_name_while_the_connection_is_lost_leaves_them_with_the_old_one(
    start: Starts, server: FakeServer, tmp_path: Path
) -> None:
    async with start("ada", cache=open_cache(tmp_path)) as client:
        await client.make("Random")
        await client.sees("Welcome to room Random!")
        await client.send("before")
        server.vanish()
        await client.sees("○ offline")
        await client.send("of ada")
        await client.sees("waiting")
        await client.send("/nick ben")
        await client.sees("A message is kept, to be sent when you are ada again.")
        await client.sees("ada: before")
        await client.send("of ben")
        await client.sees("ben: of ben")
        server.come_back()
        await client.until(lambda: client.conversation.user == "ben" and client.room.inside)
        await client.until(lambda: said(server, "Random")[1:] == [("ben", "of ben")])
        assert client.room.name == "Random"
        assert [room.name for room in client.conversation.rooms] == ["General", "Random"]
        await client.press("ctrl+q")
        await client.until(lambda: client.app.return_value == 0)
    async with start("ada", cache=open_cache(tmp_path)) as client:
        await client.until(lambda: said(server, "Random")[2:] == [("ada", "of ada")])


async def test_a_new_name_for_one_that_was_refused_leaves_them_with_the_old_one(
    start: Starts, server: FakeServer, tmp_path: Path
) -> None:
    async with start("ada", cache=open_cache(tmp_path)) as client:
        server.takes = False
        await client.send("of ada")
        client.chat._met = False
        server.takes = True
        client.chat.tell(NameRefused("ada", NameTaken("ada is taken."), 30.0))
        await client.sees("To go on under another name, type /nick NAME.")
        await client.send("/nick ada2")
        await client.sees("Your name is ada2 now")
        await client.sees("A message is kept, to be sent when you are ada again.")
        await client.send("of ada2")
        await client.sees("ada2: of ada2")
    assert said(server) == [("ada2", "of ada2")]


async def test_a_name_that_is_asked_for_again_keeps_its_lines_on_the_screen(
    start: Starts, server: FakeServer, cache: Cache
) -> None:
    async with start("ada", cache=cache) as client:
        server.vanish()
        await client.send("of ada")
        await client.send("/nick Ada")
        await client.sees("waiting")
        server.come_back()
        await client.until(lambda: [text for _, text in said(server)] == ["of ada"])


async def test_what_is_written_while_the_program_ends_is_refused_and_no_crash(
    start: Starts, server: FakeServer, cache: Cache
) -> None:
    async with start("ada", cache=cache) as client:
        closing = asyncio.Event()
        close = client.chat.close

        async def slow_close(*, patience: float = 5.0) -> None:
            client.chat.closed = True
            await closing.wait()
            await close(patience=patience)

        client.chat.close = slow_close  # type: ignore[method-assign]
        await client.press("ctrl+q")
        await client.until(lambda: client.chat.closed)
        await client.send("too late")
        await client.sees("The chat was closed.")
        closing.set()
        await client.until(lambda: client.app.return_value == 0)
    assert said(server) == []
