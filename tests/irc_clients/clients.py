"""Clients of IRC as Debian has them, in terminals: keys to press, screens to look at."""

from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path
from typing import Self

import pytest

from tests.patience import wait_until
from tests.process import ServerProcess
from tests.terminal.full.tmux import Terminal, needs_tmux

__all__ = ["Ben", "Ii", "Irssi", "Sic", "WeeChat", "needs", "needs_tmux"]

PASSWORD = "correct horse battery"


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skips a test where a program is not installed."""
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


class Client(Terminal):
    """One client in a terminal, which connects to a port of this machine as ``nick``."""

    name = ""

    def __init__(self, port: int, nick: str, home: Path) -> None:
        super().__init__(f"127.0.0.1:{port}", home, size=(120, 40))
        self.port = port
        self.nick = nick
        self.home = home

    def comes_in(self, room: str) -> None:
        """Is registered, and in the room."""
        self.sees("Welcome to Hubbub")
        self.joins(room)
        self.sees(f"#{room}")

    def joins(self, room: str) -> None:
        """Goes into a room, as a person would."""
        self.send(f"/join #{room}")

    def says(self, room: str, text: str) -> None:
        """Says something in the room that it has joined last."""
        self.send(text)

    def hears(self, room: str, by: str, text: str) -> None:
        """Sees that somebody says that in the room."""
        self.until(
            lambda screen: any(by in line and text in line for line in screen.splitlines()),
            f"no {text!r} by {by}",
        )

    def hears_of(self, room: str, by: str, text: str) -> None:
        """Sees that somebody has said that before it came."""
        self.hears(room, by, text)


class WeeChat(Client):
    """WeeChat. ``program``: it logs in by SASL as the account ``nick``, by this name.

    It writes down what it shows: ``log`` has the lines of a channel.
    """

    name = "weechat"

    def __init__(
        self, port: int, nick: str, home: Path, *, program: str = "", room: str = ""
    ) -> None:
        super().__init__(port, nick, home)
        self._login = f"{nick}/{program}" if program else ""
        self._room = room

    def command(self) -> list[str]:
        settings = {
            "irc.server.hub.ssl": "off",  # as it is called up to WeeChat 3, and
            "irc.server.hub.tls": "off",  # from 4 on
            "irc.server.hub.nicks": self.nick,
            "irc.server.hub.anti_flood_prio_high": "0",
            "irc.server.hub.anti_flood_prio_low": "0",
            "irc.server.hub.autoreconnect_delay": "1",
            "irc.network.lag_reconnect": "0",
            "logger.file.flush_delay": "0",
            "logger.file.auto_log": "on",
            "logger.level.irc": "9",
        }
        if self._login:
            settings |= {
                "irc.server.hub.sasl_mechanism": "plain",
                "irc.server.hub.sasl_username": self._login,
                "irc.server.hub.sasl_password": PASSWORD,
            }
        if self._room:
            settings["irc.server.hub.autojoin"] = f"#{self._room}"
        commands = [f"/server add hub 127.0.0.1/{self.port}"]
        commands += [f"/set {name} {value}" for name, value in settings.items()]
        commands += ["/connect hub"]
        words = ["weechat", "--dir", str(self.home / "weechat")]
        for command in commands:
            words += ["--run-command", command]
        return words

    def log(self, target: str) -> list[str]:
        """What was said there, as it was shown: ``nick`` and text, with a tab between."""
        path = self.home / "weechat" / "logs" / f"irc.hub.{target}.weechatlog"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line.split("\t", 1)[1] for line in lines if "\t" in line]

    def said_by(self, target: str, by: str) -> list[str]:
        """The texts of somebody in its log of a channel, or a query."""
        split = (line.partition("\t") for line in self.log(target))
        return [text for who, _, text in split if who.lstrip("@+~&%") == by]


class Irssi(Client):
    """irssi."""

    name = "irssi"

    def command(self) -> list[str]:
        home = str(self.home / "irssi")
        return ["irssi", "--home", home, "-c", "127.0.0.1", "-p", str(self.port), "-n", self.nick]


class Sic(Client):
    """sic, a screen of lines."""

    name = "sic"

    def command(self) -> list[str]:
        return ["sic", "-h", "127.0.0.1", "-p", str(self.port), "-n", self.nick]

    def joins(self, room: str) -> None:
        self.send(f":j #{room}")


class Ii(Client):
    """ii, whose rooms are folders: what is written to ``in`` is said, ``out`` has what is heard."""

    name = "ii"

    def command(self) -> list[str]:
        words = ["ii", "-s", "127.0.0.1", "-p", str(self.port), "-n", self.nick]
        return [*words, "-i", str(self.home / "irc")]

    def _folder(self, room: str = "") -> Path:
        host = self.home / "irc" / "127.0.0.1"
        return host / f"#{room}" if room else host

    def _write(self, room: str, line: str) -> None:
        pipe = self._folder(room) / "in"
        wait_until(pipe.exists)
        with pipe.open("w") as file:
            file.write(f"{line}\n")

    def _reads(self, room: str, *words: str) -> None:
        out = self._folder(room) / "out"
        wait_until(
            lambda: (
                out.exists()
                and any(
                    all(word in line for word in words) for line in out.read_text().splitlines()
                )
            )
        )

    def comes_in(self, room: str) -> None:
        self._reads("", "Welcome to Hubbub")
        self._write("", f"/j #{room}")
        wait_until((self._folder(room) / "in").exists)

    def says(self, room: str, text: str) -> None:
        self._write(room, text)

    def hears(self, room: str, by: str, text: str) -> None:
        self._reads(room, by, text)

    def hears_of(self, room: str, by: str, text: str) -> None:
        self._reads("", by, text)  # ii keeps all notices there


class Ben:
    """ben, in a room with ``nc``."""

    def __init__(self, server: ServerProcess, room: str) -> None:
        self._nc = subprocess.Popen(
            ["nc", "127.0.0.1", str(server.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.heard: list[str] = []
        self._read = 0
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()
        self.says("ben", room)
        self.hears("ben has joined the chat!")

    def _listen(self) -> None:
        assert self._nc.stdout is not None
        for line in self._nc.stdout:
            self.heard.append(line.rstrip("\n"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._nc.kill()
        self._nc.wait()
        self._listening.join()
        for pipe in (self._nc.stdin, self._nc.stdout):
            assert pipe is not None
            pipe.close()

    def says(self, *lines: str) -> None:
        assert self._nc.stdin is not None
        self._nc.stdin.write("".join(f"{line}\n" for line in lines))
        self._nc.stdin.flush()

    def hears(self, part: str) -> None:
        """Reads on, up to a line that has ``part`` in it."""

        def came() -> bool:
            while self._read < len(self.heard):
                self._read += 1
                if part in self.heard[self._read - 1]:
                    return True
            return False

        wait_until(came)
