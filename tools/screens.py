"""Records screens of the terminal client for the docs: `python -m tools.screens [PNG_FOLDER]`.

Starts a server, lets three people talk, and saves what ada sees as SVG in docs/images. In
PNG_FOLDER each is also rendered to a PNG (by Chromium, where there is one), to look at.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from textual.pilot import Pilot

from hubbub.client import Address, Chat, connect
from hubbub.client.resume import Resume
from hubbub.terminal.full.app import FullScreen
from hubbub.terminal.full.model.room import Room
from tests.process import ServerProcess

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WAIT_SECONDS = 10.0

TALK = (
    ("ben", "Morning! The new build is up: https://example.org/builds/214 (the logs, too)"),
    ("eve", "Nice. ada, could you look at the *release notes* when you are in?"),
    (
        "ben",
        "> do we keep the old port?\nYes, with this in `hubbub.toml`:\n```toml\nport = 8080\n```",
    ),
    ("eve", "日本語 and العربية and emoji 🎉 are fine in here, by the way."),
    ("ben", "Seen from the tram: it works on a phone's terminal, 40×10."),
)


async def until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    """Waits until ``condition`` holds."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():
            await pilot.pause(0.02)


async def talk(ben: Chat, eve: Chat) -> None:
    """A little conversation, the last line of which answers the first."""
    seqs = []
    for who, text in TALK:
        ack = await (ben if who == "ben" else eve).say("General", text)
        seqs.append(ack.seq)
    for chat in (ben, eve):
        await chat.react("General", seqs[0], "🎉")
    await ben.edit("General", seqs[-1], TALK[-1][1].replace("40×10", "even of 40×10"))
    await eve.say("General", "It starts in _half_ the time here.", reply_to=seqs[0])


@contextlib.asynccontextmanager
async def full_screen(
    address: Address, folder: Path, size: tuple[int, int], name: str | None, room: str | None
) -> AsyncIterator[tuple[FullScreen, Pilot[int]]]:
    """The client on a screen that is only in memory."""
    from hubbub.client.cache import Cache

    def open_chat(resume: Resume) -> Chat:
        return Chat(address, resume=resume, persistent=True)

    app = FullScreen(
        address,
        name,
        room,
        open_cache=lambda: Cache.open(address, folder),
        open_chat=open_chat,
        preferences_path=folder / "terminal.json",
    )
    async with app.run_test(size=size) as pilot:
        yield app, pilot
        app.end(leave_rooms=True)
        await until(pilot, lambda: app.return_value is not None or not app.is_running)


def save(app: FullScreen, name: str) -> None:
    """Saves what is on the screen."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    path = IMAGES / f"{name}.svg"
    path.write_text(app.export_screenshot(title="hubbub chat"), encoding="utf-8")
    print(path)
    chromium = shutil.which("chromium")
    if len(sys.argv) > 1 and chromium:
        flags = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1300,800"]
        shot = f"--screenshot={Path(sys.argv[1], name).with_suffix('.png')}"
        subprocess.run([chromium, *flags, shot, str(path)], check=True, capture_output=True)


async def record(server: ServerProcess, folder: Path) -> None:
    """All screens, in the order in which one meets them."""
    address = Address.parse(f"127.0.0.1:{server.port}")
    async with connect(address, user="ben") as ben, connect(address, user="eve") as eve:
        for chat in (ben, eve):
            for room in ("General", "Random"):
                await chat.join(room)
        await talk(ben, eve)
        await record_ada(address, folder, ben, eve)


async def record_ada(address: Address, folder: Path, ben: Chat, eve: Chat) -> None:
    """What ada sees."""
    async with full_screen(address, folder, (100, 28), None, None) as (app, pilot):
        await pilot.pause()
        await pilot.press(*"ada", "enter")
        await until(pilot, lambda: app.conversation is not None and bool(app.finding.rooms))
        await pilot.press(*"Ge")
        await pilot.pause(0.3)
        save(app, "terminal-questions")
        await pilot.press("tab", "enter")
        room = await room_of(app, pilot)
        await pilot.press(*"/join Random", "enter")
        await until(
            pilot, lambda: app.conversation is not None and len(app.conversation.rooms) == 2
        )
        await pilot.pause(0.5)
        await pilot.press("alt+1")
        await ben.say("Random", "ada: there is cake in the kitchen 🍰")
        await pilot.press(*"Good morning, I am on it.", "enter")
        await until(pilot, lambda: not room.own and room.shown > 0)
        await pilot.press(*"And thank you ", *":tad", "tab")
        await pilot.pause(0.5)
        save(app, "terminal-room")
        await pilot.press("ctrl+u", *"/")
        await pilot.pause(0.4)
        save(app, "terminal-completion")
        await pilot.press("ctrl+u", "alt+up", "up")
        await pilot.pause(0.4)
        save(app, "terminal-answer")
        await pilot.press("escape")
        await pilot.press("ctrl+u", "escape", "ctrl+f", *"open")
        await pilot.pause(0.4)
        save(app, "terminal-search")
        await pilot.press("escape", "f2")
        app.set_theme("light")
        await pilot.pause(0.4)
        save(app, "terminal-light-compact")
        await pilot.press("f2")
        app.set_theme("dark")
        await pilot.press("f1")
        await pilot.pause(0.4)
        save(app, "terminal-help")
        await pilot.press("escape")
        await pilot.resize_terminal(40, 10)
        await pilot.pause(0.4)
        save(app, "terminal-small")


async def room_of(app: FullScreen, pilot: Pilot[int]) -> Room:
    """The room on the screen, once we are in it."""
    await until(pilot, lambda: app.conversation is not None and len(app.conversation.rooms) > 0)
    assert app.conversation is not None
    room = app.conversation.rooms.current
    assert room is not None
    await until(pilot, lambda: room.inside)
    return room


def main() -> None:
    """Records all screens."""
    os.environ["COLORTERM"] = "truecolor"
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        data.mkdir()
        with ServerProcess(data) as server:
            asyncio.run(record(server, Path(folder, "ada")))


if __name__ == "__main__":
    main()
