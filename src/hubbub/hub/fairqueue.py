"""A fair queue for what costs much and runs in threads: one turn at a time for each client.

No client waits for another's queue. One that has asked for much waits for itself: its next turn
comes when the others have had theirs, and when it has rested for as long as its last one took.
(The event loop's own time is shared by `hubbub.hub.turns`.)
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from hubbub.domain.errors import RateLimited

WAITING_EACH = 100  # of one client: as many connections as an address may have
WAITING = 1000  # of all: some hundred kilobytes
WAIT_SECONDS = 5.0  # nobody looks at a screen for longer
REST_RATIO = 1.0  # of a turn; so no client has more than half of a thread


T = TypeVar("T")


async def to_its_end(work: Awaitable[T]) -> T:
    """Waits for ``work`` in a thread until it is done, also when nobody wants it any more.

    A thread cannot be stopped; so a turn lasts as long as its thread works, wanted or not.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_look_away)
        await asyncio.wait((task,))
        raise


def _look_away(task: asyncio.Future[T]) -> None:
    """Nobody is left who could be told of an error, which asyncio would report as forgotten."""
    if not task.cancelled():
        task.exception()


def always() -> bool:
    """Somebody waits for the outcome."""
    return True


class FairQueue:
    """Lets ``at_once`` clients work at the same time, in the order in which they came.

    ``clock`` gives seconds that never go back.
    """

    def __init__(self, at_once: int, clock: Callable[[], float]) -> None:
        self._free = at_once
        self._clock = clock
        self._waiting: dict[str, deque[_Waiter]] = {}  # by client, the next one first
        self._count = 0
        self._busy: set[str] = set()  # at work, or resting

    @asynccontextmanager
    async def turn(self, client: str, wanted: Callable[[], bool] = always) -> AsyncIterator[None]:
        """The client's turn. ``wanted``: whether somebody still waits for what is done in it.

        Raises `RateLimited` when too many wait, or it took too long until there was a turn.
        """
        loop = asyncio.get_running_loop()
        await self._come(_Waiter(client, wanted, loop.create_future(), self._clock))
        began = self._clock()
        try:
            yield
        finally:
            self._free += 1
            loop.call_later((self._clock() - began) * REST_RATIO, self._rested, client)
            self._next()

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return self._count

    async def _come(self, waiter: _Waiter) -> None:
        if len(self._waiting.get(waiter.client, ())) >= WAITING_EACH or self._count >= WAITING:
            raise _refused()
        self._waiting.setdefault(waiter.client, deque()).append(waiter)
        self._count += 1
        self._next()
        try:
            await waiter.called
        except asyncio.CancelledError:
            if waiter.called.done() and not waiter.called.cancelled():  # called, and then cancelled
                self._free += 1
                self._rested(waiter.client)
            else:
                self._withdraw(waiter)
            raise

    def _withdraw(self, waiter: _Waiter) -> None:
        queue = self._waiting.get(waiter.client)
        if queue is not None and waiter in queue:
            queue.remove(waiter)
            self._count -= 1
            if not queue:
                del self._waiting[waiter.client]

    def _next(self) -> None:
        """Calls those whose turn it is."""
        while self._free:
            client = next((one for one in self._waiting if one not in self._busy), None)
            if client is None:
                return
            queue = self._waiting.pop(client)
            waiter = queue.popleft()
            self._count -= 1
            if queue:
                self._waiting[client] = queue  # behind all others
            if waiter.call():
                self._free -= 1
                self._busy.add(client)

    def _rested(self, client: str) -> None:
        self._busy.discard(client)
        self._next()


class _Waiter:
    """Somebody who waits for a turn."""

    __slots__ = ("_clock", "_since", "_wanted", "called", "client")

    def __init__(
        self,
        client: str,
        wanted: Callable[[], bool],
        called: asyncio.Future[None],
        clock: Callable[[], float],
    ) -> None:
        self.client = client
        self.called = called
        self._wanted = wanted
        self._clock = clock
        self._since = clock()

    def call(self) -> bool:
        """Whether there is still something to do in the turn."""
        if self.called.done():
            return False
        if not self._wanted() or self._clock() - self._since > WAIT_SECONDS:
            self.called.set_exception(_refused())
            return False
        self.called.set_result(None)
        return True


def _refused() -> RateLimited:
    return RateLimited(
        "The server has too much to do at this moment. Try again in a second.", retry_after=1.0
    )
