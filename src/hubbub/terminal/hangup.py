"""Notices that a terminal or a pipe is gone, though nothing is read or written just now."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import stat
import threading
from collections.abc import Callable, Iterator

LOOK_SECONDS = 1.0  # how long the thread may outlive its purpose


def is_gone(fd: int, *, within: float = 0.0) -> bool:
    """Whether nobody is at the other end of a terminal or a pipe, or nobody is so many seconds on.

    Asked for nothing, `poll` tells only of an end. That is why this is no reader of the event loop:
    what is typed at a terminal would wake it all the time.
    """
    if not hasattr(select, "poll"):  # Windows
        return False
    poll = select.poll()
    poll.register(fd, 0)
    return any(mask & (select.POLLHUP | select.POLLERR) for _, mask in poll.poll(within * 1000))


def _may_go(fd: int) -> bool:
    return hasattr(select, "poll") and (os.isatty(fd) or stat.S_ISFIFO(os.fstat(fd).st_mode))


@contextlib.contextmanager
def until_gone(fd: int) -> Iterator[Callable[[], bool]]:
    """Leaves the block when the other end of ``fd`` is gone: the task inside is cancelled.

    What it yields tells, then and later, whether that has happened. Of a terminal we hear by
    SIGHUP, but not if that is ignored, as a shell may have told us, or if it belongs to another
    session.
    """
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    ended = threading.Event()
    gone = False

    def leave() -> None:
        nonlocal gone
        if not ended.is_set():
            gone = True
            task.cancel()

    def watch() -> None:
        while not ended.is_set():
            if is_gone(fd, within=LOOK_SECONDS):
                with contextlib.suppress(RuntimeError):  # the loop is closed
                    loop.call_soon_threadsafe(leave)
                return

    if _may_go(fd):
        threading.Thread(target=watch, name="hangup", daemon=True).start()
    try:
        yield lambda: gone or (_may_go(fd) and is_gone(fd))
    except asyncio.CancelledError:
        if not gone or task.uncancel() > 0:
            raise
    finally:
        ended.set()
