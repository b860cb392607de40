"""What the parts of the protocol have in common: commands to send, and answers to take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from hubbub.client.updates import Update
from hubbub.domain.commands import Command
from hubbub.domain.replies import Reply

Answered = Callable[[Reply, float], Iterable[Update]]
"""Called with the answer to a command and the time; returns updates for the program."""


class Source(Protocol):
    """Gives commands to send, in its own order. Times are monotonic, in seconds."""

    def next(self, now: float) -> tuple[Command, Answered] | None:
        """The next command, which is sent now, and the function that takes its answer."""
        ...

    def due(self, now: float) -> float | None:
        """When the next command may be sent, if nothing else happens; None: not by time alone."""
        ...

    def disconnected(self) -> None:
        """The connection is lost: commands that were sent on it will not be answered."""
        ...

    def close(self, error: Exception) -> None:
        """There will be no more connections: everything that is awaited fails with ``error``."""
        ...
