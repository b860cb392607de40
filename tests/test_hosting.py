"""docs/hosting.md and deploy/: units, the container and the rest are sound, and as it says."""

from __future__ import annotations

import configparser
import json
import plistlib
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from hubbub.cli.program import make_app
from hubbub.config import Settings
from tests.conftest import LONG
from tests.process import ServerProcess
from tools.bootstrap import NEWEST_PYTHON, OLDEST_PYTHON

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "hosting.md").read_text()
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd" / "hubbub.service"
SOCKET = DEPLOY / "systemd" / "hubbub.socket"
CONTAINER = DEPLOY / "container" / "Containerfile"
LAUNCHD = DEPLOY / "launchd" / "org.hubbub.plist"
INSTALLED = "/opt/hubbub"
MOST_EXPOSED = 15  # tenths: systemd calls up to 2.0 "OK", and it is 1.2 with systemd 252


def unit() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text())
    return parser


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The unit, as if Hubbub were installed where it is; its socket beside it."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    copy = tmp_path / "hubbub.service"
    copy.write_text(UNIT.read_text().replace(INSTALLED, str(ROOT)))
    shutil.copy(SOCKET, tmp_path)
    return copy


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_systemd_finds_nothing_wrong_with_the_unit(here: Path) -> None:
    if not (ROOT / ".venv" / "bin" / "hubbub").exists():
        pytest.skip("the tests run in another environment than .venv")
    verified = analyze("verify", "--man=no", here, here.with_suffix(".socket"))
    said = verified.stdout + verified.stderr
    assert "hubbub" not in said, said
    assert verified.returncode == 0, said


def test_the_service_may_do_little_beside_serving(here: Path) -> None:
    rated = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", here)
    if "offline" in rated.stderr:
        pytest.skip("this systemd-analyze is too old to look at a file")
    assert rated.returncode == 0, rated.stdout[-500:]


def test_the_unit_starts_a_command_that_there_is() -> None:
    program, *words = unit()["Service"]["ExecStart"].split()
    assert program == f"{INSTALLED}/.venv/bin/hubbub"
    make_app().parse_args(words, exit_on_error=False, print_error=False)
    assert words[-2:] == ["--data", "/var/lib/" + unit()["Service"]["StateDirectory"]]


def test_the_service_tells_which_process_it_is_after_an_upgrade_in_place() -> None:
    service = unit()["Service"]
    assert service["Type"] == "notify"
    assert service["NotifyAccess"] == "main"
    assert service["ExecReload"] == "/bin/sh -c 'kill -HUP $MAINPID'"
    upgrade = "systemctl kill --signal=USR2 --kill-whom=main hubbub"
    assert upgrade in UNIT.read_text()
    assert upgrade in PAGE


def steps(path: Path = CONTAINER) -> list[tuple[str, str]]:
    """The instructions of a Containerfile, with what follows them."""
    text = re.sub(r"\\\n\s*", "", path.read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def last(word: str) -> str:
    return next(rest for one, rest in reversed(steps()) if one == word)


def test_the_container_is_of_two_stages_and_is_run_by_nobody_in_particular() -> None:
    froms = [rest for word, rest in steps() if word == "FROM"]
    assert len(froms) == 2
    version = tuple(map(int, re.findall(r"python:(\d+)\.(\d+)-slim", froms[0])[0]))
    assert OLDEST_PYTHON <= version <= NEWEST_PYTHON
    assert last("USER") == "10001:10001"
    assert last("VOLUME") == last("WORKDIR") == "/data"


def test_the_container_installs_what_is_locked_by_its_hashes() -> None:
    (build,) = (rest for word, rest in steps() if word == "RUN" and "venv" in rest)
    assert "--require-hashes" in build
    assert "--requirement requirements.lock" in build


def test_the_container_copies_what_there_is_and_what_is_let_through() -> None:
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    for word, rest in steps():
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists()
                assert f"!{source}" in ignored


def test_the_container_starts_a_command_with_settings_that_there_are() -> None:
    words = [*json.loads(last("ENTRYPOINT")), *json.loads(last("CMD"))]
    assert words[0] == "hubbub"
    make_app().parse_args(words[1:], exit_on_error=False, print_error=False)
    flags = {f"--{field.name.replace('_', '-')}" for field in fields(Settings)}
    named = re.findall(r"(HUBBUB_\w+)=", last("ENV"))
    assert named
    assert {f"--{name[7:].lower().replace('_', '-')}" for name in named} <= flags


def test_the_health_of_the_container_is_that_of_the_server(tmp_path: Path) -> None:
    program, option, code = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    assert (program, option) == ("python", "-c")
    with ServerProcess(tmp_path / "data") as server:
        code = code.replace(":8080/", f":{server.port}/")
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert subprocess.run(
        [sys.executable, "-c", code], check=False, stderr=subprocess.DEVNULL
    ).returncode


@pytest.mark.skipif(not LONG, reason="downloads all packages")
def test_the_steps_that_build_the_container_work(tmp_path: Path) -> None:
    """No container is built: the same commands are run in a folder that has what they are given."""
    context = tmp_path / "build"
    context.mkdir()
    for name in (ROOT / ".containerignore").read_text().splitlines():
        if (source := ROOT / name.removeprefix("!")).is_dir():
            shutil.copytree(source, context / source.name)
        elif name.startswith("!"):
            shutil.copy(source, context)
    (build,) = (rest for word, rest in steps() if word == "RUN" and "venv" in rest)
    for place in ("/opt/hubbub", "/wheels"):
        build = build.replace(place, f"{tmp_path}{place}")
    build = build.replace("python -m venv", f"{sys.executable} -m venv")
    build = build.replace("&& pip wheel", f"&& {tmp_path}/opt/hubbub/bin/pip wheel")
    subprocess.run(build, shell=True, check=True, cwd=context, timeout=1200)
    hubbub = tmp_path / "opt" / "hubbub" / "bin" / "hubbub"
    told = subprocess.run([hubbub, "--version"], check=True, capture_output=True, text=True)
    assert told.stdout.startswith("hubbub ")


def test_launchd_starts_a_command_that_there_is(tmp_path: Path) -> None:
    job = plistlib.loads(LAUNCHD.read_bytes())
    program, *words = job["ProgramArguments"]
    assert program == f"{INSTALLED}/.venv/bin/hubbub"
    settings = tmp_path / "hubbub.toml"
    settings.touch()
    there = [str(settings) if word == words[4] else word for word in words]
    make_app().parse_args(there, exit_on_error=False, print_error=False)
    assert LAUNCHD.stem == job["Label"]
    assert job["Umask"] == 0o077
    for place in (words[2], words[4], job["UserName"]):
        assert place in PAGE


def test_the_page_speaks_of_the_places_that_the_unit_names() -> None:
    service = unit()["Service"]
    for place in (INSTALLED, service["WorkingDirectory"].lstrip("-"), "/var/lib/hubbub"):
        assert place in PAGE


def test_the_caddyfile_that_is_shown_is_the_one_that_is_tested() -> None:
    lines = (ROOT / "docs" / "proxies" / "Caddyfile").read_text().splitlines(keepends=True)
    (shown,) = re.findall(r"```\n(chat\.example\.org \{\n.*?)```", PAGE, re.DOTALL)
    assert shown == "".join(line for line in lines if not line.startswith("#"))
