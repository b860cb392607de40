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
    from hubbub.hub.ports import Bus, Clock, SingleSignOn
    from hubbub.hub.uploading import FilePorts
    from hubbub.storage.databaselog import DatabaseLog
    from hubbub.storage.postgresql.search import PostgresSearch
    from hubbub.storage.search.sqlite import SqlSearch


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
    import secrets
    import time

    from hubbub.credentials.passwords import Argon2Passwords
    from hubbub.credentials.totp import Totp
    from hubbub.hub.hub import Hub
    from hubbub.hub.measures import Measures
    from hubbub.wire.irc.servicenames import SERVICES

    def clock() -> int:
        return time.time_ns() // 1_000_000

    provider = provider_of(settings, clock)
    bus: Bus | None = None
    log = await open_log(
        data, settings.durability, database=settings.database, patient=patient, waits=waits
    )
    search = _search(settings, data, log) if settings.search == "on" else None
    measures = Measures()
    log.measure(measures.committed)
    passwords = Argon2Passwords(time.perf_counter)
    try:
        if settings.database:
            bus = bus_of(settings, log)
            settings = _named(settings)
        files = await _files(settings, data)
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
            bus=bus,
            files=files,
            kept_back=SERVICES,
        )
    finally:
        await passwords.close()
        if search is not None:
            await search.close()
        await _close(log, "The database" if settings.database else f"The disk of {data}")


def _search(settings: Settings, data: Path, log: DatabaseLog) -> SqlSearch | PostgresSearch | None:
    """Where it is searched; None if it cannot be."""
    if settings.database:
        from hubbub.storage.postgresql.log import PostgresLog
        from hubbub.storage.postgresql.search import PostgresSearch

        # Nothing is found, either, before it is certain that the log has not gone back.
        admit = log.admit if isinstance(log, PostgresLog) else None
        return PostgresSearch(settings.database, admit=admit)
    import logging

    from hubbub.storage.log import DATABASE
    from hubbub.storage.search.sqlite import SqlSearch, can_search

    if not can_search():
        logging.getLogger(__name__).warning(
            "This Python's SQLite has no full-text search (FTS5): search is off."
        )
        return None
    search = SqlSearch.open(data / DATABASE, log.id)
    log.watch(search.committed, search.erase)
    return search


async def _files(settings: Settings, data: Path) -> FilePorts:
    """Where files are, and who looks at them; raises `Failed` if that place cannot be used."""
    import logging

    from hubbub.domain.errors import LogUnavailable
    from hubbub.hub.uploading import FilePorts
    from hubbub.pictures import Examiner
    from hubbub.storage.blobs import uploads
    from hubbub.storage.blobs.places import blobs_of

    if settings.bus and not settings.files and settings.file_bytes:
        logging.getLogger(__name__).warning(
            "Files that people send here stay on this computer, and the other servers with this "
            "database cannot serve them. Set files to S3 (s3://BUCKET/PREFIX) or to a folder that "
            "all of them have, or file-bytes to 0: then none are taken."
        )
    try:
        blobs = blobs_of(settings.files, data)
        await blobs.prepare()
    except LogUnavailable as error:
        raise Failed(f"The setting files: {error}") from None
    return FilePorts(blobs, uploads.UploadFolder(data / uploads.FOLDER), Examiner().examine)


def _named(settings: Settings) -> Settings:
    """With what this server is called among several: as the computer, if nothing else is said."""
    from dataclasses import replace
    from socket import gethostname

    return replace(settings, node_name=settings.node_name or gethostname())


def bus_of(settings: Settings, log: DatabaseLog) -> Bus:
    """What tells other servers with the same database; raises `Failed`."""
    import secrets

    from hubbub.hub.following import NoBus

    if not settings.bus:
        return NoBus()
    from hubbub.cluster.creds import CredsRefused
    from hubbub.cluster.nats import NatsBus
    from hubbub.setting.buses import bus_address

    try:
        at, node = bus_address(settings.bus), secrets.token_hex(8)
        return NatsBus(at, log.id, node)
    except CredsRefused as error:
        raise Failed(str(error)) from None


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


async def _close(log: DatabaseLog, what: str) -> None:
    try:
        await log.close()
    except TimeoutError:
        raise Failed(
            f"{what} does not answer, so the last messages may not be saved. "
            "Nobody was told that they were; clients that come back send theirs again."
        ) from None
