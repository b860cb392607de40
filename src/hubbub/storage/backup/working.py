"""Long work in a thread of its own, which the loop can end and hears from."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from hubbub.storage.backup.pacing import Progress, Teller
from hubbub.storage.backup.stopping import Stop

END_SECONDS = 2.0  # a disk or a network that takes longer does not answer; the thread is left to it

T = TypeVar("T")


async def in_thread(work: Callable[[Stop, Teller], T], progress: Progress | None = None) -> T:
    """Does ``work`` in a thread of its own; who cancels this ends it. ``progress`` is told here.

    The thread is a daemon: what never answers does not keep the process from ending.
    """
    loop = asyncio.get_running_loop()
    stop = Stop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # None only where T has it

    def tell(what: str, done_bytes: int, total: int) -> None:
        if progress is not None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(progress, what, done_bytes, total)

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = work(stop, Teller(tell))
        except BaseException as raised:  # noqa: BLE001 - it is raised where the work is waited for
            error = raised
        with suppress(RuntimeError):  # the loop has ended: nobody waits
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="hubbub-backup", daemon=True).start()
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        stop.set()
        with suppress(TimeoutError, Exception):
            async with asyncio.timeout(END_SECONDS):
                await done
        raise
