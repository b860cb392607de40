"""Puts together all of a server but its listener: the log in a folder, the search, the hub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hubbub.cli.failing import Failed
from hubbub.cli.handing import open_log
from hubbub.config import Settings
from hubbub.domain.ids import ID_BITS

if TYPE_CHECKING:
    from pathlib import Path

    from hubbub.hub.hub import Hub
    from hubbub.hub.ports import Clock, SingleSignOn
    from hubbub.storage.log import SqlLog


@asynccontextmanager
async def assembled(
    settings: Settings,
    data: Path,
    *,
    patient: bool = False,
    waits: Callable[[], None] | None = None,
) -> AsyncIterator[Hub]:
    """A hub on the log in ``data``, not started yet; it is closed at the end of the block.

    ``patient``, ``waits``: see `open_log`. Raises
    `hubbub.storage.errors.StorageError`, of which `FolderInUse` says that another server has the
    folder, and `Failed`.
    """
    import logging
    import secrets
    import time

    from hubbub.credentials.passwords import Argon2Passwords
    from hubbub.credentials.totp import Totp
    from hubbub.hub.hub import Hub
    from hubbub.hub.measures import Measures
    from hubbub.storage.log import DATABASE
    from hubbub.storage.search.sqlite import SqlSearch, can_search

    logger = logging.getLogger(__name__)

    def clock() -> int:
        return time.time_ns() // 1_000_000

    provider = provider_of(settings, clock)
    log = await open_log(data, settings.durability, patient=patient, waits=waits)
    search = None
    if settings.search == "on" and can_search():
        search = SqlSearch.open(data / DATABASE, log.id)
        log.watch(search.committed)
    elif settings.search == "on":
        logger.warning("This Python's SQLite has no full-text search (FTS5): search is off.")
    measures = Measures()
    log.measure(measures.committed)
    passwords = Argon2Passwords(time.perf_counter)
    try:
        yield Hub(
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
            measures=measures,
        )
    finally:
        await passwords.close()
        if search is not None:
            await search.close()
        await _close(log, data)


def provider_of(settings: Settings, clock: Clock) -> SingleSignOn | None:
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
