"""The task behind `hubbub top`: how busy the server is at this moment, and who costs most."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

import hubbub
from hubbub.admin.status import Nothing
from hubbub.admin.tasks import Call, Result
from hubbub.hub.snapshots import BusyClient, BusyRoom, Ranges


class Number(Result, frozen=True, kw_only=True):
    """A number that docs/http.md explains, without the ``hubbub_`` of its name there."""

    name: str
    value: float


class Spoken(Result, frozen=True, kw_only=True):
    """How many sessions speak a protocol."""

    name: str
    sessions: int


class Snapshot(Result, frozen=True, kw_only=True):
    """The server at one moment. Counters count since the start; `rooms` and `clients` have what
    was since the last question, or is now where that was long ago.

    ``counters``: those of the hub. ``commits``: the seconds that commits have taken. ``lag``: how
    late the event loop was just now. ``memory``: bytes of the process. ``processor``: seconds that
    it has used. ``rooms`` are those that the asker may know of. ``node``: the name of this server
    where it is one of several; all of it is about this one.
    """

    name: str
    version: str
    now: int
    started: int
    healthy: bool
    counters: Sequence[Number]
    protocols: Sequence[Spoken] = ()
    commits: Ranges
    lags: Ranges
    lag: float = 0.0
    memory: int | None = None
    processor: float = 0.0
    rooms: Sequence[BusyRoom] = ()
    clients: Sequence[BusyClient] = ()
    node: str = ""


async def top(call: Call, asked: Nothing) -> Snapshot:
    """Takes a snapshot."""
    hub = call.hub
    hub.costs.look(hub.rooms, hub.clients, hub.monotonic())
    measures = hub.measures
    rooms = hub.costs.room_rows() if call.by.at_hand else ()
    return Snapshot(
        name=hub.server_name,
        version=hubbub.__version__,
        now=hub.clock(),
        started=call.desk.started,
        healthy=hub.healthy,
        counters=[Number(name=name, value=value) for name, value in hub.stats().items()],
        protocols=[
            Spoken(name=name, sessions=count)
            for name, count in sorted(hub.labelled()["sessions_by_protocol"].items())
        ],
        commits=Ranges.of(measures.commits),
        lags=Ranges.of(measures.lags),
        lag=measures.lag,
        memory=await asyncio.to_thread(_memory),
        processor=time.process_time(),
        rooms=rooms,
        clients=hub.costs.client_rows(hub.clients, hub.sessions),
        node="" if hub.node is None else hub.settings.node_name,
    )


def _memory() -> int | None:
    """Bytes of the process that are in memory; None where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
