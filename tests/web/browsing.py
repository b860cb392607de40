"""People at the web page, in Debian's Chromium, and those whom they meet there."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect
from websockets.sync.client import ClientConnection, connect

from tests.patience import PATIENCE_SECONDS
from tests.process import clean_environment

PATIENCE_MS = PATIENCE_SECONDS * 1000

COMMANDS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # root has none; what is opened here is ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# How many lines that wait are kept in the browser.
LINES = """() => new Promise((resolve) => {
  indexedDB.open("hubbub").onsuccess = ({ target: { result: database } }) => {
    database.transaction("lines").objectStore("lines").count().onsuccess = (event) => {
      database.close();
      resolve(event.target.result);
    };
  };
})"""

expect.set_options(timeout=PATIENCE_MS)


def chromium() -> str | None:
    """Where the browser is, if it is installed."""
    return next(filter(None, map(shutil.which, COMMANDS)), None)


def launch(playwright: Playwright) -> Browser:
    """A browser without a window."""
    return playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))


class Person:
    """Somebody at the page, in a browser profile of their own."""

    def __init__(self, context: BrowserContext, url: str, name: str) -> None:
        self.context = context
        self.url = url
        self.name = name
        self.problems: list[str] = []
        self.page = self.tab()

    def tab(self) -> Page:
        """Another tab; what goes wrong in it is noted."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.problems.append(f"{error}\n{error.stack}"))
        page.on(
            "console",
            lambda message: (
                self.problems.append(message.text)
                if "Content Security Policy" in message.text or "Trusted" in message.text
                else None
            ),
        )
        return page

    def open(self, place: str = "") -> None:
        """Opens the page, at a place like ``#/General``."""
        self.page.goto(self.url + place)

    def enter(self, room: str) -> None:
        """Comes for the first time, by a link to a room."""
        self.open(f"#/{room}")
        self.page.locator("#name").fill(self.name)
        self.page.keyboard.press("Enter")
        self.inside()

    def inside(self) -> None:
        """Waits until the room is there."""
        expect(self.page.locator(".facts")).to_have_text(re.compile(r"\d here"))

    def say(self, text: str) -> None:
        """Writes a text of one line and sends it."""
        self.page.locator("#message").fill(text)
        self.page.locator("#message").press("Enter")

    def hears(self, *texts: str) -> None:
        """Waits until each of the texts is there, saved, once."""
        for text in texts:
            shown = self.page.locator(".said[data-seq] .text", has_text=text)
            expect(shown).to_have_count(1)

    @property
    def texts(self) -> list[str]:
        """What is in the timeline, saved or not."""
        return self.page.locator(".said .text").all_inner_texts()

    @property
    def seqs(self) -> list[int]:
        """The numbers of the messages that are shown."""
        shown = self.page.locator("[data-seq].said").all()
        return [int(row.get_attribute("data-seq") or 0) for row in shown]


def until(holds: Callable[[], bool], what: str = "", page: Page | None = None) -> None:
    """Waits for what no element tells of; what ``page`` has us do is done meanwhile."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"this never came: {what or holds}")
        if page is None:
            time.sleep(0.02)
        else:
            page.wait_for_timeout(20)


class Netcat:
    """Somebody with a bare socket."""

    def __init__(self, address: tuple[str, int], name: str, room: str) -> None:
        self._socket = socket.create_connection(address, PATIENCE_SECONDS)
        self._file = self._socket.makefile("rb")
        self._socket.sendall(f"{name}\n{room}\n".encode())
        self.hears(f"{name} has joined the chat!")

    def says(self, text: str) -> None:
        """Sends a line."""
        self._socket.sendall(f"{text}\n".encode())

    def hears(self, end: str) -> str:
        """The next line that ends so."""
        while True:
            line = self._file.readline().decode().rstrip()
            assert line, f"the connection ended before {end!r}"
            if line.endswith(end):
                return line

    def close(self) -> None:
        """Is gone."""
        self._file.close()
        self._socket.close()


class Program:
    """Somebody with a program in a terminal: what they type goes in, what they see comes out."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=clean_environment(),
        )

    @classmethod
    def netcat(cls, port: int) -> Self:
        """The real nc."""
        return cls("nc", "127.0.0.1", str(port))

    @classmethod
    def plain_client(cls, port: int) -> Self:
        """`python client.py --plain`."""
        return cls(sys.executable, "-m", "hubbub", "chat", "--plain", "--port", str(port))

    def says(self, *lines: str) -> None:
        """Types lines."""
        assert self._process.stdin is not None
        for line in lines:
            self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def hears(self, end: str) -> None:
        """Waits for a line that ends so."""
        assert self._process.stdout is not None
        late = threading.Timer(PATIENCE_SECONDS, self._process.kill)
        late.start()
        try:
            for line in self._process.stdout:
                if line.rstrip().endswith(end):
                    return
        finally:
            late.cancel()
        raise AssertionError(f"the program ended, or it took too long, before {end!r}")

    def close(self) -> None:
        """Is gone."""
        self._process.kill()
        self._process.communicate()


