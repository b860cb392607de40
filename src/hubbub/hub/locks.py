"""Locks by what they are for: what takes several steps is done by one after the other."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Locks:
    """One lock for each user and each queue, for as long as somebody holds it or waits for it.

    Whoever reads a secret of an account and saves another one holds the account's, by its id;
    whoever puts something into a room's queue, or settles it, that of the queue.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, what: str) -> asyncio.Lock:
        """The lock of ``what``."""
        return self._locks.setdefault(what, asyncio.Lock())
