"""Shares of the event loop's time, and what takes turns at it; see `hubbub.hub.turns`."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from hubbub.hub.rate import FULL, Budget

CPU = Budget("cpu", rate=0.5, burst=0.005)
"""Seconds of the event loop that a client has ahead of others: while it uses less than half of the
processor, in pieces of less than 5 ms, its commands are done as soon as they come."""


class Taker(Protocol):
    """What takes turns: a connection with commands, a session that catches up."""

    @property
    def share(self) -> Share:
        """The share that pays for its turns."""
        ...

    queued: bool
    """Whether it waits for a turn, or has it; `Turns` sets this, and nobody else."""

    @property
    def ahead(self) -> float:
        """Seconds that what a turn has begun will take behind it, about."""
        ...

    def turn(self, until: float) -> bool:
        """Works until the stopwatch shows ``until``, or a little longer; whether there is more."""
        ...


class Share:
    """A share of the event loop's time (see `hubbub.hub.turns`): a client's, or a session's.

    ``takers`` are those that wait for their turn, None while there are none.
    """

    __slots__ = ("_cpu_full_at", "takers")

    def __init__(self) -> None:
        self.takers: deque[Taker] | None = None
        self._cpu_full_at = FULL

    def charge(self, seconds: float, now: float) -> None:
        """``seconds`` of the event loop went into what was asked for here."""
        self._cpu_full_at = max(self._cpu_full_at, now) + seconds / CPU.rate

    def is_light(self, now: float) -> bool:
        """Whether little of the event loop's time was used of late."""
        return self._cpu_full_at - now <= CPU.burst / CPU.rate
