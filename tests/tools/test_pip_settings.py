"""Which of somebody's settings for pip the set-up goes by."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from tools.bootstrap import RUNTIME_LOCK, Environment
from tools.environment import set_up
from tools.installer import Pip, SetUpFailed, advice, base_python
from tools.pip_settings import LISTING, reaching, without_any
from tools.progress import Display, PipProgress
from tools.turn import take_turn

REDIRECTING = """
[global]
target = /nowhere/target
dry-run = true
user = true
quiet = 2
index-url = https://ada:s3cret@packages.example/simple
extra-index-url =
    https://one.example/simple
    https://two.example/simple
[install]
prefix = /nowhere/prefix
root = /nowhere/root
no-binary = :all:
timeout = 7
[list]
format = columns
"""


def listed(settings: Path, **variables: str) -> list[str]:
    """What the pip at hand prints of these settings."""
    command = [base_python(), "-I", "-m", "pip", "config", "list"]
    environment = {"PIP_CONFIG_FILE": str(settings), "HOME": str(settings.parent), **variables}
    environment |= LISTING
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_how_packages_are_reached_is_kept_and_where_they_go_is_not(tmp_path: Path) -> None:
    settings = tmp_path / "pip.conf"
    settings.write_text(REDIRECTING)
    found = reaching(listed(settings, PIP_USER="1", PIP_RETRIES="2", PIP_TIMEOUT="9"))
    assert found["PIP_INDEX_URL"] == "https://ada:s3cret@packages.example/simple"
    assert found["PIP_EXTRA_INDEX_URL"].split() == [
        "https://one.example/simple",
        "https://two.example/simple",
    ]
    assert found["PIP_RETRIES"] == "2"
    assert found["PIP_TIMEOUT"] == "9"  # the environment counts before the file
    for name in ("TARGET", "DRY_RUN", "PREFIX", "ROOT", "NO_BINARY", "USER", "FORMAT"):
        assert f"PIP_{name}" not in found


def test_a_setting_of_the_install_command_counts_before_one_of_all() -> None:
    assert reaching(["install.timeout='7'", "global.timeout='5'"]) == {"PIP_TIMEOUT": "7"}


def test_what_is_no_setting_of_pip_is_passed_over() -> None:
    lines = ["WARNING: something", "global.index-url=''", "install.proxy='http://p.example:1'"]
    assert reaching(lines) == {"PIP_PROXY": "http://p.example:1"}


def test_no_variable_of_pip_stays_but_those_that_are_chosen() -> None:
    assert without_any({"PIP_TARGET": "/x", "PIP_ANYTHING": "1", "PATH": "/bin"}) == {
        "PATH": "/bin"
    }


@pytest.mark.skipif(sys.platform == "win32", reason="its Python is replaced by a shell script")
def test_pip_runs_with_wheels_only_and_without_the_settings_that_redirect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = with_python(
        tmp_path,
        'case "$*" in\n'
        "*'config list'*) echo \"global.target='/x'\"; echo \"global.proxy='http://p:1'\";;\n"
        f'*) echo "$@" >{tmp_path}/words; env | grep ^PIP_ | sort >{tmp_path}/variables;;\n'
        "esac",
    )
    monkeypatch.setenv("PIP_ROOT", "/elsewhere")
    with take_turn(tmp_path / "turn", lambda: None) as turn:
        Pip(environment, Display(io.StringIO()), turn).install(RUNTIME_LOCK)
    words = (tmp_path / "words").read_text().split()
    assert {"--require-hashes", "--only-binary=:all:"} <= set(words)
    variables = (tmp_path / "variables").read_text().split()
    assert variables == ["PIP_CONFIG_FILE=/dev/null", "PIP_PROXY=http://p:1"]


@pytest.mark.skipif(sys.platform == "win32", reason="its Python is replaced by a shell script")
def test_it_is_not_ready_before_what_was_installed_is_there(tmp_path: Path) -> None:
    environment = with_python(
        tmp_path, 'case "$*" in *import*) echo "No module named msgspec"; exit 1;; esac'
    )
    (Path(environment.folder) / "lib").mkdir()
    said = io.StringIO()
    with take_turn(tmp_path / "turn", lambda: None) as turn:
        pip = Pip(environment, Display(said), turn)
        pip.create = lambda: None  # type: ignore[method-assign]
        folder = Path(environment.folder, "lib", f"python3.{sys.version_info[1]}", "site-packages")
        folder.mkdir(parents=True)
        with pytest.raises(SetUpFailed, match=r"No module named msgspec(.|\n)*cannot be used"):
            set_up(environment, RUNTIME_LOCK, Display(said), pip)
    assert "Ready" not in said.getvalue()
    assert not environment.is_ready(RUNTIME_LOCK)


def test_a_computer_for_which_there_is_no_package_is_told_so() -> None:
    progress = PipProgress("uvloop==0.23.0 \\\n")
    progress.read("ERROR: Could not find a version that satisfies the requirement uvloop==0.23.0")
    progress.read("ERROR: No matching distribution found for uvloop==0.23.0")
    said = advice(progress)
    assert "no ready-made package uvloop==0.23.0 for this computer" in said
    assert "{}.{}".format(*sys.version_info[:2]) in said


def with_python(root: Path, script: str) -> Environment:
    """An environment whose Python does what ``script`` says."""
    (root / RUNTIME_LOCK).write_text("h11==0.16.0\n")
    environment = Environment(str(root))
    Path(environment.commands).mkdir(parents=True)
    python = Path(environment.python)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return environment
