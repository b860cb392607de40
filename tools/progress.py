"""Shows how far the set-up is: what pip is doing, in one short line."""

import os
import re
from typing import TextIO

PIN = re.compile(r"(?P<name>[A-Za-z0-9][^\s=\[]*)\S*==(?P<version>[^\s;]+)")
AT_PIN = re.compile(r"(?:Collecting|Requirement already satisfied:) (?P<name>[A-Za-z0-9._-]+)")
AT_FILE = re.compile(r"Processing .*?(?P<name>[A-Za-z0-9._]+)-[^/\\-]+(?:-[^/\\]+)?\.whl")
NOT_TO_BE_HAD = re.compile(r"ERROR: No matching distribution found for (?P<pin>\S+)")


class PipProgress:
    """Reads what pip prints while it installs a lock file, line by line."""

    def __init__(self, lock_text: str) -> None:
        pins = [pin for line in lock_text.splitlines() if (pin := PIN.match(line))]
        # pip goes through the lock file from top to bottom. Some lines are for another operating
        # system: the count jumps over them and still ends right. Packages are known by their names,
        # for pip 22 and 23.0 (Debian 12 has that) do not print the line that they are at.
        self._at_name = {
            normalized(pin["name"]): f"[{place}/{len(pins)}] {pin['name']} {pin['version']}"
            for place, pin in enumerate(pins, start=1)
        }
        self.unanswered = False  # the network, or a proxy, did not let a download through
        self.not_to_be_had: str | None = None  # a package that is not there for this system
        self.installing = False  # from then on the environment is being changed

    def read(self, line: str) -> str | None:
        """What to show for this line, if it is news."""
        if at := AT_PIN.match(line) or AT_FILE.match(line):
            return self._at_name.get(normalized(at["name"]))
        if missing := NOT_TO_BE_HAD.match(line):
            self.not_to_be_had = missing["pin"]
        if line.startswith("WARNING: Retrying"):
            self.unanswered = True
            return "No answer from the package index, trying again…"
        if line.startswith("Installing collected packages"):
            self.installing = True
            return "Installing the packages…"
        return None


def normalized(name: str) -> str:
    """A project's name in the one form that compares as equal (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Display:
    """Lines that stay, and a status: one live line on a terminal, plain lines anywhere else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._shown = 0  # columns that the live line takes
        self._status = ""

    def line(self, text: str) -> None:
        self._erase()
        print(text, file=self._stream, flush=True)

    def status(self, text: str) -> None:
        if text == self._status:
            return
        self._status = text
        if self._live:
            self._erase()
            text = text[: self._columns() - 1]
            self._shown = len(text)
            print(text, end="", file=self._stream, flush=True)
        else:
            self.line(text)

    def _erase(self) -> None:
        # Blanks and not an escape sequence: every terminal there is understands them.
        if self._shown:
            print("\r" + " " * self._shown, end="\r", file=self._stream)
            self._shown = 0

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except OSError:
            return 80
