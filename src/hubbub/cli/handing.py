"""How a server begins and ends that takes over from another one, or is followed by one."""

from __future__ import annotations

import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hubbub.cli.beginning import end_when_told
from hubbub.cli.failing import Failed

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from types import FrameType

    from hubbub.server.service import Service
    from hubbub.storage.databaselog import DatabaseLog
    from hubbub.storage.engine import Durability

logger = logging.getLogger(__name__)

FREE_SECONDS = 5.0  # until the system has taken the folder from a server that was killed
LOOK_SECONDS = 0.05
DISK_SECONDS = 1.0  # between two looks whether a disk works again

LATER = (
    "hubbub.admin.running",
    "hubbub.admin.socket",
    "hubbub.admin.tasks",
    "hubbub.cli.assembling",
    "hubbub.cli.backing",
    "hubbub.cli.encrypting",
    "hubbub.cli.introducing",
    "hubbub.cli.invitation",
    "hubbub.cli.keeping",
    "hubbub.credentials.passwords",
    "hubbub.credentials.totp",
    "hubbub.domain.tables",
    "hubbub.hub.hub",
    "hubbub.pictures",
    "hubbub.pictures.answer",
    "hubbub.pictures.examining",
    "hubbub.pictures.kinds",
    "hubbub.server.descriptor_limit",
    "hubbub.server.http.app",
    "hubbub.server.http.protocol",
    "hubbub.server.irc",
    "hubbub.server.run",
    "hubbub.storage.blobs.uploads",
    "hubbub.storage.log",
    "hubbub.storage.search.sqlite",
    "structlog.stdlib",
)
"""What a server imports on its way to the first request; one that takes over, before it says so."""


def begin(data: Path, look: Callable[[], None], database: str = "") -> Service | None:
    """The service that this process is to run, by what its environment says.

    A server that was started to take over looks first whether it could serve, says so, and waits
    until it may. ``look`` reads the files that the settings name, and raises `Failed`. None: the
    server is not needed any more.
    """
    from hubbub.server.activation import NotOurs, given
    from hubbub.server.handover.predecessor import NotNeeded, Predecessor
    from hubbub.server.notify import Notifier
    from hubbub.server.service import Service

    notify = Notifier.of(os.environ)
    try:
        predecessor = Predecessor.of(os.environ)
        if predecessor is None:
            sockets = given(os.environ)
            return Service(notify, sockets, activated=bool(sockets), hands_over=True)
    except NotOurs as error:
        raise Failed(error.strerror) from None
    _rehearse(data, database)
    look()
    try:
        predecessor.wait()
    except NotNeeded:
        return None
    return Service(
        notify,
        predecessor.sockets,
        predecessor,
        returning=predecessor.returning,
        hands_over=True,
    )


def _rehearse(data: Path, database: str) -> None:
    """Whatever can fail before the data folder is ours. Raises `Failed`."""
    from importlib import import_module

    from hubbub.storage.errors import StorageError
    from hubbub.storage.log import DATABASE
    from hubbub.storage.upgrade import check

    for module in LATER:
        import_module(module)
    try:
        if database:
            from hubbub.storage.postgresql.log import check as check_shared

            check_shared(database)
        else:
            check(data / DATABASE)
    except StorageError as error:
        raise Failed(str(error)) from None


def following(service: Service) -> Service | None:
    """What is to be run after ``service`` has ended; None: nothing.

    If another server takes over, that is let go; if it then fails, this one serves again, by the
    code that it has loaded.
    """
    import gc

    successor = service.successor
    try:
        # Until now signals may have told `service`; what comes from here on raises.
        end_when_told(0)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if not service.goes_on:
            if successor is not None:
                successor.end()
            service.over()
            return None
        if successor is not None:
            if successor.takes_over(service.expects, service.notify.alive):
                _pass_signals_on(successor.pid)
                service.notify.main(successor.pid)
                successor.leave()
                if service.ours is not None:
                    become_keeper(service.ours, successor.pid)
                return None
            logger.error(
                "The new server (process %d) failed, so this one serves again", successor.pid
            )
    except (SystemExit, KeyboardInterrupt):
        if successor is not None:
            successor.end()
        service.over()
        raise
    gc.unfreeze()  # what was the server until now is garbage
    return service.again()


def _pass_signals_on(pid: int) -> None:
    """Whoever takes this process for the server still, as it just was, means that one."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2"):
        number = getattr(signal, name)
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, pass_on)


def become_keeper(line: socket.socket, pid: int) -> NoReturn:
    """This process was started first, and whoever has started it watches it: see `keeper`."""
    from hubbub.server.handover import keeper

    signal.pthread_sigmask(signal.SIG_BLOCK, keeper.held_back())
    logger.info("Process %d is the server now; this one stays for it", pid)
    sys.stderr.flush()
    line.setblocking(True)
    os.set_inheritable(line.fileno(), True)
    program = [sys.executable, "-I", "-S", str(Path(keeper.__file__)), str(line.fileno()), str(pid)]
    os.execv(sys.executable, program)  # noqa: S606 - there is no shell, and is to be none


async def open_log(
    data: Path,
    durability: Durability,
    *,
    database: str = "",
    patient: bool,
    waits: Callable[[], None] | None = None,
) -> DatabaseLog:
    """Opens the log in ``data``, or that in the ``database``, of which ``data`` is one server's.

    ``patient``: another server is just letting go of the folder.

    ``waits``: is called all the time while a disk that fails is waited for, for as long as it does.
    A server that comes back has served on it until now, as well as could be, and nobody else will:
    those who connect wait, too. None: an error is raised then.
    """
    import asyncio

    from hubbub.storage.errors import DatabaseUnusable, FolderInUse, FolderUnusable
    from hubbub.storage.log import SqlLog

    loop = asyncio.get_running_loop()
    until = loop.time() + (FREE_SECONDS if patient else 0)
    told = ""
    while True:
        try:
            if database:
                from hubbub.storage.postgresql.log import PostgresLog

                return await PostgresLog.open(database, data, durability=durability)
            return await SqlLog.open(data, durability=durability)
        except FolderInUse:
            if loop.time() >= until:
                raise
            pause = LOOK_SECONDS
        except (DatabaseUnusable, FolderUnusable) as error:
            if waits is None:
                raise
            if str(error) != told:
                told = str(error)
                logger.error("This server waits until it can open its log again: %s", told)
            waits()
            pause = DISK_SECONDS
        await asyncio.sleep(pause)
