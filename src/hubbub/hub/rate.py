"""How fast somebody may ask: a token bucket, kept as the one moment when it is full again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

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


K = TypeVar("K", bound=Hashable)


class Buckets(Generic[K]):
    """The buckets of many, as long as they are not full."""

    def __init__(self) -> None:
        self._full_at: OrderedDict[K, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def of(self, key: K) -> float:
        """The bucket of ``key``."""
        return self._full_at.get(key, FULL)

    def keep(self, key: K, full_at: float, now: float) -> None:
        """Something was taken of the bucket of ``key``, also by others at the same time."""
        self._full_at[key] = max(full_at, self.of(key))
        self._full_at.move_to_end(key)
        while self._full_at and next(iter(self._full_at.values())) <= now:
            self._full_at.popitem(last=False)
