"""How fast somebody may ask: a token bucket, kept as the one moment when it is full again."""

from __future__ import annotations

from msgspec import Struct

FULL = 0.0
"""A bucket from which nothing was taken yet."""

DAY_SECONDS = 86_400.0


class Budget(Struct, frozen=True):
    """``rate`` units a second for long, ``burst`` of them at once. A rate of 0 has no limit.

    ``what`` it is for tells it from others with the same numbers.
    """

    what: str
    rate: float
    burst: float

    @classmethod
    def per_day(cls, what: str, units: float) -> Budget:
        """``units`` within a day, at any time of it; 0 for no limit."""
        return cls(what, units / DAY_SECONDS, units)


def take_token(
    full_at: float,
    rate: float,
    burst: float,
    now: float,
    *,
    cost: float = 1.0,
    patience: float = 0.0,
) -> tuple[float, float]:
    """Takes ``cost`` tokens from a bucket of ``burst`` that fills with ``rate`` tokens a second.

    Returns the bucket after that, and the seconds until the tokens are there; 0.0 if they are.
    They are taken (or reserved) if that is at most ``patience`` seconds, and else left there. A
    rate of 0 never runs dry. ``now`` is of a clock that never goes back.
    """
    if rate <= 0:
        return full_at, 0.0
    after = max(full_at, now) + cost / rate
    wait = after - now - burst / rate
    # A rounding error is no wait: a client that was told to come back in so many seconds may go.
    if wait <= 1e-9:
        return after, 0.0
    return (after if wait <= patience else full_at), wait
