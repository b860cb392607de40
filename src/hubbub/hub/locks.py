"""Locks by what they are for: what takes several steps is done by one after the other."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

from hubbub.domain.ids import UserId


class Locks:
    """One lock for each user, for as long as somebody holds it or waits for it.

    Whoever reads a secret of an account and saves another one holds the account's.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[UserId, asyncio.Lock] = WeakValueDictionary()

    def of(self, user: UserId) -> asyncio.Lock:
        """The lock of ``user``."""
        return self._locks.setdefault(user, asyncio.Lock())
