"""Ends a command when SIGTERM or SIGHUP comes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine

SIGNALLED = 128  # plus the signal's number, as shells have it
HUNG_UP = SIGNALLED + 1  # the number of SIGHUP, which Windows does not have


async def until_signalled(work: Coroutine[None, None, int]) -> int:
    """Runs ``work``; returns its result, or the exit code of a signal that has cancelled it."""
    received: list[int] = []
    task = asyncio.current_task()
    assert task is not None

    def end(number: int) -> None:
        received.append(number)
        task.cancel()

    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # A signal that our parent ignores, as nohup does with SIGHUP, stays ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(NotImplementedError):  # on Windows
                loop.add_signal_handler(number, end, number)
    try:
        code = await work
    except asyncio.CancelledError:
        if not received:
            raise
    else:
        if not received:
            return code
    return SIGNALLED + received[0]
