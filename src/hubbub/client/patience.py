"""Trying again what the server refused only for the moment."""

from __future__ import annotations

from hubbub.domain.errors import LogUnavailable, RateLimited, ShuttingDown
from hubbub.domain.replies import Refused

PASSING = frozenset(error.code for error in (RateLimited, LogUnavailable, ShuttingDown))
FIRST_SECONDS = 1.0  # when the server does not say how long
MOST_SECONDS = 30.0


def passing(refused: Refused) -> bool:
    """Whether the refusal is about the moment, and not about what was asked."""
    return refused.code in PASSING


class Patience:
    """Until when to wait; longer each time, up to a limit. ``tried`` counts the refusals."""

    __slots__ = ("tried", "until")

    def __init__(self) -> None:
        self.until = 0.0
        self.tried = 0

    def wait(self, now: float, retry_after: float | None) -> float:
        """Refused at ``now``: the seconds to wait."""
        pause = retry_after
        if pause is None:
            pause = min(MOST_SECONDS, FIRST_SECONDS * 2 ** min(self.tried, 10))
        self.tried += 1
        self.until = max(self.until, now + max(0.0, pause))
        return pause

    def end(self) -> None:
        """It went well, or there is a new connection."""
        self.until = 0.0
        self.tried = 0
