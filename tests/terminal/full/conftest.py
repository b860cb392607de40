"""The client on a screen in memory, with a fake server; and a zone in which times are known."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from textual.pilot import Pilot

from hubbub.client import Address
from hubbub.credentials import qr
from hubbub.terminal.full.app import FullScreen
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.ports import CachePort
from hubbub.terminal.full.screens.room import RoomScreen
from hubbub.terminal.full.widgets.entry import Entry
from tests.patience import PATIENCE_SECONDS
from tests.terminal.full.fake import FakeCache, FakeChat, FakeServer


class Client:
    """The client, with what tests want to press and see."""

    def __init__(self, app: FullScreen, pilot: Pilot[int], server: FakeServer) -> None:
        self.app = app
        self.pilot = pilot
        self.server = server

    @property
    def conversation(self) -> Conversation:
        assert self.app.conversation is not None
        return self.app.conversation

    @property
    def chat(self) -> FakeChat:
        chat = self.conversation.chat
        assert isinstance(chat, FakeChat)
        return chat

    @property
    def room(self) -> Room:
        room = self.conversation.rooms.current
        assert room is not None
        return room

    @property
    def entry(self) -> Entry:
        return self.app.screen.query_one(Entry)

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits for ``condition``; fails when it does not come about in some seconds."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await self.pilot.pause(0.01)

    async def write(self, text: str) -> None:
        """Puts a text into the input, as typing does."""
        self.entry.insert(text)
        await self.pilot.pause()

    async def send(self, text: str) -> None:
        """Writes a text and presses Enter."""
        await self.write(text)
        await self.press("enter")

    async def make(self, room: str) -> None:
        """Goes to a room that is not there yet, and says that it is to be made."""
        await self.send(f"/join {room}")
        await self.sees(f"Create # {room}")
        await self.press("enter")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def screen(self) -> str:
        """What is on the screen."""
        return "\n".join(self.rows())

    def rows(self) -> list[str]:
        strips = self.app.screen._compositor.render_strips()
        return [strip.text.rstrip() for strip in strips]

    async def sees(self, text: str) -> None:
        """Waits until ``text`` is on the screen."""
        try:
            await self.until(lambda: text in self.screen())
        except TimeoutError:
            raise AssertionError(f"there is no {text!r} on\n{self.screen()}") from None

    async def sees_no(self, text: str) -> None:
        await self.until(lambda: text not in self.screen())


class Starts(Protocol):
    def __call__(
        self,
        user: str | None = "ada",
        room: str | None = "General",
        *,
        size: tuple[int, int] = (100, 30),
        cache: CachePort | None = None,
        password: str | None = None,
    ) -> contextlib.AbstractAsyncContextManager[Client]: ...


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def start(server: FakeServer, tmp_path: Path) -> Iterator[Starts]:
    caches: list[CachePort] = []

    @contextlib.asynccontextmanager
    async def start(
        user: str | None = "ada",
        room: str | None = "General",
        *,
        size: tuple[int, int] = (100, 30),
        cache: CachePort | None = None,
        password: str | None = None,
    ) -> AsyncIterator[Client]:
        kept = cache or FakeCache()
        caches.append(kept)
        app = FullScreen(
            Address(host="example.org"),
            user,
            room,
            open_cache=lambda: kept,
            open_chat=lambda resume: FakeChat(server, resume),
            preferences_path=tmp_path / "terminal.json",
            password=password,
            draw=qr.lines,
        )
        if sys.version_info >= (3, 12):  # as Textual does where it is not a test
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        try:
            async with app.run_test(size=size) as pilot:
                client = Client(app, pilot, server)
                await client.until(lambda: app.conversation is not None)
                if user and room:
                    await client.until(lambda: isinstance(app.screen, RoomScreen))
                    if server.online:
                        await client.until(lambda: client.room.inside)
                await pilot.pause()
                yield client
        finally:
            kept.close()  # as the client does that is ended by its person

    yield start
    # Who does not quit, but is there until the test ends, has left the cache open.
    for kept in caches:
        kept.close()
