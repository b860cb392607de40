"""Runs a command to its end: its result, a signal, or an unexpected error."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine, Mapping
from typing import Any

from hubbub.client.defect import first, words
from hubbub.client.errors import ChatFailed
from hubbub.terminal.safe import safe
from hubbub.terminal.signalled import SIGNALLED, until_signalled
from hubbub.terminal.writing import StreamFailed

FAILED = 1


def run(work: Coroutine[None, None, int]) -> int:
    """Runs a command; returns its exit code. Ctrl+C, SIGTERM and SIGHUP cancel it.

    An error in one of our callbacks cancels it, too. An error that ``work`` raises is reported in a
    sentence.
    """
    try:
        return asyncio.run(_until_a_callback_fails(work))
    except KeyboardInterrupt:
        return SIGNALLED + signal.SIGINT
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001  # reported, whatever it is
        complain(sentence(error))
        return FAILED


def sentence(error: BaseException) -> str:
    """The message to the person for an unexpected error."""
    error = first(error)
    if isinstance(error, (ChatFailed, StreamFailed)):
        return str(error)
    return f"This is an error in Hubbub itself: {words(error)}. Please report it."


def failed_callback(context: Mapping[str, Any]) -> BaseException | None:
    """The error that an event loop reports to its exception handler, if it is a callback's."""
    theirs = context.keys() & {"future", "task", "transport", "protocol", "asyncgen"}
    return None if theirs else context.get("exception")


def complain(*lines: str) -> None:
    """Prints lines to stderr, if that can be written to."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write("".join(f"hubbub: {safe(line)}\n" for line in lines))
        sys.stderr.flush()
    except OSError:
        # Discard the buffer: Python would try to write it again at exit, and return 120.
        with contextlib.suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, sys.stderr.fileno())
            os.close(null)


async def _until_a_callback_fails(work: Coroutine[None, None, int]) -> int:
    failed: list[BaseException] = []
    task = asyncio.current_task()
    assert task is not None

    def hear(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = failed_callback(context)
        if error is None:
            loop.default_exception_handler(context)
        else:
            failed.append(error)
            task.cancel()

    asyncio.get_running_loop().set_exception_handler(hear)
    try:
        return await until_signalled(work)
    except asyncio.CancelledError:
        if not failed:
            raise
        raise failed[0] from None
