"""How long to wait before the next attempt: growing, jittered pauses."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

FIRST_SECONDS = (0.2, 0.5)  # most losses are a server's restart or a change of network
CAP_SECONDS = 30.0  # a server that is back is found again within half a minute
GROWTH = 3.0
STABLE_SECONDS = 10.0  # a connection that lasted that long was stable
MOST_PLANNED_SECONDS = 60.0  # a server that restarts spreads the return of its clients over less

Uniform = Callable[[float, float], float]
"""A random number between two: `random.uniform`."""


class Backoff:
    """Decorrelated jitter (Amazon's "Exponential Backoff And Jitter"): each pause is random
    between the shortest one and `GROWTH` times the last one, so that the clients of a server
    that went away do not come back all at once.
    """

    def __init__(self, uniform: Uniform = random.uniform) -> None:
        self._uniform = uniform
        self._last: float | None = None

    def pause(self) -> float:
        """The seconds to wait before the next attempt."""
        if self._last is None:
            self._last = self._uniform(*FIRST_SECONDS)
        else:
            self._last = min(CAP_SECONDS, self._uniform(FIRST_SECONDS[1], self._last * GROWTH))
        return self._last

    def planned(self, seconds: float | None) -> float | None:
        """The seconds to wait for a server that restarts, and expects us in ``seconds``.

        None, for a pause of our own, if it does not say, or says nonsense, or says it again though
        the last connection was not stable: nobody is kept busy, or in the dark, by such a server.
        """
        if seconds is None or not 0 <= seconds < math.inf or self._last is not None:
            return None
        self._last = FIRST_SECONDS[1]
        return min(MOST_PLANNED_SECONDS, max(FIRST_SECONDS[0], seconds))

    def connected_for(self, seconds: float) -> None:
        """A connection lasted so long. After a stable one the next pause is the shortest again."""
        if seconds >= STABLE_SECONDS:
            self._last = None
