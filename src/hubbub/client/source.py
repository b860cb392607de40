"""What the parts of the protocol have in common: each has commands to send, and takes answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from hubbub.client.updates import Update
from hubbub.domain.commands import Command
from hubbub.domain.replies import Reply

Answered = Callable[[Reply, float], Iterable[Update]]
"""Called with the answer to a command and the time; gives what the program is to be told."""


class Source(Protocol):
    """Has commands to send, in an order of its own. Times are seconds of a monotonic clock."""

    def next(self, now: float) -> tuple[Command, Answered] | None:
        """The next command, which goes to the server now, and who takes its answer."""
        ...

    def due(self, now: float) -> float | None:
        """When there will be a next command, as far as only time is wanting; None for never."""
        ...

    def disconnected(self) -> None:
        """The connection is gone, and no answer will come to what was sent on it."""
        ...

    def close(self, error: Exception) -> None:
        """There will be no connection any more: whoever waits is given ``error``."""
        ...
