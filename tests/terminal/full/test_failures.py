"""Errors that nobody expects, in each part of the client: it ends, says why, and loses no line."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from hubbub.client import ChatFailed, Held
from hubbub.terminal.full.tasks import Tasks
from hubbub.terminal.running import sentence
from tests.process import ServerProcess
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import FakeCache, FakeChat, FakeServer
from tests.terminal.full.tmux import Terminal, needs_tmux
from tests.terminal.planted import failing, find


async def hear(client: Client) -> None:
    client.server.say("ben", "hi")


async def write(client: Client) -> None:
    client.app.room_screen._typed_at = 0.0
    await client.press("x")


async def send(client: Client) -> None:
    await client.send("said")


async def settle(client: Client) -> None:
    client.server.takes = True
    client.chat._send_all()


def order(command: str) -> Callable[[Client], Awaitable[None]]:
    async def give(client: Client) -> None:
        await client.send(command)

    return give


async def lose(client: Client) -> None:
    client.server.vanish()
    await client.make("Later")


async def tell(client: Client) -> None:
    client.chat.tell(Held("full", 1.0))


async def tick(client: Client) -> None:
    client.app.room_screen.draw_soon()


@contextlib.asynccontextmanager
async def fails(
    start: Starts, user: str | None = "ada", *, cache: FakeCache | None = None
) -> AsyncIterator[Client]:
    """A client that fails by what is done in the block. Textual raises it at the end."""
    with contextlib.suppress(AssertionError, KeyError, RuntimeError, ChatFailed):
        async with start(user, "General" if user else None, cache=cache) as client:
            yield client
            await client.until(lambda: client.app.failure is not None)
    assert client.app.failure is not None


FULL = "hubbub.terminal.full"
FAKE = "tests.terminal.full.fake"
PLACES: dict[str, Callable[[Client], Awaitable[None]]] = {
    # The task that takes updates
    f"{FULL}.update_reader.UpdateReader._happened": hear,
    f"{FULL}.update_reader.UpdateReader._take": tell,
    f"{FAKE}.FakeCache.add": hear,
    # Widgets, timers, keys
    f"{FULL}.screens.room.RoomScreen.draw": tick,
    f"{FULL}.widgets.status.StatusLine.show_state": tick,
    f"{FAKE}.FakeChat.typing": write,
    f"{FAKE}.FakeChat.send": send,
    f"{FAKE}.FakeCache.keep_lines": send,
    # Tasks beside the screen
    f"{FAKE}.FakeChat.list_rooms": order("/rooms"),
    f"{FAKE}.FakeChat.search": order("/search tea"),
    f"{FAKE}.FakeChat.leave": order("/leave Tea"),
    f"{FULL}.loading.Loading.to": order("/history 5"),
    f"{FULL}.account_orders.rename": order("/nick eve"),
    f"{FULL}.joining.Joining._enter": lose,
    # Callbacks
    f"{FULL}.conversation.Conversation._completed": settle,
}


def reason(client: Client) -> str:
    """What the person is told."""
    assert client.app.failure is not None
    return sentence(client.app.failure)


@pytest.mark.parametrize("place", PLACES)
async def test_the_client_ends_and_no_line_is_lost(
    place: str, start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FakeCache()
    with monkeypatch.context() as patch:
        async with fails(start, cache=cache) as client:
            await client.make("Tea")
            await client.sees("Welcome to room Tea!")
            server.takes = False
            await client.send("of ada")
            owner, name = find(place)
            patch.setattr(owner, name, failing(getattr(owner, name), "AssertionError"))
            await PLACES[place](client)
    told = await client.app.finish()
    assert "Hubbub itself: AssertionError (in planted.py, line" in reason(client)
    kept = [unsent.text for unsent in cache.kept.unsent] if cache.kept else []
    if server.takes:  # it was the callback of the line that was saved
        return
    assert "of ada" in kept
    assert told[0].endswith("not sent yet, and kept for the next start.")
    assert cache.closed


async def test_a_chat_that_fails_ends_the_client_in_its_sentence(
    start: Starts, server: FakeServer
) -> None:
    cache = FakeCache()
    async with fails(start, cache=cache) as client:
        server.takes = False
        await client.send("of ada")
        client.chat.fail(ChatFailed(AssertionError()))
    assert reason(client) == (
        "The chat was ended by an error in Hubbub itself: AssertionError. Please report it."
    )
    assert await client.app.finish() == [
        "One message is not sent yet, and kept for the next start."
    ]
    assert cache.kept is not None
    assert [unsent.text for unsent in cache.kept.unsent] == ["of ada"]


@pytest.mark.parametrize("place", ["FakeCache.keep_resume", "FakeCache.keep_lines"])
async def test_lines_that_cannot_be_kept_are_shown_at_the_end(
    place: str, start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fails(start) as client:
        server.takes = False
        await client.send("of ada")
        owner, name = find(f"{FAKE}.{place}")
        monkeypatch.setattr(owner, name, failing(getattr(owner, name), "AssertionError"))
        await client.press("ctrl+q")
    assert await client.app.finish() == [
        "These messages may not be sent, and are not kept for the next start:",
        "(not sent) of ada",
    ]
    assert client.chat.closed, "the server was told that we are gone"


@pytest.mark.parametrize("place", ["FakeChat.start", "FakeChat.hello"])
async def test_an_error_before_there_is_a_room_ends_the_client(
    place: str, start: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name = find(f"{FAKE}.{place}")
    monkeypatch.setattr(owner, name, failing(getattr(owner, name), "Unheard"))
    async with fails(start, None) as client:
        await client.press(*"ada", "enter")
    assert "Unheard: unheard of" in reason(client)


async def test_an_error_of_a_name_that_comes_late_ends_the_client(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FakeCache()
    async with start("ada", cache=cache) as client:
        await client.press("ctrl+q")
        await client.until(lambda: client.app.return_value == 0)
    server.vanish()

    async def hello(self: FakeChat, name: str, **_: object) -> str:
        await server.reachable.wait()
        raise KeyError(name)

    monkeypatch.setattr(FakeChat, "hello", hello)
    async with fails(start, cache=cache) as client:
        server.come_back()
    assert "KeyError: 'ada'" in reason(client)


async def test_a_task_begins_when_its_caller_is_through() -> None:
    order: list[str] = []
    failed: list[BaseException] = []

    async def work() -> None:
        order.append("work")

    task = Tasks(failed.append).start(work())
    order.append("caller")
    await task
    assert (order, failed) == (["caller", "work"], [])


# In a real terminal

PLANTED = """
import sys
from tests.terminal.planted import main
words = [sys.argv[1]]
try:
    main({place!r}, {error!r}, "chat", *words)
except SystemExit as end:
    open(sys.argv[2], "w").write(str(end.code))
    raise
"""


_names = itertools.count()  # one may be held for somebody whose goodbye was lost


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("server") / "data", "--rate-limit", "0") as server:
        yield server


@needs_tmux
@pytest.mark.parametrize("error", ["AssertionError", "Unheard"])
@pytest.mark.parametrize(
    "place",
    [
        "hubbub.client.connection.Connection.open",
        "hubbub.client.protocol.Protocol.receive",
        "hubbub.client.cache.Cache.add",
        "hubbub.terminal.full.joining.Joining.join",
    ],
)
def test_the_terminal_is_given_back_with_a_sentence(
    place: str, error: str, process: ServerProcess, tmp_path: Path
) -> None:
    with Terminal(
        f"ada{next(_names)}@127.0.0.1:{process.port}/General",
        tmp_path,
        size=(160, 30),
        program=PLANTED.format(place=place, error=error),
    ) as ada:
        ada.sees(f"Hubbub itself: {error}")
        screen = ada.sees("Please report it.")
        assert "Traceback" not in screen
        assert ada.ended() == 1
