"""The lines that were shown: made safe, written to the console, and the newest of them kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from hubbub.terminal.plain.console import Console
from hubbub.terminal.safe import safe

KEPT_LINES = 10_000  # hours of a busy room
KEPT_CHARS = 4_000_000  # however long the lines are


class Transcript:
    """``lines`` has the newest `KEPT_LINES`, of `KEPT_CHARS` at most, so that a client that runs
    for months uses a bounded amount of memory.
    """

    def __init__(self, console: Console) -> None:
        self.lines: deque[str] = deque()
        self._chars = 0
        self._console = console

    async def show(self, lines: Sequence[str]) -> None:
        """Shows lines of the conversation."""
        harmless = [safe(line) for line in lines]
        for line in harmless:
            self._keep(line)
        if harmless:
            await self._console.write(harmless)

    async def warn(self, *lines: str) -> None:
        """Shows lines about the client itself: on stderr in a pipe, and not kept."""
        await self._console.warn([safe(line) for line in lines])

    def _keep(self, line: str) -> None:
        self.lines.append(line)
        self._chars += len(line)
        while len(self.lines) > KEPT_LINES or self._chars > KEPT_CHARS:
            self._chars -= len(self.lines.popleft())
