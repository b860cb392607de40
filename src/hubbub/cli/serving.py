"""`hubbub serve`: puts the server's parts together and runs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from hubbub.cli.failing import Failed
from hubbub.cli.handing import begin, following
from hubbub.config import Settings

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable
    from pathlib import Path

    from hubbub.server.doors import Door
    from hubbub.server.listener import Listener
    from hubbub.server.service import Service
    from hubbub.server.tls.certificates import Certificates

ABOUT_SETTINGS = (
    "Each setting can also be given in the environment (HUBBUB_RATE_LIMIT=20) or in the settings "
    "file (rate-limit = 20). A flag comes before the environment, and that before the file. "
    "All about them: docs/configuration.md"
)

Encryption = Literal["none", "wanted", "required"]
"""Whether others may encrypt, and whether they have to."""

_UNENCRYPTED: dict[Encryption, str] = {
    "none": ", and nothing is encrypted on the way. With --tls auto the server makes itself a "
    "certificate, as for a network at home; on the internet, --tls-domain NAME gets it one, or put "
    "a proxy that speaks TLS before it.",
    "wanted": ". What is said by those who connect without TLS, as netcat does, is not encrypted "
    "on the way: --tls required serves nobody so.",
    "required": ".",
}

_SECURED: dict[Encryption, str] = {
    "none": "",
    "wanted": ", with TLS and without",
    "required": ", with TLS; without, for this computer only",
}

SWITCH_SECONDS = 0.0001
"""The interval after which a thread that waits for the GIL asks its holder to release it.

