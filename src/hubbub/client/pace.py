"""How fast commands may go, so that the server's rate limit never refuses one.

The server has a token bucket of ``burst`` and ``rate``. Two things could empty it although the
client keeps count: a network that holds commands back and then delivers them at once, and a
bucket that was full meanwhile and lost what flowed in. So the client allows only a window of
unanswered commands, and keeps a bucket that is smaller than the server's by that window. Then

    tokens at the server  >=  tokens here + commands under way

holds at all times: sending and receiving change both sides alike, time adds no less on the left,
and when the left is full (``burst``) the right is at most ``burst - window`` + ``window``.
"""

from __future__ import annotations

UNLIMITED_WINDOW = 256  # unanswered commands when there is no rate: as many as the server takes
SLOWER = 0.98  # of the server's rate: clocks differ
ROUNDING = 1e-9  # of a token: sums of floats


class Pace:
    """Counts what may be sent. Commands have growing numbers and are answered in that order."""

    def __init__(self, rate: float, burst: int, now: float) -> None:
        """``rate`` is in commands a second, 0 for unlimited; one command (hello) went already."""
        self._rate = rate * SLOWER
        if rate <= 0:
            self.window = UNLIMITED_WINDOW
        else:
            self.window = min(UNLIMITED_WINDOW, max(1, burst // 2))
        self._most = float(max(1, burst - self.window))
        self._tokens = max(0.0, self._most - 1)
        self._stamp = now
        self._flying: list[int] = []

    def sent(self, number: int, now: float) -> None:
        """The command ``number`` goes now."""
        self._refill(now)
        self._tokens -= 1
        self._flying.append(number)

    def spend(self, now: float) -> None:
        """A command goes that is never answered, and so cannot count for the window."""
        self._refill(now)
        self._tokens -= 1

    def answered(self, number: int) -> None:
        """The server has taken the command ``number``, and so all that went before it."""
        self._flying = [flying for flying in self._flying if flying > number]

    def wait(self, now: float) -> float | None:
        """Seconds until a command may go: 0.0 for now, None for not before an answer."""
        if len(self._flying) >= self.window:
            return None
        if self._rate <= 0:
            return 0.0
        self._refill(now)
        return 0.0 if self._tokens >= 1 - ROUNDING else (1 - self._tokens) / self._rate

    def _refill(self, now: float) -> None:
        if self._rate > 0:
            grown = self._tokens + max(0.0, now - self._stamp) * self._rate
            self._tokens = min(self._most, grown)
        self._stamp = now
