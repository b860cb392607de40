"""docs/hosting.md: the unit of systemd is sound, and what is shown is what lies there."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hubbub.cli.program import make_app

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "hosting.md").read_text()
UNIT = ROOT / "docs" / "service" / "hubbub.service"
INSTALLED = "/opt/hubbub"
MOST_EXPOSED = 15  # tenths: systemd calls up to 2.0 "OK", and it is 1.2 with systemd 252


def unit() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text())
    return parser


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The unit, as if Hubbub were installed where it is."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    copy = tmp_path / "hubbub.service"
    copy.write_text(UNIT.read_text().replace(INSTALLED, str(ROOT)))
    return copy


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_systemd_finds_nothing_wrong_with_the_unit(here: Path) -> None:
    if not (ROOT / ".venv" / "bin" / "hubbub").exists():
        pytest.skip("the tests run in another environment than .venv")
    verified = analyze("verify", "--man=no", here)
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


def test_the_page_speaks_of_the_places_that_the_unit_names() -> None:
    service = unit()["Service"]
    for place in (INSTALLED, service["WorkingDirectory"].lstrip("-"), "/var/lib/hubbub"):
        assert place in PAGE


def test_the_caddyfile_that_is_shown_is_the_one_that_is_tested() -> None:
    lines = (ROOT / "docs" / "proxies" / "Caddyfile").read_text().splitlines(keepends=True)
    (shown,) = re.findall(r"```\n(chat\.example\.org \{\n.*?)```", PAGE, re.DOTALL)
    assert shown == "".join(line for line in lines if not line.startswith("#"))
