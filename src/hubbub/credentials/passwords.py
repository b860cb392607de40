"""Hashes passwords with Argon2id, off the event loop and a few at a time."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from hubbub.domain import scram
from hubbub.domain.errors import RateLimited, WeakPassword
from hubbub.domain.passwords import prepare
from hubbub.hub.fairqueue import FairQueue, to_its_end
from hubbub.hub.ports import Monotonic, Turn

if TYPE_CHECKING:
    from argon2 import PasswordHasher

THREADS = min(2, max(1, (os.cpu_count() or 1) - 1))
"""For strangers: a flood of logins leaves the chat a processor. One more is for who is known."""

NICENESS = 10  # of these threads: the event loop goes first, also where there is one processor

T = TypeVar("T")


class Parameters(NamedTuple):
    """What one hash costs (RFC 9106, 3.1)."""

    memory_kib: int
    passes: int
    lanes: int


OWASP = Parameters(memory_kib=19 * 1024, passes=2, lanes=1)
"""The least that OWASP's Password Storage Cheat Sheet advises for Argon2id; some 20 milliseconds.

It counts more memory and fewer passes as equal. Less memory is better here: what three threads
need is all that a flood of logins takes.
"""


class Argon2Passwords:
    """Implements `hubbub.hub.ports.Passwords`.

    Hashes are of the PHC's string format, which names the parameters. argon2 is imported by the
    first of them, in a thread. ``clock`` gives seconds that never go back.
    """

    def __init__(self, clock: Monotonic, parameters: Parameters = OWASP) -> None:
        self._parameters = parameters
        self._strangers = FairQueue(THREADS, clock)
        self._known = FairQueue(1, clock)
        self._threads = ThreadPoolExecutor(
            THREADS + 1, thread_name_prefix="hubbub-password", initializer=_step_back
        )

    async def close(self) -> None:
        """Waits for the hashes under way. Nothing is asked for any more."""
        await asyncio.to_thread(self._threads.shutdown)

    async def hash(self, password: str, turn: Turn) -> str:
        """See `hubbub.hub.ports.Passwords`."""
        return await self._in_turn(turn, lambda: self._hasher.hash(prepare(password)))

    async def verify(self, password: str, hashed: str | None, turn: Turn) -> bool:
        """See `hubbub.hub.ports.Passwords`. Raises `ValueError` for what is no hash of Argon2."""
        return await self._in_turn(turn, lambda: self._verify(password, hashed))

    async def verifier(self, password: str, turn: Turn) -> str:
        """See `hubbub.hub.ports.Passwords`."""
        return await self._in_turn(turn, lambda: _verifier(password))

    def outdated(self, hashed: str) -> bool:
        """See `hubbub.hub.ports.Passwords`."""
        return self._hasher.check_needs_rehash(hashed)

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        memory, passes, lanes = self._parameters
        return PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes)

    def _verify(self, password: str, hashed: str | None) -> bool:
        from argon2.exceptions import VerifyMismatchError

        try:
            prepared = prepare(password)
        except WeakPassword:
            return False  # nobody has it, whoever they are
        if hashed is None:
            self._hasher.hash(prepared)  # costs what a verification costs
            return False
        with suppress(VerifyMismatchError):
            return self._hasher.verify(hashed, prepared)
        return False

    async def _in_turn(self, turn: Turn, work: Callable[[], T]) -> T:
        queue = self._known if turn.known else self._strangers
        async with queue.turn(turn.whose):
            loop = asyncio.get_running_loop()
            return await to_its_end(loop.run_in_executor(self._threads, _guarded, work))


def _guarded(work: Callable[[], T]) -> T:
    from argon2.exceptions import Argon2Error

    try:
        return work()
    except Argon2Error as error:  # the memory was not to be had
        raise RateLimited(
            "The server is short of memory at this moment. Try again in a second.", retry_after=1.0
        ) from error


def _verifier(password: str) -> str:
    salt = os.urandom(scram.SALT_BYTES)
    return scram.encoded(scram.make(prepare(password), salt, scram.ITERATIONS))


def _step_back() -> None:
    """On Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        now = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, now + NICENESS)
