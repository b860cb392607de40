"""What a start does when all is set up already, and what it refuses."""

import ast
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap
from tools.bootstrap import DEV_LOCK, ROOT, RUNTIME_LOCK, Environment, address_options
from tools.pythons import in_pyenv

SCRIPTS = ("server.py", "client.py", "check.py")


@pytest.fixture
def ready(tmp_path: Path) -> Environment:
    """An environment that was set up with a lock file of one package."""
    (tmp_path / RUNTIME_LOCK).write_text("h11==0.16.0\n")
    environment = Environment(str(tmp_path))
    Path(environment.commands).mkdir(parents=True)
    Path(environment.python).touch()
    stamp = environment.stamp(RUNTIME_LOCK)
    Path(environment.stamp_path(RUNTIME_LOCK)).write_bytes(stamp)
    return environment


@pytest.fixture
def becomes(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that a start would have become."""
    commands: list[list[str]] = []
    monkeypatch.setattr(Environment, "is_ready", lambda self, lock: True)
    monkeypatch.setattr(bootstrap, "become", lambda command, variables: commands.append(command))
    return commands


def start(script: Path, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(script), *arguments])
    runpy.run_path(str(script), run_name="__main__")


# ── Is it set up? ─────────────────────────────────────────────────────────────────────────────────


def test_a_stamped_environment_is_ready(ready: Environment) -> None:
    assert ready.is_ready(RUNTIME_LOCK)


def test_an_environment_without_a_stamp_is_not_ready(ready: Environment) -> None:
    Path(ready.stamp_path(RUNTIME_LOCK)).unlink()
    assert not ready.is_ready(RUNTIME_LOCK)


def test_a_changed_lock_file_calls_for_a_set_up(ready: Environment) -> None:
    Path(ready.root, RUNTIME_LOCK).write_text("h11==0.17.0\n")
    assert not ready.is_ready(RUNTIME_LOCK)


def test_another_python_calls_for_a_set_up(
    ready: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.implementation, "cache_tag", "cpython-399")
    assert not ready.is_ready(RUNTIME_LOCK)


def test_a_removed_python_calls_for_a_set_up(ready: Environment) -> None:
    Path(ready.python).unlink()
    Path(ready.python).symlink_to("/nowhere/python3")
    assert not ready.is_ready(RUNTIME_LOCK)


def test_a_moved_folder_calls_for_a_set_up(ready: Environment, tmp_path: Path) -> None:
    moved = tmp_path.with_name("moved")
    tmp_path.rename(moved)
    assert not Environment(str(moved)).is_ready(RUNTIME_LOCK)


def test_each_lock_file_has_a_stamp_of_its_own(ready: Environment) -> None:
    Path(ready.root, DEV_LOCK).write_text("h11==0.16.0\n")
    assert not ready.is_ready(DEV_LOCK)


def test_a_start_that_finds_all_set_up_imports_nothing_more(ready: Environment) -> None:
    program = f"""
import sys
sys.path.insert(0, {ROOT!r})
before = set(sys.modules)
from tools.bootstrap import Environment
assert Environment({ready.root!r}).is_ready({RUNTIME_LOCK!r})
print(*sorted(set(sys.modules) - before))
"""
    command = [sys.executable, "-c", program]
    imported = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert imported.split() == ["tools", "tools.bootstrap"]


def test_a_script_started_from_an_environment_of_the_check_stays_there(
    becomes: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the tests on another Python would make `.venv` anew, while the check runs from it."""
    for prefix, used in (
        (Path(ROOT, ".venv-3.13.0"), Path(ROOT, ".venv-3.13.0")),
        (Path(ROOT, ".venv"), Path(ROOT, ".venv")),
        (Path("/elsewhere/.venv-3.13.0"), Path(ROOT, ".venv")),
        (Path("/usr"), Path(ROOT, ".venv")),
    ):
        monkeypatch.setattr(sys, "prefix", str(prefix))
        start(Path(ROOT, "client.py"), monkeypatch=monkeypatch)
        assert becomes[-1][0] == Environment(ROOT, used.name).python


# ── HOST and PORT ─────────────────────────────────────────────────────────────────────────────────


def test_a_host_and_a_port_left_alone_are_not_passed_on() -> None:
    assert address_options("127.0.0.1", 8080, []) == []


def test_an_edited_host_and_port_are_passed_on() -> None:
    options = address_options("0.0.0.0", 9000, ["--name", "Hall"])
    assert options == ["--host", "0.0.0.0", "--port", "9000"]


@pytest.mark.parametrize("given", [["--port", "7000"], ["--port=7000"]])
def test_the_command_line_wins_over_an_edited_port(given: list[str]) -> None:
    assert address_options("0.0.0.0", 9000, given) == ["--host", "0.0.0.0"]


def test_a_port_edited_as_text_is_the_same_port() -> None:
    assert address_options("127.0.0.1", "8080", []) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "script, command", [("server.py", "serve"), ("client.py", "chat")], ids=["server", "client"]
)
def test_a_script_hands_its_arguments_on_untouched(
    script: str, command: str, becomes: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    start(Path(ROOT, script), "--name", "two words", "--help", monkeypatch=monkeypatch)
    [became] = becomes
    assert became[1:] == ["-P", "-m", "hubbub", command, "--name", "two words", "--help"]


@pytest.mark.parametrize("script", ["server.py", "client.py"])
def test_the_constants_in_a_script_can_be_edited(
    script: str, becomes: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = Path(ROOT, script).read_text()
    text = re.sub(r"^HOST = \S+", 'HOST = "192.168.1.5"', text, flags=re.MULTILINE)
    text = re.sub(r"^PORT = \S+", "PORT = 9000", text, flags=re.MULTILINE)
    edited = tmp_path / script
    edited.write_text(text)
    start(edited, "--port=1", monkeypatch=monkeypatch)
    assert becomes[0][5:] == ["--host", "192.168.1.5", "--port=1"]


# ── The environment that a start runs in ──────────────────────────────────────────────────────────


def test_another_active_environment_leads_nothing_astray() -> None:
    variables = {"VIRTUAL_ENV": "/other", "PYTHONHOME": "/x", "PYTHONPATH": "/y", "LANG": "C"}
    assert bootstrap.unmisled(variables) == {"LANG": "C"}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The scripts with an environment whose Python says what it was started with."""
    for script in SCRIPTS:
        shutil.copy(Path(ROOT, script), tmp_path)
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    shutil.copytree(Path(ROOT, "tools"), tmp_path / "tools", ignore=ignored)
    environment = Environment(str(tmp_path))
    Path(environment.commands).mkdir(parents=True)
    python = Path(environment.python)
    closed = "for fd in 0 1 2; do [ -e /dev/fd/$fd ] || echo closed $fd; done"
    python.write_text(f'#!/bin/sh\n(echo "$@"; {closed}) >"{tmp_path}/started" 3>&1\n')
    python.chmod(0o755)
    for lock in (RUNTIME_LOCK, DEV_LOCK):
        (tmp_path / lock).write_text("h11==0.16.0\n")
        Path(environment.stamp_path(lock)).write_bytes(environment.stamp(lock))
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="its Python is replaced by a shell script")
@pytest.mark.parametrize("way", ["", "-P", "-I", "-s -E", "PYTHONSAFEPATH"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_finds_its_own_folder_in_whatever_way_it_is_started(
    copied: Path, script: str, way: str
) -> None:
    flags = way.split() if way.startswith("-") else []
    variables = {"PYTHONSAFEPATH": "1"} if way == "PYTHONSAFEPATH" else {}
    done = subprocess.run(
        [sys.executable, *flags, str(copied / script)],
        env=variables,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (copied / "started").read_text().startswith("-")


@pytest.mark.skipif(sys.platform == "win32", reason="its Python is replaced by a shell script")
@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_a_program_finds_closed_streams_closed(copied: Path, closed: str) -> None:
    script = f"exec {sys.executable} {copied / 'server.py'} {closed}"
    subprocess.run(["/bin/sh", "-c", script], stdin=subprocess.DEVNULL, check=True)
    found = (copied / "started").read_text().splitlines()[1:]
    assert found == [f"closed {n}" for n, sign in ((0, "<&-"), (2, "2>&-")) if sign in closed]


# ── The Python that a start runs on ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "version, implementation, free_threaded, why",
    [
        ((3, 6), "cpython", False, "needs Python 3.11 or newer, and this is Python 3.6"),
        ((3, 10), "pypy", False, "needs Python 3.11 or newer, and this is Python 3.10"),
        ((3, 11), "pypy", False, "needs CPython, the Python of python.org, and this is pypy"),
        ((3, 13), "cpython", True, "needs a Python that is not free-threaded, and this is Py"),
    ],
)
def test_a_python_that_does_not_work_is_told_why(
    version: tuple[int, ...], implementation: str, free_threaded: bool, why: str
) -> None:
    said = bootstrap.why_unfit(version, implementation, free_threaded)
    assert said.startswith(f"Hubbub {why}")


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13), (3, 14), (3, 99)])
def test_a_python_that_may_work_is_not_refused(version: tuple[int, ...]) -> None:
    assert bootstrap.why_unfit(version, "cpython", False) == ""
    assert bootstrap.why_unfit((3, 14), "cpython", True) == ""


@pytest.mark.parametrize(
    "version, level, free_threaded, why",
    [
        ((3, 15), "final", False, "This is Python 3.15: so new that"),
        ((3, 14), "final", True, "This is Python 3.14t: Hubbub has not been tested on free"),
        ((3, 14), "candidate", False, "This is Python 3.14 before its release: Hubbub has"),
    ],
)
def test_an_uncommon_python_is_known_to_be_untested(
    version: tuple[int, ...], level: str, free_threaded: bool, why: str
) -> None:
    assert bootstrap.why_untested(version, level, free_threaded).startswith(why)


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13), (3, 14)])
def test_the_pythons_that_are_tested_are_not_remarked_on(version: tuple[int, ...]) -> None:
    assert bootstrap.why_untested(version, "final", False) == ""


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_unfit_python_is_refused_before_anything_else(
    script: str, becomes: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "is_free_threaded", lambda: True)
    monkeypatch.setattr(bootstrap, "OLDEST_FREE_THREADED", (3, 99))
    monkeypatch.setattr(os, "chdir", lambda path: None)
    with pytest.raises(SystemExit) as ended:
        start(Path(ROOT, script), monkeypatch=monkeypatch)
    assert becomes == []
    reason, advice, link = str(ended.value).splitlines()
    assert reason.startswith("Hubbub needs a Python that is not free-threaded, and this is")
    assert advice.endswith(f"for example: python3.13 {script}")
    assert link == "If not: https://www.python.org/downloads/"


def too_old() -> list[str]:
    """Old Pythons of this computer, Python 2 as well, if there are any."""
    pyenv = [path for path in in_pyenv() if re.search(r"/(2|3\.[0-9]|3\.10)\.[^/]*/bin/", path)]
    return pyenv + [found for name in ("python2", "python3.6") if (found := shutil.which(name))]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_real_old_python_says_that_it_is_too_old(script: str) -> None:
    said = 0
    for python in too_old():
        told = subprocess.run(
            [python, "-B", str(Path(ROOT, script))], capture_output=True, text=True, check=False
        )
        if "pyenv: " not in told.stderr:  # a shim whose Python is not active
            assert told.stderr.startswith("Hubbub needs Python 3.11 or newer, and this is Python ")
            assert told.stderr.count("\n") == 3
            assert told.returncode == 1
            said += 1
    if not said:
        pytest.skip("there is no old Python here")


def test_the_oldest_python_is_the_one_that_the_package_asks_for() -> None:
    oldest = ".".join(map(str, bootstrap.OLDEST_PYTHON))
    assert f'requires-python = ">={oldest}"' in Path(ROOT, "pyproject.toml").read_text()


@pytest.mark.parametrize("name", [*SCRIPTS, "tools/__init__.py", "tools/bootstrap.py"])
def test_an_old_python_can_read_so_far(name: str) -> None:
    ast.parse(Path(ROOT, name).read_text(encoding="utf-8"), feature_version=(3, 6))
