"""How fast a session may ask: a token bucket, kept as the one moment when it is full again."""

from __future__ import annotations

FULL = 0.0
"""The bucket of who has not asked for anything yet."""


def take_token(full_at: float, rate: float, burst: int, now: float) -> tuple[float, float]:
    """Takes a token from a bucket of ``burst`` tokens that fills with ``rate`` tokens a second.

    Returns the bucket after that, and 0.0 or the seconds until there is a token (then none is
    taken). A rate of 0 never runs dry. ``now`` is of a clock that never goes back.
    """
    if rate <= 0:
        return full_at, 0.0
    after = max(full_at, now) + 1.0 / rate
    wait = after - now - burst / rate
    # A rounding error is no wait: who was told to come back in so many seconds may then go.
    return (full_at, wait) if wait > 1e-9 else (after, 0.0)
