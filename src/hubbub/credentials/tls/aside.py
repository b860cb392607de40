"""Work in a thread of its own that nobody waits for when the server stops.

`asyncio.to_thread` is waited for, and a question to an ACME server may take minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """The result of ``work``. If this is cancelled, the thread goes on until the process ends."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def tell(set_result: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server has stopped
            loop.call_soon_threadsafe(lambda: None if result.done() else set_result())

    def run() -> None:
        try:
            found = work()
        except BaseException as error:  # noqa: BLE001  # it is raised where it is awaited
            failed = error
            tell(lambda: result.set_exception(failed))
        else:
            tell(lambda: result.set_result(found))

    threading.Thread(target=run, name="acme", daemon=True).start()
    return await result
