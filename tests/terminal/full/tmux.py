"""A real terminal: the client in tmux, with keys to send and a screen to look at."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

from tests.patience import PATIENCE_SECONDS

LOOK_EVERY = 0.03
needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from hubbub.client.address import Address
from hubbub.credentials import qr
from hubbub.terminal.full import main
where = Address.parse(sys.argv[1])
code = main(where, where.user, where.room, draw=qr.lines)
open(sys.argv[2], "w").write(str(code))
sys.exit(code)
"""


class Terminal:
    """One terminal of so many cells, with the client in it. ``home`` keeps its files."""

    def __init__(
        self,
        address: str,
        home: Path,
        *,
        size: tuple[int, int] = (100, 30),
        program: str = PROGRAM,
        **environment: str,
    ) -> None:
        self._program = program
        self._name = f"hubbub-{uuid.uuid4().hex[:8]}"
        self._home = home
        self._size = size
        self._address = address
        self._environment = environment
        self._code = home / f"{self._name}-code"
        home.mkdir(exist_ok=True)
        self._settings = home / "tmux.conf"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        pid = self._tmux("display-message", "-p", "#{pane_pid}", check=False)
        self._tmux("kill-server", check=False)
        self._until_gone(pid)

    def start(self) -> None:
        """Starts the client, in a new terminal."""
        self._code.unlink(missing_ok=True)
        # Before it starts, so that the last words of one who dies at once can be read.
        self._settings.write_text("set -g status off\nset -g remain-on-exit on\n")
        columns, rows = map(str, self._size)
        inherited = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC"}
        environment = {
            **inherited,
            "HOME": str(self._home),
            "XDG_DATA_HOME": str(self._home),
            "XDG_CONFIG_HOME": str(self._home),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "COLORTERM": "truecolor",
            **self._environment,
        }
        words = ["env", "-i", *(f"{key}={value}" for key, value in environment.items())]
        words += ["TERM=tmux-256color", *self.command()]
        self._tmux("new-session", "-d", "-x", columns, "-y", rows, f"exec {shlex.join(words)}")

    def command(self) -> list[str]:
        """What runs in the terminal."""
        return [sys.executable, "-c", self._program, self._address, str(self._code)]

    def restart(self) -> None:
        """Starts it anew, on the same files."""
        self._tmux("kill-server", check=False)
        self._name = f"hubbub-{uuid.uuid4().hex[:8]}"
        self.start()

    @property
    def pid(self) -> int:
        return int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def kill(self) -> None:
        """kill -9 of the client."""
        os.kill(self.pid, 9)

    def keys(self, *keys: str) -> None:
        """Presses keys, by tmux's names."""
        self._tmux("send-keys", *keys)

    def write(self, text: str) -> None:
        """Types a text."""
        self._tmux("send-keys", "-l", text)

    def send(self, text: str) -> None:
        """Types a text and presses Enter."""
        self.write(text)
        self.keys("Enter")

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self, *, styled: bool = False) -> str:
        return self._tmux("capture-pane", "-p", *(["-e"] if styled else []))

    def title(self) -> str:
        """The terminal's title, as tmux has it."""
        return self._tmux("display-message", "-p", "#{pane_title}")

    def sees(self, *texts: str) -> str:
        """Waits until all ``texts`` are on the screen."""
        return self.until(lambda screen: all(text in screen for text in texts), f"no {texts}")

    def sees_no(self, text: str) -> str:
        return self.until(lambda screen: text not in screen, f"still {text!r}")

    def until(self, condition: Callable[[str], bool], problem: str) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            screen = self.screen()
            if condition(screen):
                return screen
            if time.monotonic() > deadline:
                raise AssertionError(f"{problem} on\n{screen}")
            time.sleep(LOOK_EVERY)

    def ended(self) -> int | None:
        """Waits for the end; returns the exit code, None for one who was killed."""
        # Not by tmux, which now and then does not hear of it.
        self._until_gone(str(self.pid))
        return int(self._code.read_text()) if self._code.exists() else None

    def _until_gone(self, pid: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while pid and _lives(pid):
            assert time.monotonic() < deadline, self.screen()
            time.sleep(LOOK_EVERY)

    def _tmux(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._name, "-f", str(self._settings), *words],
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")


def _lives(pid: str) -> bool:
    try:
        state = Path("/proc", pid, "stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return False
    return state != "Z"
