"""An event loop in a thread of its own, for what passes connections on meanwhile."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

T = TypeVar("T")

WAIT_SECONDS = 60.0
TURNS = 5  # of the loop, after which what was begun or aborted is a task, or over


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Does all at once. When one fails, the others are cancelled before its error is raised."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(target: tuple[str, int], made: socket.socket | None = None) -> Streams:
    """A connection, which is ended when whoever asked for it has been cancelled meanwhile.

    ``made``: the socket for it, if it is not to be one of this program's own network.
    """
    if made is None:
        return await _wanted(asyncio.open_connection(*target))
    try:
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, target)
    except BaseException:
        made.close()
        raise
    return await streams_of(made)


async def streams_of(connected: socket.socket) -> Streams:
    """The same of a connection that is there."""
    return await _wanted(asyncio.open_connection(sock=connected))


async def _wanted(streams: Coroutine[Any, Any, Streams]) -> Streams:
    opening = asyncio.ensure_future(streams)
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_unwanted)
        raise


def _unwanted(opening: asyncio.Future[Streams]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        reset(opening.result()[1])


async def close(*writers: asyncio.StreamWriter) -> None:
    """Closes connections when all that was written is out."""
    for writer in writers:
        writer.close()
    for writer in writers:
        await writer.wait_closed()


def reset(*writers: asyncio.StreamWriter) -> None:
    """Ends connections at once, as one that has broken down: who is at the other end is told so."""
    for writer in writers:
        if not writer.transport.is_closing():
            linger = struct.pack("ii", 1, 0)  # on, for no time: the system sends RST, not FIN
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()


class Background:
    """Runs until the block ends, which cancels all that still runs in it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="cluster", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.call(self._cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(WAIT_SECONDS)
        self.loop.close()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Does ``work`` in the loop, and waits for it. Never called in the loop's own thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(WAIT_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def _cancel_all(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for _ in range(TURNS):
            await asyncio.sleep(0)