class Robot:
    """A program that speaks the JSON protocol."""

    def __init__(self, url: str, name: str, room: str) -> None:
        self.room = room
        self.name = name
        self._stack = ExitStack()
        self.socket: ClientConnection = self._stack.enter_context(
            connect(url, compression=None, max_size=None)
        )
        self.ask(type="hello", user=name)
        self.ask(type="join", room=room)

    def ask(self, **command: Any) -> dict[str, Any]:
        """Sends a command, and gives its answer."""
        # Escaped, a text of emoji would be longer than a frame may be.
        self.socket.send(json.dumps({**command, "id": "ask"}, ensure_ascii=False))
        while True:
            frame: dict[str, Any] = json.loads(self.socket.recv(PATIENCE_SECONDS))
            if frame.get("re") == "ask":
                assert frame["type"] != "error", frame
                return frame

    def close(self) -> None:
        """Is gone."""
        self._stack.close()

    def say(self, *texts: str, **more: Any) -> int:
        """Says texts; gives the number of the last one."""
        seq = 0
        for text in texts:
            seq = self.ask(type="say", room=self.room, text=text, **more)["seq"]
        return seq

    def flood(self, texts: list[str], per_second: float) -> None:
        """Says many texts, evenly over time."""
        began = time.monotonic()
        for number, text in enumerate(texts):
            ahead = began + number / per_second - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            self.socket.send(json.dumps({"type": "say", "room": self.room, "text": text}))
        self.ask(type="ping")

    def log(self) -> list[dict[str, Any]]:
        """All events of the room."""
        events: list[dict[str, Any]] = []
        while True:
            after = events[-1]["seq"] if events else 0
            page = self.ask(type="history", room=self.room, after=after, limit=200)
            events += page["events"]
            if not page["events"] or events[-1]["seq"] >= page["head"]:
                return events


BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Wire:
    """A line to the server that can be cut, and mended again; or a proxy whose server is away.

    ``brought``: bytes that came from the server.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening: socket.socket | None = None
        self._pairs: list[socket.socket] = []
        self.port = 0
        self.brought = 0
        self.mend()

    def mend(self) -> None:
        """Connections are possible (again)."""
        self._listen(self._accept)

    def fail(self) -> None:
        """All connections break, and whoever comes is told that the server cannot be reached."""
        self.cut()
        self._listen(self._apologise)

    def _listen(self, answer: Callable[[socket.socket], None]) -> None:
        self._listening = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=answer, args=(self._listening,), daemon=True).start()

    def cut(self) -> None:
        """All connections break, and there are no new ones."""
        assert self._listening is not None
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in self._pairs:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._pairs.clear()

    def _apologise(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), near:
                near.settimeout(PATIENCE_SECONDS)
                if near.recv(65536):  # a request, of which the head is read whole: it is small
                    near.sendall(BAD_GATEWAY)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                near.close()
                continue
            self._pairs += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(one, other, far), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                self.brought += len(data) if one is far else 0
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
