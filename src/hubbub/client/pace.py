"""Paces commands so that the server's rate limit never refuses one.

The server has a token bucket of ``burst`` tokens that is filled at ``rate``. It could run empty
although the client counts, too: the network may delay commands and deliver them at once, when the
server's bucket was full meanwhile and its inflow was lost. So the client allows only a window of
unanswered commands, and its own bucket is smaller than the server's by that window. Then

    tokens at the server  >=  tokens here + commands in flight

always holds: sending and receiving change both sides alike, time adds no less on the left, and when
the left is full (``burst``), the right is at most ``burst - window`` + ``window``.
"""

from __future__ import annotations

UNLIMITED_WINDOW = 256  # unanswered commands when there is no rate: as many as the server takes
SLOWER = 0.98  # of the server's rate: clocks differ
ROUNDING = 1e-9  # of a token: sums of floats


class Pace:
    """A token bucket with a window. Commands have growing numbers, and are answered in order."""

    def __init__(self, rate: float, burst: int, now: float) -> None:
        """``rate`` is in commands a second, 0 for unlimited; one command (hello) was sent."""
        self._rate = rate * SLOWER
        if rate <= 0:
            self.window = UNLIMITED_WINDOW
        else:
            self.window = min(UNLIMITED_WINDOW, max(1, burst // 2))
        self._most = float(max(1, burst - self.window))
        self._tokens = max(0.0, self._most - 1)
        self._stamp = now
        self._in_flight: list[int] = []

    def sent(self, number: int, now: float) -> None:
        """The command ``number`` is sent now."""
        self._refill(now)
        self._tokens -= 1
        self._in_flight.append(number)

    def spend(self, now: float) -> None:
        """A command without an answer is sent; it does not count for the window."""
        self._refill(now)
        self._tokens -= 1

    def answered(self, number: int) -> None:
        """The server has taken the command ``number``, and so all before it."""
        self._in_flight = [one for one in self._in_flight if one > number]

    def wait(self, now: float) -> float | None:
        """Seconds until a command may be sent: 0.0 for now, None for not before an answer."""
        if len(self._in_flight) >= self.window:
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
