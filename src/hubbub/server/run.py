"""One run of the server: start, listen, wait for the signal, stop within five seconds."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Sequence

from hubbub.hub.hub import Hub
from hubbub.server.listener import Listener
from hubbub.server.options import Options

FLUSH_SECONDS = 3.0  # for the log to save what is on its way
CLOSE_SECONDS = 1.0  # for clients to take their last bytes

Announce = Callable[[Sequence[tuple[str, int]]], None]


async def serve(
    hub: Hub,
    options: Options,
    *,
    announce: Announce,
    prepare: Callable[[Listener], Awaitable[None]] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serves until SIGTERM, SIGINT, SIGHUP, or ``stop`` is set.

    ``announce`` is called with the addresses when it listens. ``prepare`` runs right after that,
    for whatever the first connections do not need (the HTTP side). Raises `OSError` if an address
    cannot be bound.
    """
    stop = stop or asyncio.Event()
    with _signals(stop):
        await hub.start()
        listener = Listener(hub, options)
        addresses = await listener.open()
        try:
            async with asyncio.TaskGroup() as group:
                running = [
                    group.create_task(hub.run()),
                    group.create_task(listener.context.heartbeat.run()),
                ]
                announce(addresses)
                if prepare is not None:
                    await prepare(listener)
                await stop.wait()
                await _stop(hub, listener)
                for task in running:
                    task.cancel()
        finally:
            # Also when something failed, or whoever runs this cancelled it.
            listener.stop()
            listener.abort()


async def _stop(hub: Hub, listener: Listener) -> None:
    listener.stop()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FLUSH_SECONDS):
            await hub.close()
    await _emptied(listener)
    listener.abort()
    await _emptied(listener)


async def _emptied(listener: Listener) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await listener.context.admission.emptied()


@contextlib.contextmanager
def _signals(stop: asyncio.Event):  # type: ignore[no-untyped-def]
    loop = asyncio.get_running_loop()
    caught = []
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue  # with nohup, the end of a terminal is no reason to stop
        before = signal.getsignal(number)
        # Windows' loops cannot; there Ctrl-C raises KeyboardInterrupt in the main task.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop.set)
            caught.append((number, before))
    try:
        yield
    finally:
        for number, before in caught:
            loop.remove_signal_handler(number)
            signal.signal(number, before or signal.SIG_DFL)
