"""The task that tells how the server is: what runs, how much there is, who owns it."""

from __future__ import annotations

import asyncio
import platform
import shutil
from collections.abc import Sequence
from pathlib import Path

import hubbub
from hubbub.admin.connected import people
from hubbub.admin.people import owners_of
from hubbub.admin.tasks import Arguments, Call, Result
from hubbub.admin.warnings import current, of_bus
from hubbub.storage.log import DATABASE
from hubbub.storage.search.sqlite import INDEX


class Nothing(Arguments, frozen=True, kw_only=True):
    """Takes nothing."""


class Files(Result, frozen=True, kw_only=True):
    """What lies in the data folder, in bytes, and how many its disk has ``free``."""

    folder: str
    settings: str | None = None
    database: int = 0
    wal: int = 0
    search: int = 0
    free: int | None = None


class ServerStatus(Result, frozen=True, kw_only=True):
    """How the server is.

    ``serving``: it takes connections; else its data was opened for this question only. ``healthy``:
    what is said can be saved. ``started`` (ms). ``people``: how many are connected. ``sessions``:
    their connections to the server that is asked. Where the data is not in its folder but in a
    PostgreSQL, ``shared``, that is the ``node`` of that name, one of ``nodes``. ``behind``: events
    that cannot be found by a search yet. ``keep_days``: after which what is said anywhere is gone;
    0: never. ``warnings``: of what will go wrong. ``files``: told to owners.
    """

    name: str
    version: str
    python: str
    serving: bool
    healthy: bool
    started: int
    now: int
    url: str
    log: str
    sessions: int = 0
    people: int = 0
    accounts: int = 0
    rooms: int = 0
    events: int = 0
    behind: int = 0
    owners: Sequence[str] = ()
    administrators: Sequence[str] = ()
    registration: str = "open"
    guests: bool = True
    keep_days: int = 0
    warnings: Sequence[str] = ()
    files: Files | None = None
    shared: bool = False
    node: str = ""
    nodes: int = 1


async def status(call: Call, asked: Nothing) -> ServerStatus:
    """Tells how the server is."""
    desk, hub = call.desk, call.hub
    owners = owners_of(call)
    named = [one for one in hub.sessions if one.user is not None and not one.apart]
    owns = call.by.at_hand or str(call.by.user.name) in owners.owners
    files = None
    if desk.folder is not None and owns:
        files = await asyncio.to_thread(_files, desk.folder, desk.settings.config)
    return ServerStatus(
        name=hub.server_name,
        version=hubbub.__version__,
        python=platform.python_version(),
        serving=desk.serving,
        healthy=hub.healthy,
        started=desk.started,
        now=hub.clock(),
        url=desk.url(),
        log=hub.log.id,
        sessions=len(named),
        people=people(hub),
        accounts=len(hub.access.directory.state.members),
        rooms=len(hub.rooms),
        events=sum(room.head for room in hub.rooms),
        behind=hub.search.behind if hub.search is not None else 0,
        owners=owners.owners,
        administrators=owners.administrators,
        registration=hub.settings.registration,
        guests=hub.settings.guests == "on",
        keep_days=hub.access.directory.state.facts.keep_days,
        warnings=[one.said for one in (*await current(desk), *of_bus(hub))],
        files=files,
        shared=bool(desk.settings.database),
        node=hub.settings.node_name,
        nodes=1 if hub.node is None else 1 + hub.node.others,
    )


def _files(folder: Path, settings: Path | None) -> Files:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        free = None
    return Files(
        folder=str(folder),
        settings=None if settings is None else str(settings),
        database=_size(folder / DATABASE),
        wal=_size(folder / f"{DATABASE}-wal"),
        search=_size(folder / INDEX),
        free=free,
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
