"""What ends a program from outside: a terminal that is closed, a job that is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine

SIGNALLED = 128  # plus the signal's number, as shells have it
HUNG_UP = SIGNALLED + 1  # whether or not the system has sent a SIGHUP; Windows has none


async def until_signalled(work: Coroutine[None, None, int]) -> int:
    """What ``work`` returns; or, when SIGTERM or SIGHUP ends it before, the exit code for that."""
    received: list[int] = []
    task = asyncio.current_task()
    assert task is not None

    def end(number: int) -> None:
        received.append(number)
        task.cancel()

    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # What whoever started us has switched off, as nohup does, stays so.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(NotImplementedError):  # Windows has no such thing
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
