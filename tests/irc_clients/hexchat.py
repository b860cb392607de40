"""HexChat as Debian has it, on a screen in memory: keys to press, a window to read."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.irc_clients.clients import PASSWORD
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.xvfb import screen

PROGRAMS = ("hexchat", "Xvfb", "xdotool", "xclip")

WIDTH, HEIGHT = 1000, 600
SIDE = 140  # pixels; the tree of rooms on the left, and the nick list on the right
SCROLLBAR = 60  # more than it is wide, with what is between it and the list
INPUT = 40  # as high as the box is that one types into, and less than that and a line

SETTINGS = {
    "gui_hide_menu": 1,  # so that the text begins at the top of the window
    "gui_topicbar": 0,
    "gui_pane_left_size": SIDE,
    "gui_pane_right_size": SIDE,
    "gui_pane_right_size_min": SIDE,
    "gui_win_left": 0,
    "gui_win_top": 0,
    "gui_win_width": WIDTH,
    "gui_win_height": HEIGHT,
    "gui_win_ucount": 1,  # the title tells how many there are in the room
    "gui_slist_skip": 1,
    "gui_join_dialog": 0,
    "gui_tray": 0,
    "irc_join_delay": 0,
    "irc_logging": 1,
    "irc_logmask": "%c.log",
    "stamp_log": 0,
    "net_auto_reconnect": 1,
    "net_auto_reconnectonfail": 1,
    "net_reconnect_delay": 1,
}

SASL = 6  # how it logs in, in its list of networks
FLAGS = 1 | 8  # of a network: goes from server to server of it; connects at the start


class HexChat:
    """One HexChat, which logs in by SASL as the account ``nick`` and goes into a room."""

    def __init__(self, port: int, nick: str, home: Path, room: str) -> None:
        self._nick = nick
        self._room = f"#{room}"
        self._folder = home / "hexchat"
        self._folder.mkdir(parents=True)
        self._environment = {**os.environ, "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC"}
        self._stack = ExitStack()
        self._window = ""
        names = {"irc_nick1": nick, "irc_user_name": nick, "irc_real_name": nick}
        lines = [f"{key} = {value}" for key, value in (SETTINGS | names).items()]
        self._write("hexchat.conf", ["version = 2.16.1", *lines])
        network = ["N=hub", f"P={PASSWORD}", f"U={nick}/hexchat", f"L={SASL}", "E=UTF-8"]
        network += [f"F={FLAGS}", "D=0", f"S=127.0.0.1/{port}", f"J={self._room}", ""]
        self._write("servlist.conf", ["v=2.16.1", "", *network])

    def _write(self, name: str, lines: Sequence[str]) -> None:
        (self._folder / name).write_text("".join(f"{line}\n" for line in lines))

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._environment["DISPLAY"] = stack.enter_context(screen(f"{WIDTH}x{HEIGHT}"))
            self._program = stack.enter_context(
                subprocess.Popen(
                    # Without plugins, which ask for a session bus.
                    ["hexchat", "--no-plugins", "--cfgdir", str(self._folder)],
                    env=self._environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            stack.callback(self._program.kill)
            wait_until(self._is_in, pause=0.1)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def _is_in(self) -> bool:
        """Whether its window shows the room. What it asks at the start is answered."""
        for window in self._do("search", "--onlyvisible", "--class", "hexchat").split():
            title = self._do("getwindowname", window)
            if "HexChat" in title:
                self._window = window
            elif self._is_large(window):  # it does not like to be run by root
                self._do("windowfocus", "--sync", window, "key", "Return")
        return self._room in self.title

    def _is_large(self, window: str) -> bool:
        """Whether people can see a window: GTK has others, of one pixel."""
        found = re.search(r"Geometry: (\d+)x", self._do("getwindowgeometry", window))
        return found is not None and int(found[1]) > 1

    @property
    def title(self) -> str:
        """That of its window."""
        return self._do("getwindowname", self._window) if self._window else ""

    def shows(self) -> list[str]:
        """The lines that can be read in its window, which are selected with the mouse."""
        left, right = SIDE + 20, WIDTH - SIDE - SCROLLBAR
        self._do("mousemove", f"{left}", "5", "mousedown", "1")
        self._do("mousemove", f"{right}", f"{HEIGHT - INPUT}", "mouseup", "1")
        return self._run("xclip", "-o", "-selection", "primary").splitlines()

    def says(self, text: str) -> None:
        """Types a line, and presses Enter."""
        self.types(text)
        self.presses("Return")

    def types(self, text: str) -> None:
        """Types, in its window."""
        self._do("windowfocus", "--sync", self._window, "type", text)

    def presses(self, key: str) -> None:
        """Presses a key, by X's name."""
        self._do("windowfocus", "--sync", self._window, "key", key)

    def log(self, target: str) -> list[tuple[str, str]]:
        """What it has shown of a room or a query: who, and the text."""
        path = self._folder / "logs" / f"{target}.log"
        lines = path.read_text().splitlines() if path.exists() else []
        split = (line.partition("\t") for line in lines)
        return [(who.strip("<>"), text) for who, tab, text in split if tab]

    def said_by(self, target: str, by: str) -> list[str]:
        """The texts of somebody in its log."""
        return [text for who, text in self.log(target) if who.lstrip("@+~&%") == by]

    def _do(self, *words: str) -> str:
        return self._run("xdotool", *words)

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            words,
            env=self._environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return done.stdout.strip("\n")
