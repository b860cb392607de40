"""Pauses before a retry of what the server refused only for the moment."""

from __future__ import annotations

from hubbub.domain.errors import LogUnavailable, RateLimited, ShuttingDown
from hubbub.domain.replies import Refused

PASSING = frozenset(error.code for error in (RateLimited, LogUnavailable, ShuttingDown))
FIRST_SECONDS = 1.0  # when the server does not say how long
MOST_SECONDS = 30.0
SHORTEST_SECONDS = 0.05  # doubled each time: a server that always says "now" makes no busy loop
MOST_ASKED_SECONDS = 3600.0  # a server that asks for more is asked again after an hour


def passing(refused: Refused) -> bool:
    """Whether the same request may succeed later."""
    return refused.code in PASSING


class Patience:
    """Exponential backoff: ``until`` is when to try again, ``tried`` counts the refusals."""

    __slots__ = ("tried", "until")

    def __init__(self) -> None:
        self.until = 0.0
        self.tried = 0

    def wait(self, now: float, retry_after: float | None) -> float:
        """Notes a refusal at ``now``; returns the seconds to wait."""
        least = SHORTEST_SECONDS if retry_after is not None else FIRST_SECONDS
        pause = min(MOST_SECONDS, least * 2.0 ** min(self.tried, 10))
        if retry_after is not None:
            pause = min(MOST_ASKED_SECONDS, max(pause, retry_after))
        self.tried += 1
        self.until = max(self.until, now + pause)
        return pause

    def reset(self) -> None:
        """Starts again from the shortest pause: after a success, or on a new connection."""
        self.until = 0.0
        self.tried = 0
