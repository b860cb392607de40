"""The Lounge, a client of IRC from npm: its server, and a person at its page in Chromium."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from pathlib import Path
from typing import Self

from playwright.sync_api import Page, expect

from tests.irc_clients.clients import PASSWORD
from tests.patience import PATIENCE_SECONDS
from tests.web.browsing import until
from tools.page_tools import LOUNGE, NODE

# Nothing is kept, fetched or shown that IRC does not bring.
SETTINGS = {
    "public": False,
    "host": "127.0.0.1",
    "port": 0,
    "bind": "127.0.0.1",
    "maxHistory": 10_000,
    "https": {"enable": False},
    "theme": "default",
    "prefetch": False,
    "fileUpload": {"enable": False},
    "transports": ["websocket"],
    "messageStorage": [],
    "storagePolicy": {"enabled": False},
    "identd": {"enable": False},
    "ldap": {"enable": False},
    "debug": {"ircFramework": False, "raw": False},
}

# Of PASSWORD, by bcrypt with four rounds.
HASH = "$2a$04$miPT1FW110TaozusbhKxiuc16k0FQGC19LrnZlT6NKrYjrGDdTYYC"

AVAILABLE = re.compile(r"Available at (http://127\.0\.0\.1:\d+/)")


class Lounge:
    """The Lounge's server. Whoever logs in to it as ``nick`` has `PASSWORD`."""

    def __init__(self, home: Path, nick: str) -> None:
        self._home = home / "lounge"
        (self._home / "users").mkdir(parents=True)
        (self._home / "config.js").write_text(f"module.exports = {json.dumps(SETTINGS)};\n")
        user = {"password": HASH, "log": False, "networks": []}
        (self._home / "users" / f"{nick}.json").write_text(json.dumps(user))
        self._listening = threading.Event()
        self.url = ""
        self.output: list[str] = []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [NODE, str(LOUNGE / "node_modules" / "thelounge" / "index.js"), "start"],
            env={**os.environ, "THELOUNGE_HOME": str(self._home), "FORCE_COLOR": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        self._listening.wait(PATIENCE_SECONDS)
        assert self.url, "\n".join(self.output)
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reading.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.output.append(line.rstrip("\n"))
                if found := AVAILABLE.search(line):
                    self.url = found[1]
                    self._listening.set()
        self._listening.set()


class Guest:
    """Who is at its page."""

    def __init__(self, page: Page, nick: str) -> None:
        self.page = page
        self._nick = nick

    def logs_in(self, url: str) -> None:
        """Opens the page, and says who one is."""
        self.page.goto(url)
        self.page.fill("#signin-username", self._nick)
        self.page.fill("#signin-password", PASSWORD)
        self.page.press("#signin-password", "Enter")

    def connects(self, port: int, room: str) -> None:
        """Fills in where the server is, who one is there, and the room; and comes into it."""
        form = self.page.locator("#connect")
        filled = {
            "name": "hub",
            "host": "127.0.0.1",
            "port": str(port),
            "nick": self._nick,
            "username": self._nick,
            "join": f"#{room}",
        }
        for name, value in filled.items():
            form.locator(f"input[name={name}]").fill(value)
        form.locator("input[name=tls]").uncheck()
        form.locator("input[name=sasl][value=plain]").check()
        form.locator("[name=saslAccount]").fill(f"{self._nick}/lounge")
        form.locator("[name=saslPassword]").fill(PASSWORD)
        form.locator("button[type=submit]").click()
        self.goes_to(f"#{room}")

    def connects_again(self) -> None:
        """Finds that the connection is gone, and asks for another one."""
        gone = self.page.locator(".channel-list-item[data-type=lobby].not-connected")
        expect(gone).to_have_count(1)
        self.says("/connect")  # by itself it does so only if it was there for five seconds

    def goes_to(self, name: str) -> None:
        """Looks at a channel, or a query."""
        self.page.locator(f".channel-list-item[data-name='{name}']").click()

    def says(self, line: str) -> None:
        """Writes a line, and sends it."""
        self.page.fill("#input", line)
        self.page.click("#submit")  # to Enter, a command may only be completed

    def hears(self, text: str) -> None:
        """Waits until a message with this text is shown."""
        until(lambda: any(text == said for _, said in self.messages), text, self.page)

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Who has said what, as it is shown in the channel that one looks at."""
        found = self.page.locator(".msg[data-type=message]").evaluate_all(
            "all => all.map(one => ['.from', '.content'].map(part =>"
            " one.querySelector(part).textContent.trim().replace(/^<|>$/g, '')))"
        )
        return [(by.strip(), text) for by, text in found]

    def said_by(self, target: str, by: str) -> list[str]:
        """The texts of somebody, in the channel that one looks at."""
        return [text for who, text in self.messages if who.lstrip("@+~&%") == by]

    def lists(self, *names: str) -> None:
        """Waits until exactly these are on the list of people."""
        expect(self.page.locator(".userlist .names .user")).to_have_text(list(names))
