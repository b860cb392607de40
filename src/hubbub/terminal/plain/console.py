"""What the plain client talks through: a terminal, a pipe, or a test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Console(Protocol):
    """Asks, reads and writes lines. What it is given to write is safe for a terminal.

    ``interactive``: a person sits there and sees each line at once.
    """

    interactive: bool

    async def ask(self, question: str) -> str | None:
        """The answer to ``question``, such as ``Username:``; None at the end of the input."""
        ...

    async def read(self) -> str | None:
        """The next thing that is typed, which may be several lines; None at the end."""
        ...

    async def write(self, lines: Sequence[str]) -> None:
        """Shows lines, above what is being typed."""
        ...

    async def warn(self, lines: Sequence[str]) -> None:
        """Shows lines that are about the client and not of the chat: on stderr in a pipe."""
        ...
