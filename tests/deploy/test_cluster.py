"""deploy/cluster/ and docs/cluster.md: files are sound, and name settings that there are."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubbub.cli.program import make_app
from hubbub.config import Settings
from hubbub.server.handover.comebacks import last
from hubbub.server.http.app import make_app as make_http_app
from hubbub.server.http.metric_table import names
from hubbub.server.origin_policy import OriginPolicy
from hubbub.server.run import CLOSE_SECONDS, FLUSH_SECONDS
from tests.server.http_support import FakeHub

ROOT = Path(__file__).parents[2]
CLUSTER = ROOT / "deploy" / "cluster"
PAGE = (ROOT / "docs" / "cluster.md").read_text()
UNIT = CLUSTER / "systemd" / "hubbub@.service"
COMPOSE = CLUSTER / "compose.yml"
MANIFESTS = sorted((CLUSTER / "kubernetes").glob("*.yaml"))

ENDING_SECONDS = FLUSH_SECONDS + 2 * CLOSE_SECONDS
SOME_PEOPLE = 1000  # at one node

SETTINGS = {f"HUBBUB_{field.name.upper()}" for field in fields(Settings)}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def manifests() -> Iterator[dict[str, Any]]:
    for file in MANIFESTS:
        yield from yaml.safe_load_all(file.read_text())


def of_kind(kind: str, name: str = "hubbub") -> dict[str, Any]:
    (found,) = (
        one for one in manifests() if (one["kind"], one["metadata"]["name"]) == (kind, name)
    )
    return found


@pytest.mark.parametrize(
    "file",
    [COMPOSE, CLUSTER / "kubernetes" / "hubbub.yaml", UNIT, ROOT / "docs" / "cluster.md"],
    ids=lambda file: file.name,
)
def test_every_variable_is_a_setting(file: Path) -> None:
    named = set(re.findall(r"\bHUBBUB_[A-Z_]+", file.read_text()))
    assert named
    assert named <= SETTINGS


def test_services_of_the_compose_file_need_what_there_is() -> None:
    whole = compose()
    services = whole["services"]
    assert {name for name in services if name.startswith("hubbub-")} == {
        "hubbub-1",
        "hubbub-2",
        "hubbub-3",
    }
    for service in services.values():
        for other in service.get("depends_on", ()):
            assert other in services
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in whole["volumes"] or (CLUSTER / source).exists(), volume
    variables = services["hubbub-1"]["environment"]
    hosts = re.findall(r"@([\w.,-]+)/", variables["HUBBUB_DATABASE"])[0].split(",")
    hosts += re.findall(r"nats://([\w-]+):", variables["HUBBUB_BUS"])
    assert set(hosts) <= services.keys()
    build = services["hubbub-1"]["build"]
    assert (CLUSTER / build["context"] / build["dockerfile"]).exists()


def test_the_standby_follows_with_the_name_that_the_primary_waits_for() -> None:
    primary, standby = ((CLUSTER / f"{name}.sh").read_text() for name in ("primary", "standby"))
    (awaited,) = re.findall(r"synchronous_standby_names = 'FIRST 1 \((\w+)\)'", primary)
    assert f"application_name={awaited}" in standby
    (slot,) = re.findall(r"pg_create_physical_replication_slot\('(\w+)'\)", primary)
    assert f"--slot {slot}" in standby


@pytest.mark.parametrize("script", ["primary.sh", "standby.sh"])
def test_scripts_can_be_read_by_the_shell(script: str) -> None:
    subprocess.run(["bash", "-n", CLUSTER / script], check=True)


def test_kubernetes_knows_what_belongs_together() -> None:
    deployment = of_kind("Deployment")["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    assert deployment["selector"]["matchLabels"].items() <= labels.items()
    assert of_kind("Service")["spec"]["selector"].items() <= labels.items()
    assert of_kind("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    (container,) = deployment["template"]["spec"]["containers"]
    ports = {port["name"] for port in container["ports"]}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe].get("httpGet") or container[probe]["tcpSocket"]
        assert asked["port"] in ports
    volumes = {volume["name"] for volume in deployment["template"]["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} <= volumes


def test_nodes_in_kubernetes_find_the_database_and_the_bus() -> None:
    nats = of_kind("StatefulSet", "nats")["spec"]
    hosts = re.findall(r"nats://([\w.-]+):", of_kind("ConfigMap")["data"]["HUBBUB_BUS"])
    assert hosts == [f"nats-{number}.{nats['serviceName']}" for number in range(nats["replicas"])]
    (container,) = of_kind("Deployment")["spec"]["template"]["spec"]["containers"]
    (database,) = (one["value"] for one in container["env"] if one["name"] == "HUBBUB_DATABASE")
    postgres = of_kind("Cluster", "postgres")["spec"]
    owner = postgres["bootstrap"]["initdb"]
    # The operator makes the service NAME-rw, which leads to the primary.
    assert database == f"postgresql://{owner['owner']}@postgres-rw/{owner['database']}"
    assert postgres["postgresql"]["synchronous"]["number"] >= 1


def unit() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text())
    return parser


def test_a_node_has_the_time_to_send_its_clients_elsewhere() -> None:
    pod = of_kind("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    sleep, pause = container["lifecycle"]["preStop"]["exec"]["command"]
    assert sleep == "sleep"
    assert pod["terminationGracePeriodSeconds"] > int(pause) + ENDING_SECONDS
    assert int(unit()["Service"]["TimeoutStopSec"]) > ENDING_SECONDS
    for name, service in compose()["services"].items():
        if name.startswith("hubbub"):
            assert int(service["stop_grace_period"].removesuffix("s")) > ENDING_SECONDS


def test_kubernetes_replaces_nodes_one_by_one() -> None:
    deployment = of_kind("Deployment")["spec"]
    rolling = deployment["strategy"]["rollingUpdate"]
    assert (rolling["maxUnavailable"], rolling["maxSurge"]) == (0, 1)
    assert deployment["replicas"] > of_kind("PodDisruptionBudget")["spec"]["maxUnavailable"]
    assert deployment["minReadySeconds"] > last(SOME_PEOPLE)
    (container,) = deployment["template"]["spec"]["containers"]
    asked = container["readinessProbe"]["httpGet"]
    app: Any = make_http_app(FakeHub(), OriginPolicy((), ()))
    assert asked["path"] in {getattr(route, "path", None) for route in app._app.routes}
    assert container["livenessProbe"].keys().isdisjoint({"httpGet"}), "503 is no reason to kill"
    start = container["startupProbe"]
    assert start["periodSeconds"] * start["failureThreshold"] >= 15 * 60


def test_the_unit_starts_a_command_that_there_is() -> None:
    service = unit()["Service"]
    words = service["ExecStart"].replace("%i", "8080").replace("%H", "host").split()
    assert words[0] == "/opt/hubbub/.venv/bin/hubbub"
    make_app().parse_args(words[1:], exit_on_error=False, print_error=False)
    assert "/var/lib/" + service["StateDirectory"] in service["ExecStart"]
    assert service["EnvironmentFile"] in PAGE


def test_the_unit_is_as_strict_as_that_of_a_single_server() -> None:
    alone = (ROOT / "deploy" / "systemd" / "hubbub.service").read_text()
    start = "# It needs its own files"
    assert alone[alone.index(start) :] == UNIT.read_text()[UNIT.read_text().index(start) :]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if not (ROOT / ".venv" / "bin" / "hubbub").exists():
        pytest.skip("the tests run in another environment than .venv")
    copy = tmp_path / "hubbub@8080.service"
    copy.write_text(UNIT.read_text().replace("/opt/hubbub", str(ROOT)))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", copy],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = verified.stdout + verified.stderr
    assert "hubbub" not in said, said
    assert verified.returncode == 0, said


@pytest.mark.skipif(not shutil.which("caddy"), reason="needs Caddy")
def test_caddy_takes_its_file() -> None:
    done = subprocess.run(
        ["caddy", "validate", "--adapter", "caddyfile", "--config", CLUSTER / "Caddyfile"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    nodes = re.findall(r"(hubbub-\d):8080", (CLUSTER / "Caddyfile").read_text())
    assert set(nodes) <= compose()["services"].keys()


def test_the_page_speaks_of_metrics_that_there_are() -> None:
    named = set(re.findall(r"\bhubbub_[a-z_]+", PAGE))
    histograms = {f"{name.removesuffix('_bucket')}" for name in names() if name.endswith("_bucket")}
    assert named
    assert named <= names().keys() | histograms


def test_the_page_names_every_file_that_is_ready() -> None:
    for file in (
        "compose.yml",
        "Caddyfile",
        "systemd/hubbub@.service",
        *(f.name for f in MANIFESTS),
    ):
        assert file in PAGE
