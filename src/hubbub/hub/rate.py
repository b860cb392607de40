"""How fast a session may ask: a token bucket."""

from __future__ import annotations


class TokenBucket:
    """``rate`` tokens a second, at most ``burst`` kept. A rate of 0 never runs dry."""

    __slots__ = ("_stamp", "_tokens")

    def __init__(self, burst: int, now: float) -> None:
        self._tokens = float(burst)
        self._stamp = now

    def take(self, rate: float, burst: int, now: float) -> float:
        """Takes a token: 0.0, or the seconds until there is one (then none is taken).

        Rate and burst are the server's, the same for all, and not kept in each bucket.
        """
        if rate <= 0:
            return 0.0
        tokens = min(float(burst), self._tokens + (now - self._stamp) * rate)
        self._stamp = now
        if tokens < 1.0:
            self._tokens = tokens
            return (1.0 - tokens) / rate
        self._tokens = tokens - 1.0
        return 0.0