The wait starts again each time the GIL was released for a moment, as every system call does. With
Python's default of 5 ms a loop that is busy with a flood starved the writer thread for seconds.
"""


def serve(settings: Settings | None = None) -> None:
    """Start a chat server."""
    import asyncio
    import logging

    from hubbub.server import logs

    settings = settings or Settings()  # not in the line above: it looks for the home folder
    if settings.data is None:
        raise Failed("You have no home folder, so say where the data is to be kept: --data FOLDER.")
    service = begin(settings.data, partial(_read_files, settings), settings.database)
    if service is None:
        return
    logs.set_up(settings.log_level, settings.log_format)
    if service.activated:
        logging.getLogger(__name__).info(
            "The service manager has opened the sockets, so the settings host and port do not "
            "count."
        )
    if settings.database:
        from hubbub.cli.telling import told_to_others

        for warning in told_to_others(settings, sys.argv):
            logging.getLogger(__name__).warning(warning)
    sys.setswitchinterval(SWITCH_SECONDS)
    while service is not None:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(settings, settings.data, service))
        service = following(service)


async def _serve(settings: Settings, data: Path, service: Service) -> None:
    """Puts the server together and runs it until it is told to stop, or another one takes over."""
    import asyncio
    import gc
    import logging
    from dataclasses import replace

    from hubbub.cli.assembling import assembled
    from hubbub.cli.backing import beside, daily_of
    from hubbub.cli.encrypting import certificates as certificates_of
    from hubbub.cli.introducing import draw_code, introduction
    from hubbub.cli.invitation import invitation
    from hubbub.cli.keeping import Keeping
    from hubbub.domain import tables
    from hubbub.domain.errors import LogUnavailable
    from hubbub.server.descriptor_limit import raise_descriptor_limit
    from hubbub.server.doors import door_at
    from hubbub.server.run import serve as run
    from hubbub.storage.errors import StorageError, opening_error
    from hubbub.storage.log import DATABASE

    logger = logging.getLogger(__name__)
    # Where browsers have to come back to, and what people are told.
    public = settings.public_url and settings.public_url + settings.path_prefix
    settings = replace(
        settings, public_url=public, sessions=raise_descriptor_limit(settings.sessions)
    )

    certificates: Certificates | None = None

    def announce(addresses: Sequence[tuple[str, int]]) -> None:
        files = {"data": str(data)}
        if settings.config is not None:
            files["settings"] = str(settings.config)
        encryption: Encryption = "wanted"
        if certificates is None:
            encryption = "none"
        elif settings.tls == "required":
            encryption = "required"
        for host, port in addresses:
            shown = f"[{host}]" if ":" in host else host
            how = how_served(door_at(port, settings), encryption)
            logger.info("Listening on %s:%d%s", shown, port, how, extra=files)
        if settings.socket:
            logger.info("Listening on the Unix socket %s", settings.socket, extra=files)
        elif not addresses:
            logger.info("Listening on the Unix socket that was given", extra=files)
        names = None if certificates is None else certificates.names
        for sentence in invitation(addresses, names=names, prefix=settings.path_prefix):
            logger.info(sentence)
        if hub.owner_code is not None:
            logger.info(how_to_own(hub.owner_code, settings))
        for line in introduction(settings, certificates, addresses):
            logger.info(line)
        warning = exposure([host for host, _ in addresses], encryption, settings)
        keeping.addresses = addresses
        if warning:
            logger.warning(warning)
        draw_code(settings, certificates, addresses)

    async def prepare(listener: Listener) -> None:
        listener.context.site = keeping.url().removesuffix("/")  # addresses are known by now
        await listener.serve_http().warm()
        await keeping.open()
        with suppress(OSError):  # no descriptor is free: it is imported when it is needed
            await asyncio.to_thread(tables.prepare)
            await asyncio.to_thread(import_module, "hubbub.server.irc")
        # Rooms, users and modules stay: a full garbage collection need not traverse them, which
        # would stop the loop for as long.
        gc.freeze()

    try:
        async with (
            assembled(
                settings,
                data,
                patient=service.handed_over,
                waits=service.notify.alive if service.comes_back else None,
            ) as hub,
            beside(
                data, daily_of(settings, data, hub.log.id, hub.clock, hub.measures.backed_up)
            ) as daily,
            Keeping(hub, settings, data, daily) as keeping,
        ):
            # With the lock of the data folder, where it may have to be made.
            certificates = await asyncio.to_thread(certificates_of, settings, data)
            keeping.certificates = certificates
            try:
                await run(
                    hub,
                    settings,
                    announce=announce,
                    prepare=prepare,
                    certificates=certificates,
                    tasks=keeping.administration,
                    service=service,
                    others=bool(settings.database),
                )
            except OSError as error:
                raise Failed(_cannot_listen(settings, error)) from None
    except StorageError as error:
        raise Failed(str(error)) from None
    except LogUnavailable as error:
        cause = error.__cause__
        if settings.database or not isinstance(cause, Exception):
            raise Failed(f"{error} {cause or ''}".strip()) from None
        raise Failed(str(opening_error(cause, data / DATABASE))) from None


def _read_files(settings: Settings) -> None:
    """Raises `Failed` if a file that the settings name is not good."""
    from hubbub.cli.assembling import provider_of
    from hubbub.cli.encrypting import given_certificate

    given_certificate(settings)
    provider_of(settings, lambda: 0)


def how_served(door: Door, encryption: Encryption) -> str:
    """What is spoken at a ``door``, and how, behind its address in the log."""
    from hubbub.server.doors import Door

    if door is Door.IRC_TLS:
        return " for IRC, with TLS only"
    return f"{' for IRC' if door is Door.IRC else ''}{_SECURED[encryption]}"


def how_to_own(code: str, settings: Settings) -> str:
    """How somebody becomes the owner of the server by the ``code`` that is told at its start."""
    from hubbub.cli.invitation import own_command

    nobody, admin = "Nobody owns this server yet.", f"{own_command()} admin"
    if settings.registration == "open":
        return (
            f"{nobody} To own it, type in any client: /register, and then /own {code} "
            f"(or on this computer: {admin} owner NAME)"
        )
    return (
        f"{nobody} To own it, make an account on this computer: {admin} add-user NAME --owner "
        f"(who has one can type /own {code} in any client)"
    )


def exposure(
    hosts: Sequence[str], encryption: Encryption = "none", settings: Settings | None = None
) -> str | None:
    """A warning if ``hosts`` (IP addresses) can be reached from other computers, else None."""
    from ipaddress import ip_address

    open_to_others = [host for host in hosts if not ip_address(host.partition("%")[0]).is_loopback]
    if not open_to_others:
        return None
    return (
        f"Everyone who can reach this computer at {', '.join(open_to_others)} can connect"
        f"{_may(settings or Settings())}{_UNENCRYPTED[encryption]}"
    )


def _may(settings: Settings) -> str:
    """What everyone may do who connects."""
    read = "read all rooms that are not private and say anything in them"
    if settings.guests == "on":
        return f", {read} under any free name"
    if settings.registration == "open":
        return f", make an account, {read}"
    return " and try to log in"


def _cannot_listen(settings: Settings, error: OSError) -> str:
    import errno

    from hubbub.server.sockets import CannotListen
    from hubbub.server.unixsocket import SocketRefused

    if isinstance(error, SocketRefused):
        return str(error)
    hints = {
        errno.EADDRINUSE: " Another program has this port: stop it, or choose another --port.",
        errno.EACCES: " Ports below 1024 are for the system: choose another --port.",
        errno.EADDRNOTAVAIL: " This computer has no such address: choose another --host.",
    }
    number = error.errno or 0
    # Event loops put their own words into strerror. Codes of getaddrinfo are negative.
    reason = os.strerror(number) if number > 0 else error.strerror or str(error)
    hint = hints.get(number, "")
    host, port = ", ".join(settings.host), settings.port
    if isinstance(error, CannotListen):
        host, port = error.host, error.port
    return f"Cannot listen on {host} port {port}: {reason}.{hint}"


def _loop_factory() -> Callable[[], AbstractEventLoop] | None:
    """The factory of uvloop, which has twice the throughput; None (asyncio) where it is missing."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
