"""The terminal's title: what is unread, for who looks at another window or tab."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from hubbub.terminal.full.model.display import cut, shown

PROGRAM = "Hubbub"
MOST_CELLS = 60

# xterm's stack of titles: what was there before comes back at the end. Terminals without it keep
# the last title that is written.
_KEEP = "\x1b[22;0t"
_GIVE_BACK = "\x1b[23;0t"


def words(room: str | None, unread: int, mentions: int) -> str:
    """``(12, @2) General – Hubbub``: what is unread, and how often we are spoken of in it."""
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
        # The console of Linux has no title, and older ones show what should become one.
        self._usable = environment.get("TERM") != "linux"
        self._told: str | None = None

    def tell(self, text: str) -> None:
        """Shows ``text``."""
        if self._usable and text != self._told:
            keep = _KEEP if self._told is None else ""
            self._told = text
            self._write(f"{keep}\x1b]2;{text}\x1b\\")

    def end(self) -> None:
        """What was there before is there again."""
        if self._told is not None:
            self.tell(PROGRAM)
            self._told = None
            self._write(_GIVE_BACK)
