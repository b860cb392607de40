"""The metrics of a whole server."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hubbub.cluster.nats import NatsBus
from hubbub.hub.ports import FilesCounted
from hubbub.server.http import metric_table
from hubbub.server.http.metric_table import LIBRARIES
from hubbub.server.http.metrics import FRESH_SECONDS
from hubbub.server.tallies import Tallies
from hubbub.server.tls.files import FileCertificates
from hubbub.setting.buses import bus_address
from tests.certificates import make_certificate
from tests.server.http_support import FakeHub
from tests.server.http_support import serving as serving_http
from tests.server.serving import Chatter, Server, eventually, serving


async def scrape(server: Server) -> dict[tuple[str, ...], float]:
    return samples(await scraped(server))


def samples(text: str) -> dict[tuple[str, ...], float]:
    """By their name and the values of their labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def scraped(server: Server) -> str:
    client = await server.line(
        b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    )
    head, _, body = (await client.rest()).decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 "), head
    return body


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hubbub.server.http.metrics.FRESH_SECONDS", 0)
    assert FRESH_SECONDS


async def test_what_people_do_is_in_the_numbers() -> None:
    async with serving(http=True) as server:
        await server.enter("ada")
        async with server.web() as socket:
            ben = Chatter(socket)
            await ben.enter("ben")
            await ben.send({"type": "say", "room": "General", "text": ""})
            await ben.hear("error")
            await ben.send({"type": "nonsense"})
            await ben.hear("error")
            refused = await server.line(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            await refused.rest()
            missing = await server.line(
                b"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            )
            assert b" 404 " in await missing.rest()
            (await server.line(b"GET / HTTP/9.9\r\n\r\n")).end()
            await eventually(lambda: server.context.tallies.requests["5xx"] == 1)
            await eventually(lambda: sum(server.hub.measures.lags.counts) > 0)
            found = await scrape(server)
    assert found["hubbub_sessions",] == 2
    assert found["hubbub_sessions_by_protocol", "line"] == 1
    assert found["hubbub_sessions_by_protocol", "websocket"] == 1
    assert found["hubbub_refusals_total", "empty-text"] == 1
    assert found["hubbub_refusals_total", "bad-message"] == 1
    assert found["hubbub_refused_total",] == 2
    assert found["hubbub_connections_refused_total", "wrong-protocol"] == 1
    assert found["hubbub_http_requests_total", "4xx"] == 1
    assert found["hubbub_http_requests_total", "5xx"] == 1, "its version is not supported"
    lags = found["hubbub_loop_lag_seconds_count",]
    assert lags == found["hubbub_loop_lag_seconds_bucket", "+Inf"] >= 1


async def test_what_a_scrape_tells_is_what_the_table_has(tmp_path: Path) -> None:
    """Each with the labels that it has there; and nothing of it is a name that somebody chose."""
    files = make_certificate(tmp_path)
    certificates = FileCertificates(files.certificate, files.key, lambda: datetime.now(UTC))
    bus = NatsBus(bus_address("nats://127.0.0.1:1"), "0" * 32, "one")
    tls = files.client()
    async with serving(certificates=certificates, tls=tls, http=True, bus=bus) as server:
        await server.enter("ada", "Café")
        server.hub.measures.backup_at = 1
        server.hub.counts.refuse("rate-limited")
        server.hub.measures.files = FilesCounted(1, 10, 0, 0)
        server.hub.measures.looked_at("cleaned", 0.1)
        server.hub.measures.uploads_refused["too-many"] += 1
        server.context.tallies.refused["too-slow"] += 1
        server.context.tallies.faults["line"] += 1
        text = await scraped(server)
    values = samples(text)
    assert values["hubbub_tls_handshakes_total", "done"] == 2
    ends = values["hubbub_certificate_expiry_timestamp_seconds",]
    assert ends == certificates.ends.timestamp()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not sample.name.startswith(LIBRARIES) and not sample.name.endswith("_created"):
                found.setdefault(sample.name, set()).update(sample.labels)
    known = metric_table.names()
    of_files = {f"hubbub_{name}_bytes" for name in ("database", "wal", "search", "disk_free")}
    of_files |= {"hubbub_disk_kept_free_bytes"}  # a log in memory has none
    assert found == {name: labels for name, labels in known.items() if name not in of_files}
    assert not re.search("ada|Café", text)


@pytest.mark.skipif(not shutil.which("promtool"), reason="needs promtool (Debian: prometheus)")
async def test_names_and_units_are_as_prometheus_wants_them() -> None:
    async with serving(http=True) as server:
        await server.enter("ada")
        text = await scraped(server)
    command = ["promtool", "check", "metrics"]
    checked = await asyncio.to_thread(
        subprocess.run, command, input=text, capture_output=True, text=True, check=False
    )
    complaints = [line for line in checked.stderr.splitlines() if line.startswith("hubbub_")]
    assert complaints == []


async def test_times_of_commits_are_a_histogram() -> None:
    hub = FakeHub()
    hub.measures.committed(0.003, 7)
    async with serving_http(hub) as server:
        text = (await server.get("/metrics")).body.decode()
    assert '\nhubbub_commit_seconds_bucket{le="0.002"} 0.0\n' in text
    assert '\nhubbub_commit_seconds_bucket{le="0.005"} 1.0\n' in text
    assert "\nhubbub_commit_entries_sum 7.0\n" in text


def test_answers_are_counted_by_the_class_of_their_status() -> None:
    tallies = Tallies()
    for status in (200, 204, 404, 500, 999):
        tallies.answered(status)
    assert tallies.requests == {"2xx": 2, "4xx": 1, "5xx": 1}
