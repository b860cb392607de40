"""The terminal's title: how much is unread, for a person who uses another window or tab."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from hubbub.terminal.full.model.display import cut, shown

PROGRAM = "Hubbub"
MOST_CELLS = 60

# xterm's stack of titles, by which the title before comes back at the end. Terminals without it
# keep the last title that is written.
_KEEP = "\x1b[22;0t"
_GIVE_BACK = "\x1b[23;0t"


def words(room: str | None, unread: int, mentions: int) -> str:
    """``(12, @2) General – Hubbub``: the unread texts, and how many of them mention us."""
    named = f"{cut(shown(room), MOST_CELLS)} – {PROGRAM}" if room else PROGRAM
    if not unread:
        return named
    return f"({unread:,}{f', @{mentions:,}' if mentions else ''}) {named}"


class WindowTitle:
    """``write`` goes to the terminal."""

    def __init__(
        self, write: Callable[[str], object], environment: Mapping[str, str] = os.environ
    ) -> None:
        self._write = write
        # The console of Linux has no title, and old versions print the sequence.
        self._usable = environment.get("TERM") != "linux"
        self._shown: str | None = None

    def show(self, text: str) -> None:
        """Sets the title."""
        if self._usable and text != self._shown:
            keep = _KEEP if self._shown is None else ""
            self._shown = text
            self._write(f"{keep}\x1b]2;{text}\x1b\\")

    def end(self) -> None:
        """Restores the title that the terminal had before."""
        if self._shown is not None:
            self.show(PROGRAM)
            self._shown = None
            self._write(_GIVE_BACK)
