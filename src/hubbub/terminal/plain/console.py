"""The interface of the plain client to a terminal, a pipe, or a test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Console(Protocol):
    """Asks, reads and writes lines. Lines to write are safe for a terminal already.

    ``interactive``: a person types, and sees each line at once.
    """

    interactive: bool

    async def ask(self, question: str, *, secret: bool = False) -> str | None:
        """The answer to ``question``, such as ``Username:``; None at the end of the input.

        ``secret``: it is a password, which is not shown.
        """
        ...

    async def read(self) -> str | None:
        """The next input, which may have several lines; None at the end."""
        ...

    async def write(self, lines: Sequence[str]) -> None:
        """Shows lines above the input."""
        ...

    async def draw(self, sequence: str) -> bool:
        """Sends the terminal a picture, above the input; False: none can be shown here."""
        ...

    async def warn(self, lines: Sequence[str]) -> None:
        """Shows lines about the client rather than the chat: in a pipe on stderr."""
        ...
