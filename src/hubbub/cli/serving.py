"""`hubbub serve`: puts the server's parts together and runs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from hubbub.cli.failing import Failed
from hubbub.config import Settings
from hubbub.domain.ids import ID_BITS

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable
    from pathlib import Path

    from hubbub.hub.ports import Clock, SingleSignOn
    from hubbub.server.listener import Listener
    from hubbub.storage.log import SqlLog

ABOUT_SETTINGS = (
    "Each setting can also be given in the environment (HUBBUB_RATE_LIMIT=20) or in the settings "
    "file (rate-limit = 20). A flag comes before the environment, and that before the file. "
    "All about them: docs/configuration.md"
)

SWITCH_SECONDS = 0.0001
"""The interval after which a thread that waits for the GIL asks its holder to release it.

The wait starts again each time the GIL was released for a moment, as every system call does. With
Python's default of 5 ms a loop that is busy with a flood starved the writer thread for seconds.
"""


def serve(settings: Settings | None = None) -> None:
    """Start a chat server."""
    import asyncio

    from hubbub.server import logs

    settings = settings or Settings()  # not in the line above: it looks for the home folder
    if settings.data is None:
        raise Failed("You have no home folder, so say where the data is to be kept: --data FOLDER.")
    logs.set_up(settings.log_level, settings.log_format)
    sys.setswitchinterval(SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings, settings.data))


async def _serve(settings: Settings, data: Path) -> None:
    """Puts the server together and runs it until it is told to stop."""
    import asyncio
    import gc
    import logging
    import secrets
    import time
    from dataclasses import replace

    from hubbub.cli.invitation import invitation
    from hubbub.credentials.passwords import Argon2Passwords
    from hubbub.credentials.totp import Totp
    from hubbub.domain import tables
    from hubbub.domain.errors import LogUnavailable
    from hubbub.hub.hub import Hub
    from hubbub.server.descriptor_limit import raise_descriptor_limit
    from hubbub.server.run import serve as run
    from hubbub.storage.errors import StorageError, opening_error
    from hubbub.storage.log import DATABASE, SqlLog
    from hubbub.storage.search.sqlite import SqlSearch, can_search

    logger = logging.getLogger(__name__)
    settings = replace(settings, sessions=raise_descriptor_limit(settings.sessions))

    def clock() -> int:
        return time.time_ns() // 1_000_000

    provider = _provider(settings, clock)

    def announce(addresses: Sequence[tuple[str, int]]) -> None:
        files = {"data": str(data)}
        if settings.config is not None:
            files["settings"] = str(settings.config)
        for host, port in addresses:
            shown = f"[{host}]" if ":" in host else host
            logger.info("Listening on %s:%d", shown, port, extra=files)
        for sentence in invitation(addresses):
            logger.info(sentence)
        if hub.owner_code is not None:
            logger.info(
                "Nobody owns this server yet. To own it, type in any client: /register, and then "
                "/own %s",
                hub.owner_code,
            )
        warning = exposure([host for host, _ in addresses])
        if warning:
            logger.warning(warning)

    async def prepare(listener: Listener) -> None:
        await listener.serve_http().warm()
        with suppress(OSError):  # no descriptor is free: it is imported when it is needed
            await asyncio.to_thread(tables.prepare)
        # Rooms, users and modules stay: a full garbage collection need not traverse them, which
        # would stop the loop for as long.
        gc.freeze()

    try:
        log = await SqlLog.open(data, durability=settings.durability)
    except StorageError as error:
        raise Failed(str(error)) from None
    search = None
    if settings.search == "on" and can_search():
        search = SqlSearch.open(data / DATABASE, log.id)
        log.watch(search.committed)
    elif settings.search == "on":
        logger.warning("This Python's SQLite has no full-text search (FTS5): search is off.")
    passwords = Argon2Passwords(time.perf_counter)
    try:
        hub = Hub(
            log,
            search=search,
            settings=settings,
            clock=clock,
            monotonic=time.monotonic,
            stopwatch=time.perf_counter,
            ids=lambda: secrets.randbelow(2**ID_BITS - 1) + 1,
            passwords=passwords,
            factor=Totp(),
            provider=provider,
        )
        await run(hub, settings, announce=announce, prepare=prepare)
    except LogUnavailable as error:
        cause = error.__cause__
        raise Failed(
            str(opening_error(cause, log.path) if isinstance(cause, Exception) else error)
        ) from None
    except OSError as error:
        raise Failed(_cannot_listen(settings, error)) from None
    finally:
        await passwords.close()
        if search is not None:
            await search.close()
        await _close(log, data)


def _provider(settings: Settings, clock: Clock) -> SingleSignOn | None:
    """The single sign-on; None for none."""
    if not settings.sign_on_issuer:
        return None
    from hubbub.config.secretfile import SecretRefused, read_secret
    from hubbub.credentials.oidc import OpenIdConnect, Provider

    file = settings.sign_on_secret_file
    try:
        secret = "" if file is None else read_secret(file)
        known = Provider(settings.sign_on_issuer, settings.sign_on_client_id, secret)
    except (SecretRefused, ValueError) as error:
        raise Failed(str(error)) from None
    return OpenIdConnect(known, clock)


async def _close(log: SqlLog, data: Path) -> None:
    try:
        await log.close()
    except TimeoutError:
        raise Failed(
            f"The disk of {data} does not answer, so the last messages may not be saved. "
            "Nobody was told that they were; clients that come back send theirs again."
        ) from None


def exposure(hosts: Sequence[str]) -> str | None:
    """A warning if ``hosts`` (IP addresses) can be reached from other computers, else None."""
    from ipaddress import ip_address

    open_to_others = [host for host in hosts if not ip_address(host.partition("%")[0]).is_loopback]
    if not open_to_others:
        return None
    return (
        f"Everyone who can reach this computer at {', '.join(open_to_others)} can connect, "
        "read all rooms and say anything in them under any free name, and nothing is encrypted on "
        "the way. On the internet, put a proxy that speaks TLS before it."
    )


def _cannot_listen(settings: Settings, error: OSError) -> str:
    import errno

    from hubbub.server.sockets import CannotListen

    hints = {
        errno.EADDRINUSE: " Another program has this port: stop it, or choose another --port.",
        errno.EACCES: " Ports below 1024 are for the system: choose another --port.",
        errno.EADDRNOTAVAIL: " This computer has no such address: choose another --host.",
    }
    number = error.errno or 0
    # Event loops put their own words into strerror. Codes of getaddrinfo are negative.
    reason = os.strerror(number) if number > 0 else error.strerror or str(error)
    hint = hints.get(number, "")
    host = error.host if isinstance(error, CannotListen) else ", ".join(settings.host)
    return f"Cannot listen on {host} port {settings.port}: {reason}.{hint}"


def _loop_factory() -> Callable[[], AbstractEventLoop] | None:
    """The factory of uvloop, which has twice the throughput; None (asyncio) where it is missing."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
