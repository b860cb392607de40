"""Metrics for Prometheus at ``/metrics``, read from the hub at the time of a scrape."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

import hubbub
from hubbub.server.http import metric_table as table
from hubbub.server.http.answers import failure
from hubbub.server.http.reached import is_local, is_passed_on
from hubbub.server.http.view import HubView
from hubbub.server.tallies import STATUS_CLASSES, Tallies

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

FRESH_SECONDS = 1.0
"""How long an answer is cached: making one blocks the event loop for ten milliseconds."""


class Metrics:
    """Answers the clients that may read the metrics."""

    def __init__(self, hub: HubView, who: str, tallies: Tallies) -> None:
        self._hub = hub
        self._tallies = tallies
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
            self._registry = _make_registry(self._hub, self._tallies)
        now = asyncio.get_running_loop().time()
        if self._made_at is None or now - self._made_at >= FRESH_SECONDS:
            self._made, self._made_at = generate_latest(self._registry), now
        return Response(self._made, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


class Collector:
    """Reads the counters at the time of a scrape, so that counting costs an addition."""

    def __init__(self, hub: HubView, tallies: Tallies) -> None:
        self._hub = hub
        self._tallies = tallies

    def collect(self) -> Iterator[Metric]:
        """All numbers of the hub, and of its connections."""
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            InfoMetricFamily,
            UnknownMetricFamily,
        )

        version = {"version": hubbub.__version__}
        yield InfoMetricFamily("hubbub", table.ALONE["info"], value=version)
        healthy = float(self._hub.healthy)
        yield GaugeMetricFamily("hubbub_healthy", table.ALONE["healthy"], healthy)
        for name, value in self._hub.stats().items():
            if name in table.COUNTERS:
                yield CounterMetricFamily(f"hubbub_{name}", table.COUNTERS[name], value)
            elif name in table.GAUGES:
                yield GaugeMetricFamily(f"hubbub_{name}", table.GAUGES[name], value)
            else:
                yield UnknownMetricFamily(f"hubbub_{name}", "Not described yet.", value)
        until = self._tallies.certificate_until
        if until is not None:
            name = "certificate_expiry_timestamp_seconds"
            yield GaugeMetricFamily(f"hubbub_{name}", table.ALONE[name], until)
        yield from self._by_label()
        yield from self._histograms()

    def _by_label(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        of_hub = self._hub.labelled()
        for name, (label, what) in table.HUB_GAUGES_BY.items():
            gauge = GaugeMetricFamily(f"hubbub_{name}", what, labels=[label])
            for value, count in sorted(of_hub.get(name, {}).items()):
                gauge.add_metric([value], count)
            yield gauge
        tallies = self._tallies
        counts = {
            **of_hub,
            "connections_refused": tallies.refused,
            "faults": tallies.faults,
            "http_requests": {name: tallies.requests[name] for name in STATUS_CLASSES[1:]},
            "tls_handshakes": tallies.handshakes,
        }
        for name, (label, what) in {**table.HUB_COUNTERS_BY, **table.SERVER_COUNTERS_BY}.items():
            counter = CounterMetricFamily(f"hubbub_{name}", what, labels=[label])
            for value, count in sorted(counts.get(name, {}).items()):
                counter.add_metric([value], count)
            yield counter

    def _histograms(self) -> Iterator[Metric]:
        from prometheus_client.core import HistogramMetricFamily

        measures = self._hub.measures
        for name, histogram in (
            ("commit_seconds", measures.commits),
            ("commit_entries", measures.entries),
            ("examination_seconds", measures.examinations),
            ("loop_lag_seconds", measures.lags),
        ):
            yield HistogramMetricFamily(
                f"hubbub_{name}",
                table.HISTOGRAMS[name],
                buckets=list(histogram.cumulative()),
                sum_value=histogram.total,
            )


def _make_registry(hub: HubView, tallies: Tallies) -> CollectorRegistry:
    from prometheus_client import (
        CollectorRegistry,
        GCCollector,
        PlatformCollector,
        ProcessCollector,
    )

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector(hub, tallies))
    ProcessCollector(registry=registry)  # memory, processor time, open files
    GCCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry
