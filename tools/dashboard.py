"""Writes deploy/grafana/hubbub.json, the dashboard for Grafana, from the panels that stand here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "deploy" / "grafana" / "hubbub.json"

SCHEMA = 39
"""The version of Grafana's format: of Grafana 11; later ones bring it up to date themselves."""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
HERE = 'job="$job", instance="$instance"'
COLUMNS = 24  # of Grafana's grid
RATE = "$__rate_interval"


@dataclass(frozen=True)
class Line:
    """One expression; ``@`` in it stands for the server that was chosen."""

    expression: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """``good``: the thresholds, each a value and a colour; the first has no value."""

    title: str
    what: str
    lines: Sequence[Line]
    unit: str = "short"
    kind: str = "timeseries"
    good: Sequence[tuple[float | None, str]] = ()
    stacked: bool = False


@dataclass(frozen=True)
class Row:
    """Panels side by side, of the same width."""

    title: str
    height: int
    panels: Sequence[Panel]


def rate(name: str, labels: str = "", by: str = "") -> str:
    """How often a second ``name`` counts, on the chosen server."""
    chosen = f"{{@{', ' + labels if labels else ''}}}"
    inner = f"rate({name}{chosen}[{RATE}])"
    return f"sum by ({by}) ({inner})" if by else inner


def share(share: float, name: str) -> Line:
    """The value below which that share of all lies, of a histogram."""
    within = f"sum by (le) (rate({name}_bucket{{@}}[{RATE}]))"
    return Line(f"histogram_quantile({share}, {within})", f"p{share * 100:g}")


def mean(name: str) -> Line:
    """The mean of a histogram's values."""
    return Line(f"rate({name}_sum{{@}}[{RATE}]) / rate({name}_count{{@}}[{RATE}])", "mean")


def now(title: str, what: str, expression: str, unit: str = "short", **more: Any) -> Panel:
    """One number."""
    return Panel(title, what, [Line(expression)], unit, "stat", **more)


GREEN: Sequence[tuple[float | None, str]] = ((None, "green"),)

ROWS = (
    Row(
        "Now",
        4,
        (
            now(
                "Saves",
                "1 while what is said can be saved.",
                "hubbub_healthy{@}",
                good=((None, "red"), (1, "green")),
            ),
            now("Sessions", "Connections that chat.", "hubbub_sessions{@}", good=GREEN),
            now("Users", "Connected, or their name is held.", "hubbub_users{@}", good=GREEN),
            now("Rooms", "Rooms.", "hubbub_rooms{@}", good=GREEN),
            now(
                "Slowest commits",
                "99 of 100 commits take no longer.",
                share(0.99, "hubbub_commit_seconds").expression,
                "s",
                good=((None, "green"), (0.1, "yellow"), (0.5, "red")),
            ),
            now(
                "Disk left",
                "Bytes that the disk has left.",
                "hubbub_disk_free_bytes{@}",
                "bytes",
                good=((None, "red"), (2**30, "yellow"), (10 * 2**30, "green")),
            ),
            now(
                "Last backup",
                "Its age.",
                "time() - hubbub_last_backup_timestamp_seconds{@}",
                "s",
                good=((None, "green"), (30 * 3600, "yellow"), (36 * 3600, "red")),
            ),
            now(
                "Certificate",
                "How long it is still good for.",
                "hubbub_certificate_expiry_timestamp_seconds{@} - time()",
                "s",
                good=((None, "red"), (7 * 86400, "yellow"), (14 * 86400, "green")),
            ),
        ),
    ),
    Row(
        "What people do",
        8,
        (
            Panel(
                "Sessions by protocol",
                "Connections that chat, by what they speak.",
                [Line("hubbub_sessions_by_protocol{@}", "{{protocol}}")],
                stacked=True,
            ),
            Panel(
                "Events",
                "What was said and done a second, and to how many it was delivered.",
                [
                    Line(rate("hubbub_events_total"), "events"),
                    Line(rate("hubbub_deliveries_total"), "deliveries"),
                ],
                "ops",
            ),
            Panel(
                "HTTP",
                "Requests a second, by the class of the answer's status.",
                [Line(rate("hubbub_http_requests_total"), "{{status}}")],
                "reqps",
                stacked=True,
            ),
        ),
    ),
    Row(
        "How quick it is",
        8,
        (
            Panel(
                "Commits",
                "From the first entry of a commit until it is on disk.",
                [share(each, "hubbub_commit_seconds") for each in (0.5, 0.9, 0.99)],
                "s",
            ),
            Panel(
                "Entries in a commit",
                "The more is said at once, the more is saved together.",
                [mean("hubbub_commit_entries"), share(0.99, "hubbub_commit_entries")],
            ),
            Panel(
                "Lag of the event loop",
                "How late it comes to what is due.",
                [share(each, "hubbub_loop_lag_seconds") for each in (0.5, 0.99)],
                "s",
            ),
            Panel(
                "Waiting",
                "Messages on their way to the disk, and events that cannot be searched for yet.",
                [
                    Line("hubbub_texts_waiting{@}", "on their way to the disk"),
                    Line("hubbub_search_behind{@}", "not to be searched for yet"),
                ],
            ),
        ),
    ),
    Row(
        "What is held back",
        8,
        (
            Panel(
                "Refusals",
                "Commands refused a second, by the reason.",
                [Line(rate("hubbub_refusals_total"), "{{code}}")],
                "ops",
                stacked=True,
            ),
            Panel(
                "Connections refused",
                "A second, by the reason.",
                [Line(rate("hubbub_connections_refused_total"), "{{code}}")],
                "ops",
                stacked=True,
            ),
            Panel(
                "TLS",
                "Handshakes a second; those that are begun and never done have failed.",
                [Line(rate("hubbub_tls_handshakes_total"), "{{state}}")],
                "ops",
            ),
            Panel(
                "Slow and greedy clients",
                "Full outboxes, commands over a budget, turns that had to wait, a second.",
                [
                    Line(rate("hubbub_stalls_total"), "outbox full"),
                    Line(rate("hubbub_delayed_total"), "over the budget"),
                    Line(rate("hubbub_turns_queued_total"), "turns queued"),
                    Line(rate("hubbub_pages_read_total"), "pages read for catching up"),
                ],
                "ops",
            ),
            Panel(
                "Faults",
                "Of the server; its log tells of each. And what the log could not save.",
                [
                    Line(rate("hubbub_faults_total"), "{{protocol}}"),
                    Line(rate("hubbub_refused_by_log_total"), "not saved"),
                ],
                "ops",
            ),
        ),
    ),
    Row(
        "What it takes",
        8,
        (
            Panel(
                "Processor",
                "1 is one processor.",
                [Line(f"rate(process_cpu_seconds_total{{@}}[{RATE}])", "used")],
                "percentunit",
            ),
            Panel(
                "Memory",
                "Of the process, and what of it are the newest events of rooms.",
                [
                    Line("process_resident_memory_bytes{@}", "process"),
                    Line("hubbub_tail_bytes{@}", "newest events"),
                ],
                "bytes",
            ),
            Panel(
                "Files",
                "The database, its write-ahead log and the search index.",
                [
                    Line("hubbub_database_bytes{@}", "database"),
                    Line("hubbub_wal_bytes{@}", "write-ahead log"),
                    Line("hubbub_search_bytes{@}", "search index"),
                ],
                "bytes",
            ),
            Panel(
                "Open files and garbage",
                "Open files and sockets; collections of garbage a minute.",
                [
                    Line("process_open_fds{@}", "open"),
                    Line(
                        f"60 * rate(python_gc_collections_total{{@}}[{RATE}])",
                        "generation {{generation}}",
                    ),
                ],
            ),
        ),
    ),
)


def dashboard() -> dict[str, Any]:
    """The whole dashboard, as Grafana imports it."""
    return {
        "__inputs": [],
        "title": "Hubbub",
        "uid": "hubbub",
        "description": "A Hubbub chat server: what people do, how quick it is, what it takes.",
        "tags": ["chat", "hubbub"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": list(_variables())},
        "annotations": {"list": [_starts()]},
        "panels": list(_panels()),
    }


def _variables() -> Iterator[dict[str, Any]]:
    yield {"name": "datasource", "label": "Source", "type": "datasource", "query": "prometheus"}
    for name, label, query in (
        ("job", "Job", "label_values(hubbub_info, job)"),
        ("instance", "Server", 'label_values(hubbub_info{job="$job"}, instance)'),
    ):
        yield {
            "name": name,
            "label": label,
            "type": "query",
            "datasource": SOURCE,
            "query": {"query": query, "refId": name},
            "definition": query,
            "refresh": 2,
            "sort": 1,
        }


def _starts() -> dict[str, Any]:
    """A mark where the server was started."""
    return {
        "name": "Starts",
        "datasource": SOURCE,
        "enable": True,
        "expr": f"changes(process_start_time_seconds{{{HERE}}}[2m]) > 0",
        "iconColor": "blue",
        "step": "1m",
        "titleFormat": "Started",
    }


def _panels() -> Iterator[dict[str, Any]]:
    number, top = 1, 0
    for row in ROWS:
        place = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
        yield {"id": number, "type": "row", "title": row.title, "gridPos": place, "panels": []}
        number, top = number + 1, top + 1
        width = COLUMNS // len(row.panels)
        for column, panel in enumerate(row.panels):
            place = {"x": column * width, "y": top, "w": width, "h": row.height}
            yield {"id": number, "gridPos": place, **_panel(panel)}
            number += 1
        top += row.height


def _panel(panel: Panel) -> dict[str, Any]:
    steps = [{"value": value, "color": color} for value, color in panel.good]
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0}
    if steps:
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
        defaults["color"] = {"mode": "thresholds"}
    if panel.kind == "timeseries":
        stacking = {"mode": "normal" if panel.stacked else "none", "group": "A"}
        fill = 30 if panel.stacked else 10
        defaults["custom"] = {"fillOpacity": fill, "stacking": stacking, "showPoints": "never"}
        options: dict[str, Any] = {
            "legend": {"displayMode": "list", "placement": "bottom"},
            "tooltip": {"mode": "multi"},
        }
    else:
        options = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value"}
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.what,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": SOURCE,
                "expr": line.expression.replace("@", HERE),
                "legendFormat": line.legend or "__auto",
            }
            for place, line in enumerate(panel.lines)
        ],
    }


def written() -> str:
    """The file's text."""
    return json.dumps(dashboard(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(written())
