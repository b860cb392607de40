"""The dashboard and the alerts in deploy/ ask for metrics that there are, and are valid."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hubbub.server.http.metric_table import names
from tools import dashboard

DEPLOY = Path(__file__).parents[2] / "deploy"
DOCS = (Path(__file__).parents[2] / "docs" / "watching.md").read_text()
ALERTS = (DEPLOY / "prometheus" / "alerts.yml").read_text()

with_promtool = pytest.mark.skipif(
    not shutil.which("promtool"), reason="needs promtool (Debian: prometheus)"
)

OF_OTHERS: dict[str, set[str]] = {
    "up": {"job", "instance"},
    "process_start_time_seconds": set(),
    "process_cpu_seconds_total": set(),
    "process_resident_memory_bytes": set(),
    "process_open_fds": set(),
    "python_gc_collections_total": {"generation"},
}
"""What Prometheus and its library for Python tell of every program."""


def shown() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DEPLOY / "grafana" / "hubbub.json").read_text())
    return loaded


def targets() -> Iterator[tuple[str, str]]:
    """All expressions of the dashboard, and the labels that stand beside their curves."""
    whole = shown()
    for panel in whole["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"], target["legendFormat"]
    for note in whole["annotations"]["list"]:
        yield note["expr"], ""


def expressions_of_alerts() -> list[str]:
    found = re.findall(r"^ +expr: (.*)$", ALERTS, re.MULTILINE)
    assert len(found) == ALERTS.count("- alert:")
    return found


def labels_of() -> dict[str, set[str]]:
    """All metrics, and the labels of each."""
    return {name: set(labels) for name, labels in names().items()} | OF_OTHERS


def check_names(expression: str) -> set[str]:
    """Fails for a metric, or a label, that there is none of. Returns the metrics."""
    known = labels_of()
    without_values = re.sub('"[^"]*"', "", expression)
    used = set(re.findall(r"\b(?:hubbub|process|python|up)(?:_\w+)?\b", without_values))
    assert used, expression
    assert used <= known.keys(), expression
    labels = set().union(*(known[name] for name in used)) | {"job", "instance"}
    chosen = set(re.findall(r"(\w+)\s*[=!]~?\s*\"", expression))
    groups = re.findall(r"by \(([^)]*)\)", expression)
    by = {name.strip() for group in groups for name in group.split(",")}
    assert chosen | by <= labels, expression
    return used


def test_the_dashboard_is_the_one_that_the_tool_writes() -> None:
    """After a change: python -m tools.dashboard"""
    assert (DEPLOY / "grafana" / "hubbub.json").read_text() == dashboard.written()


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    for expression, legend in targets():
        used = check_names(expression)
        labels = set[str]().union(*(labels_of()[name] for name in used))
        assert set(re.findall(r"{{(\w+)}}", legend)) <= labels


def test_the_alerts_ask_for_metrics_that_there_are() -> None:
    for expression in expressions_of_alerts():
        check_names(expression)


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    panels = shown()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= dashboard.COLUMNS
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_alert_is_explained() -> None:
    alerts = re.findall(r"- alert: (\w+)", ALERTS)
    assert re.findall(r"^\| `(Hubbub\w+)` ", DOCS, re.MULTILINE) == alerts


@with_promtool
def test_prometheus_takes_the_configuration_and_the_dashboard_s_expressions(tmp_path: Path) -> None:
    run("check", "config", str(DEPLOY / "prometheus" / "scrape.yml"))
    rules = [
        {"record": f"panel:{place}", "expr": plain(expression)}
        for place, (expression, _) in enumerate(targets())
    ]
    file = tmp_path / "panels.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))  # YAML, too
    run("check", "rules", str(file))


@with_promtool
def test_each_alert_fires_when_it_should_and_not_before() -> None:
    tests = Path(__file__).with_name("alerts_test.yml")
    for alert in re.findall(r"- alert: (\w+)", ALERTS):
        assert tests.read_text().count(f'alertname="{alert}"') >= 2, alert
    run("test", "rules", str(tests))


def plain(expression: str) -> str:
    """As Grafana fills it in."""
    for variable, value in (("$__rate_interval", "5m"), ("$job", "hubbub"), ("$instance", "a")):
        expression = expression.replace(variable, value)
    return expression


def run(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
