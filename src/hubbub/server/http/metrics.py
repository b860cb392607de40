"""Metrics for Prometheus at ``/metrics``, read from the hub at the time of a scrape."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

import hubbub
from hubbub.server.http.answers import failure
from hubbub.server.http.reached import is_local, is_passed_on
from hubbub.server.http.view import HubView

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

COUNTERS: Mapping[str, str] = {
    "delayed": "Commands that waited, as their client was over its budget.",
    "rooms_forgotten": "Rooms forgotten in which nothing was ever said.",
    "turns_queued": "Turns that waited, as their client kept the server busy.",
    "batches": "Groups of events that were delivered together.",
    "deliveries": "Batches written to sessions.",
    "duplicates": "Messages that were sent again and had been saved already.",
    "events": "Events saved.",
    "pages_read": "Pages read from the log for sessions that were behind.",
    "refused": "Commands refused.",
    "refused_by_log": "Entries that the log could not save.",
    "searches": "Searches.",
    "sessions_ever": "Sessions since the start.",
    "stalls": "Times that a session's outbox was full.",
}
"""Counters, by the hub's name for each."""

GAUGES: Mapping[str, str] = {
    "clients": "Clients (addresses) connected now, or whose budgets are not full again.",
    "rooms": "Rooms.",
    "search_behind": "Events that are saved and cannot be found by a search yet.",
    "sessions": "Sessions connected now.",
    "tail_bytes": "Memory for the newest events of rooms.",
    "texts_waiting": "Messages on their way to the log.",
    "users": "Users connected now, or whose name is held for them.",
}
"""Gauges, by the hub's name for each."""

FRESH_SECONDS = 1.0
"""How long an answer is cached: making one blocks the event loop for ten milliseconds."""


class Metrics:
    """Answers the clients that may read the metrics."""

    def __init__(self, hub: HubView, who: str) -> None:
        self._hub = hub
        self._who = who
        self._registry: CollectorRegistry | None = None
        self._made = b""
        self._made_at: float | None = None

    async def get(self, request: Request) -> Response:
        """Answers with all numbers, in Prometheus' text format."""
        if self._who == "off":
            return failure(
                HTTPStatus.NOT_FOUND, "not-found", "Metrics are off (the setting metrics)."
            )
        if self._who == "loopback" and not (is_local(request) and not is_passed_on(request)):
            return failure(
                HTTPStatus.FORBIDDEN,
                "not-local",
                "Metrics are only for this computer itself. The setting metrics = all opens them.",
            )
        # Imported with the first request: most servers get none.
        from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

        if self._registry is None:
            self._registry = _make_registry(self._hub)
        now = asyncio.get_running_loop().time()
        if self._made_at is None or now - self._made_at >= FRESH_SECONDS:
            self._made, self._made_at = generate_latest(self._registry), now
        return Response(self._made, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


class HubCollector:
    """Reads the hub's counters at the time of a scrape, so that counting costs an addition."""

    def __init__(self, hub: HubView) -> None:
        self._hub = hub

    def collect(self) -> Iterator[Metric]:
        """All numbers of the hub."""
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            InfoMetricFamily,
            UnknownMetricFamily,
        )

        yield InfoMetricFamily("hubbub", "What is running.", value={"version": hubbub.__version__})
        healthy = float(self._hub.healthy)
        yield GaugeMetricFamily("hubbub_healthy", "1 while the log saves messages.", healthy)
        for name, value in self._hub.stats().items():
            if name in COUNTERS:
                yield CounterMetricFamily(f"hubbub_{name}", COUNTERS[name], value)
            elif name in GAUGES:
                yield GaugeMetricFamily(f"hubbub_{name}", GAUGES[name], value)
            else:
                yield UnknownMetricFamily(f"hubbub_{name}", "Not described yet.", value)


def _make_registry(hub: HubView) -> CollectorRegistry:
    from prometheus_client import CollectorRegistry, ProcessCollector

    registry = CollectorRegistry(auto_describe=False)
    registry.register(HubCollector(hub))
    ProcessCollector(registry=registry)  # memory, processor time, open files
    return registry
