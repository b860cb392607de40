"""Detects that a terminal or a pipe was closed, without reading or writing it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import stat
import threading
from collections.abc import Callable, Iterator

LOOK_SECONDS = 1.0  # how long the thread may run on when it is not needed any more


def is_gone(fd: int, *, within: float = 0.0) -> bool:
    """Whether the other end of a terminal or a pipe is closed, or closes ``within`` seconds.

    With no events requested, `poll` reports only hang-ups and errors. A reader of the event loop
    would be woken by everything that is typed.
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
    """Leaves the block when the other end of ``fd`` is closed: the task inside is cancelled.

    It yields a function that tells whether that has happened. For a terminal there is SIGHUP, too,
    but not if that signal is ignored, or if the terminal belongs to another session.
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
