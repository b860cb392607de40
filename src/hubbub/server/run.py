"""One run of the server: start, listen, wait for the signal, stop within five seconds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from hubbub.hub.hub import Hub
from hubbub.server.handover.comebacks import all_back, comebacks
from hubbub.server.listener import Listener
from hubbub.server.options import Options
from hubbub.server.service import Service
from hubbub.server.tls.certificates import Certificates

if TYPE_CHECKING:
    from hubbub.server.http.administering import Tasks

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 3.0  # for the log to save what is on its way
CLOSE_SECONDS = 1.0  # for clients to take their last bytes

Announce = Callable[[Sequence[tuple[str, int]]], None]


async def serve(
    hub: Hub,
    options: Options,
    *,
    announce: Announce,
    certificates: Certificates | None = None,
    prepare: Callable[[Listener], Awaitable[None]] | None = None,
    stop: asyncio.Event | None = None,
    tasks: Callable[[], Tasks] | None = None,
    service: Service | None = None,
    others: bool = False,
) -> None:
    """Serves until SIGTERM, SIGINT, the end of its terminal (SIGHUP), or ``stop`` is set.

    Or until another server takes over. A service has no terminal: there SIGHUP has the certificate
    read again.

    ``announce`` is called with the addresses when it listens. ``prepare`` runs right after that,
    for whatever the first connections do not need (the HTTP side). ``tasks`` makes those of
    administrators. ``service`` has the sockets, if they are not to be opened; and afterwards the
    server that takes over, if there is one, and copies of the sockets for it. ``others``: there are
    more nodes, to which clients are sent at the end. Raises `OSError` if an address cannot be
    bound.
    """
    stop = stop or asyncio.Event()
    service = service or Service()
    with _signals(stop, service, certificates):
        await hub.start(service.returning)
        listener = Listener(hub, options, certificates, tasks)
        addresses = await listener.open(service.sockets, keep=service.hands_over)
        try:
            async with asyncio.TaskGroup() as group:
                running = [
                    group.create_task(hub.run()),
                    group.create_task(listener.context.heartbeat.run()),
                ]
                if certificates is not None:
                    running.append(group.create_task(certificates.run()))
                announce(addresses)
                if prepare is not None:
                    await prepare(listener)
                status = f"Serving at {', '.join(listener.names)}"
                running.append(group.create_task(service.run(stop, listener.kept, status)))
                if hub.node is not None:
                    running.append(group.create_task(_until_lost(hub, service, stop)))
                await stop.wait()
                logger.info("Stopping, with %d connections", len(hub.sessions))
                service.stopping()
                if service.goes_on:
                    service.sockets, listener.kept = listener.kept, []
                    listener.unix = None  # its file is that of the server that takes over
                    service.expects = all_back(len(hub.sessions))
                await _stop(hub, listener, returning=service.handing_over or others)
                for task in running:
                    task.cancel()
        finally:
            # Also when something failed, or whoever runs this cancelled it.
            listener.stop()
            listener.abort()


async def _until_lost(hub: Hub, service: Service, stop: asyncio.Event) -> None:
    """A server begins anew, as another one, if others have taken over or the log went back."""
    await hub.lost.wait()
    service.begin_anew()
    stop.set()


async def _stop(hub: Hub, listener: Listener, *, returning: bool) -> None:
    listener.stop()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FLUSH_SECONDS):
            await hub.close(comebacks if returning else None)
    await _emptied(listener)
    listener.abort()
    await _emptied(listener)


async def _emptied(listener: Listener) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await listener.context.admission.emptied()


@contextlib.contextmanager
def _signals(
    stop: asyncio.Event, service: Service, certificates: Certificates | None
) -> Iterator[None]:
    """Catches the signals of a server.

    Not by `add_signal_handler`: to remove such a handler is to have the default one for a moment,
    which kills the process, and loses a signal that the loop has not looked at yet. If another
    server takes over, or this one begins anew, the handlers stay: whoever goes on with ``service``
    has to know of a signal that comes when this loop has ended.
    """
    loop = asyncio.get_running_loop()
    has_terminal = _has_terminal()

    def end() -> None:
        service.end()
        in_the_loop(stop.set)

    def hang_up() -> None:
        if has_terminal:
            end()
        elif certificates is not None:
            in_the_loop(certificates.reload)

    def in_the_loop(work: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # it is closed
            loop.call_soon_threadsafe(work)

    wanted = {"SIGTERM": end, "SIGINT": end, "SIGHUP": hang_up}
    if service.hands_over:
        wanted["SIGUSR2"] = lambda: in_the_loop(service.ask)
    if sys.platform == "win32":
        wanted = {}  # its loops do not wake up; there Ctrl-C raises KeyboardInterrupt in the task
    caught = []
    for name, handler in wanted.items():
        number = getattr(signal, name)
        before = signal.getsignal(number)
        if name == "SIGHUP" and before is signal.SIG_IGN:
            continue  # with nohup, the end of a terminal is no reason to stop
        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(number, lambda *_, handler=handler: handler())
            caught.append((number, before))
    try:
        yield
    finally:
        if service.successor is None and not service.anew:
            for number, before in caught:
                signal.signal(number, before or signal.SIG_DFL)


def _has_terminal() -> bool:
    """Whether there is a terminal whose end the system would tell of with SIGHUP."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | getattr(os, "O_NOCTTY", 0)))
    except OSError:
        return False
    return True
