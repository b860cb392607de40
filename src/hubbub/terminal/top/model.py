"""What `hubbub top` shows: rates and latencies, found by comparing snapshots of a server."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from enum import Enum

import msgspec
from msgspec import Struct

from hubbub.hub.histograms import quantile
from hubbub.hub.snapshots import BusyClient, BusyRoom, Ranges

WINDOW_SECONDS = 10.0  # over which commits are looked at: one second has few of them


class Named(Struct, frozen=True):
    """A number of the hub, as docs/http.md explains it."""

    name: str
    value: float


class Spoken(Struct, frozen=True):
    """How many sessions speak a protocol."""

    name: str
    sessions: int


class Snapshot(Struct, frozen=True, kw_only=True):
    """What the task ``top`` gives: see `hubbub.admin.watching`."""

    name: str
    version: str
    now: int
    started: int
    healthy: bool
    counters: Sequence[Named]
    protocols: Sequence[Spoken] = ()
    commits: Ranges
    lags: Ranges
    lag: float = 0.0
    memory: int | None = None
    processor: float = 0.0
    rooms: Sequence[BusyRoom] = ()
    clients: Sequence[BusyClient] = ()
    node: str = ""


class Order(Enum):
    """By what rooms and clients are sorted."""

    BUSY = "busy"
    PEOPLE = "people"
    NAME = "name"

    @property
    def next(self) -> Order:
        """The one after it, in turns."""
        orders = list(Order)
        return orders[(orders.index(self) + 1) % len(orders)]


class View(Struct, frozen=True, kw_only=True):
    """The server as it is shown. Rates are by the second, and None before there are any."""

    name: str
    node: str
    version: str
    now: int
    up: float
    healthy: bool
    counters: Mapping[str, float]
    protocols: Mapping[str, int]
    rates: Mapping[str, float | None]
    commit_p50: float | None
    commit_p99: float | None
    commits: float | None
    lag: float
    lag_p99: float | None
    memory: int | None
    processor: float | None
    rooms: Sequence[BusyRoom]
    clients: Sequence[BusyClient]


RATES = ("events", "deliveries", "refused", "stalls", "turns_queued", "pages_read")
"""The hub's counters of which a rate is shown."""


def decode(data: bytes) -> Snapshot:
    """A snapshot from its JSON; raises `msgspec.DecodeError`."""
    return msgspec.json.decode(data, type=Snapshot)


class History:
    """The snapshots of the last seconds."""

    def __init__(self) -> None:
        self._kept: deque[Snapshot] = deque()

    def add(self, snapshot: Snapshot) -> None:
        """Takes the newest one. What was before a restart of the server is dropped."""
        kept = self._kept
        if kept and kept[-1].started != snapshot.started:
            kept.clear()
        kept.append(snapshot)
        while len(kept) > 2 and snapshot.now - kept[1].now >= WINDOW_SECONDS * 1000:
            kept.popleft()

    def view(self, order: Order = Order.BUSY) -> View | None:
        """What is to be shown; None before the first snapshot."""
        if not self._kept:
            return None
        new, first = self._kept[-1], self._kept[0]
        before = self._kept[-2] if len(self._kept) > 1 else None
        seconds = 0.0 if before is None else (new.now - before.now) / 1000
        counters = {one.name: one.value for one in new.counters}
        rates: dict[str, float | None] = dict.fromkeys(RATES)
        processor = None
        if before is not None and seconds > 0:
            old = {one.name: one.value for one in before.counters}
            for name in RATES:
                rates[name] = (counters.get(name, 0.0) - old.get(name, 0.0)) / seconds
            processor = (new.processor - before.processor) / seconds
        window = (new.now - first.now) / 1000
        commits = _since(new.commits, first.commits)
        lags = _since(new.lags, first.lags)
        return View(
            name=new.name,
            node=new.node,
            version=new.version,
            now=new.now,
            up=(new.now - new.started) / 1000,
            healthy=new.healthy,
            counters=counters,
            protocols={one.name: one.sessions for one in new.protocols},
            rates=rates,
            commit_p50=quantile(0.5, new.commits.bounds, commits),
            commit_p99=quantile(0.99, new.commits.bounds, commits),
            commits=sum(commits) / window if window > 0 else None,
            lag=new.lag,
            lag_p99=quantile(0.99, new.lags.bounds, lags),
            memory=new.memory,
            processor=processor,
            rooms=sorted(new.rooms, key=lambda row: _room_key(row, order)),
            clients=sorted(new.clients, key=lambda row: _client_key(row, order)),
        )


def _since(new: Ranges, old: Ranges) -> list[int]:
    """What was counted between two snapshots; all of it when there is only one."""
    if new is old:
        return list(new.counts)
    return [count - before for count, before in zip(new.counts, old.counts, strict=True)]


def _room_key(row: BusyRoom, order: Order) -> tuple[float | str, ...]:
    if order is Order.NAME:
        return (row.name.casefold(),)
    ranks = (-row.events, -row.here) if order is Order.BUSY else (-row.here, -row.events)
    return (*ranks, row.name.casefold())


def _client_key(row: BusyClient, order: Order) -> tuple[float | str, ...]:
    if order is Order.NAME:
        return (row.address,)
    counts = (-row.busy, -row.connections)
    return (*(counts if order is Order.BUSY else counts[::-1]), row.address)
