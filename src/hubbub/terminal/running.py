"""Runs a command to its end, whichever it is: done, a signal, or an error that nobody expected."""

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
    """Runs a command; its exit code. It is cancelled by Ctrl+C and by the polite signals.

    It is cancelled as well when a callback of ours fails. An error that ``work`` does not deal with
    is told in a sentence.
    """
    try:
        return asyncio.run(_until_a_callback_fails(work))
    except KeyboardInterrupt:
        return SIGNALLED + signal.SIGINT
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001  # whatever it is, it is told
        complain(sentence(error))
        return FAILED


def sentence(error: BaseException) -> str:
    """What a person is told of an error that nobody expected."""
    error = first(error)
    if isinstance(error, (ChatFailed, StreamFailed)):
        return str(error)
    return f"This is an error in Hubbub itself: {words(error)}. Please report it."


def failed_callback(context: Mapping[str, Any]) -> BaseException | None:
    """The error of which an event loop tells its exception handler, if it is a callback's."""
    theirs = context.keys() & {"future", "task", "transport", "protocol", "asyncgen"}
    return None if theirs else context.get("exception")


def complain(*lines: str) -> None:
    """Tells the person what went wrong, if anybody listens."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write("".join(f"hubbub: {safe(line)}\n" for line in lines))
        sys.stderr.flush()
    except OSError:
        # What is still in its buffer goes nowhere: Python would try it again, and exit with 120.
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
