"""Shares the event loop's time fairly among clients.

Most clients ask for little, and are served the moment they ask. One that asks for much (see
`Share.is_light`) waits in a queue of its own: a round takes from those queues in turn, a slice of
time from each, and lets the loop look at all sockets between two rounds. So whoever has a
hundred connections gets one client's share, and somebody who says a word is never behind more
than one round. Whatever time nobody else wants, the busy ones have.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from hubbub.hub.share import Share, Taker

TURN_SECONDS = 0.0005  # one turn of one connection, of a client with others waiting
ROUND_SECONDS = 0.001  # of the loop for queued turns, until it looks at the sockets again


T = TypeVar("T")


class Turns:
    """One for each hub. ``stopwatch`` gives seconds, as `time.perf_counter` does."""

    def __init__(self, stopwatch: Callable[[], float]) -> None:
        self.stopwatch = stopwatch
        self._ready: deque[Share] = deque()
        self._scheduled = False
        self._batch_until = float("inf")
        self.queued_ever = 0

    def take(self, taker: Taker) -> None:
        """Gives ``taker`` a turn: now if its client is light, else when it is next."""
        if taker.queued:
            return
        now = self.stopwatch()
        share = taker.share
        if (
            now >= self._batch_until
            or share.takers
            or not share.is_light(now)
            or self._turn(taker, now)
        ):
            self._enqueue(taker)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Bounds what is done at once inside the block: turns beyond a round's time are queued.

        For a step of the loop that lets many go on, such as a commit.
        """
        self._batch_until = self.stopwatch() + ROUND_SECONDS
        try:
            yield
        finally:
            self._batch_until = float("inf")

    async def metered(self, share: Share, work: Coroutine[Any, Any, T]) -> T:
        """Runs ``work``; the time of its steps is charged to ``share``."""
        return await Metered(share, work, self.stopwatch)

    async def measured(self, share: Share, work: Coroutine[Any, Any, object]) -> float:
        """Runs ``work`` as `metered` does; returns the seconds that its steps took."""
        metered = Metered(share, work, self.stopwatch)
        await metered
        return metered.spent

    def _turn(self, taker: Taker, now: float) -> bool:
        taker.queued = True  # no other turn within this one
        try:
            more = taker.turn(now + TURN_SECONDS)
        finally:
            taker.queued = False
        after = self.stopwatch()
        taker.share.charge(after - now, after)
        return more

    def _enqueue(self, taker: Taker) -> None:
        share = taker.share
        taker.queued = True
        self.queued_ever += 1
        if share.takers is None:
            share.takers = deque()
            self._ready.append(share)
        share.takers.append(taker)
        self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._round)

    def _round(self) -> None:
        self._scheduled = False
        now = self.stopwatch()
        until = now + ROUND_SECONDS
        ahead = 0.0
        while self._ready and now + ahead < until:
            share = self._ready.popleft()
            takers = share.takers
            assert takers, "who is ready has somebody who waits"
            taker = takers.popleft()
            taker.queued = False
            try:
                if self._turn(taker, now):
                    taker.queued = True
                    takers.append(taker)
                ahead += taker.ahead
            finally:
                if takers:
                    self._ready.append(share)
                else:
                    share.takers = None
                if self._ready:
                    self._schedule()
            now = self.stopwatch()


class Metered(Generic[T]):
    """Awaits a coroutine step by step, and charges the time of each step to a client."""

    __slots__ = ("_share", "_stopwatch", "_work", "spent")

    def __init__(
        self, share: Share, work: Coroutine[Any, Any, T], stopwatch: Callable[[], float]
    ) -> None:
        self._share = share
        self._work = work
        self._stopwatch = stopwatch
        self.spent = 0.0

    def __await__(self) -> Generator[Any, Any, T]:
        steps = self._work
        resume, value = steps.send, None
        while True:
            began = self._stopwatch()
            try:
                waits_for = resume(value)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            finally:
                now = self._stopwatch()
                self.spent += now - began
                self._share.charge(now - began, now)
            try:
                resume, value = steps.send, (yield waits_for)
            except BaseException as error:  # noqa: BLE001 - it is the coroutine's to deal with
                resume, value = steps.throw, error
