"""Which Pythons are found, and which of them the tests run on."""

import os
import sys
from pathlib import Path

import pytest

from tools import pythons
from tools.bootstrap import ROOT
from tools.installer import base_python
from tools.pythons import NoSuchPython, Python, ask, choose, find, known_to_uv, one_of_each

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="makes Pythons of shell scripts")


def fake_python(path: Path, answer: str) -> str:
    """A command that answers each question with the same line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{answer}'\n")
    path.chmod(0o755)
    return str(path)


def python(*version: int, unfit: str = "", untested: str = "") -> Python:
    major, minor, patch = version
    return Python((major, minor, patch), f"/opt/{major}.{minor}.{patch}/python", unfit, untested)


@pytest.fixture
def only_pyenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of pyenv, and no other place to look."""
    monkeypatch.setattr(pythons, "known_to_uv", list)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    return tmp_path / "versions"


# ── Asking one ────────────────────────────────────────────────────────────────────────────────────


def test_a_python_says_which_one_it_is() -> None:
    answer = ask(sys.executable)
    assert answer is not None
    assert answer.version == sys.version_info[:3]
    assert os.path.realpath(answer.path) == os.path.realpath(base_python())
    assert answer.unfit == ""


@pytest.mark.parametrize(
    "answer",
    [
        "pyenv: python3.12: command not found",  # a shim whose Python is not active
        "",
        '[[3, 13, 0], "/opt/python", "", "", false]',  # without ensurepip
    ],
)
def test_what_cannot_make_an_environment_is_no_python(answer: str, tmp_path: Path) -> None:
    assert ask(fake_python(tmp_path / "python3.13", answer)) is None


def test_a_command_that_fails_is_no_python(tmp_path: Path) -> None:
    assert ask("/bin/false") is None
    assert ask(str(tmp_path)) is None
    assert ask(str(tmp_path / "nothing")) is None


# ── Finding all ───────────────────────────────────────────────────────────────────────────────────


def test_the_python_that_runs_the_check_is_found_once() -> None:
    paths = [os.path.realpath(python.path) for python in find()]
    assert paths.count(os.path.realpath(base_python())) == 1


def test_a_python_on_the_path_is_known_to_uv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python3").symlink_to(base_python())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert str(tmp_path / "python3") in known_to_uv()


def test_pythons_of_pyenv_are_found_though_none_is_active(only_pyenv: Path) -> None:
    for patch in (5, 0):
        name = f"3.98.{patch}"
        answer = f'[[3, 98, {patch}], "/opt/{name}/python", "", "so new", true]'
        fake_python(only_pyenv / name / "bin/python3", answer)
    assert [found.name for found in find()][-2:] == ["3.98.0", "3.98.5"]


def test_an_environment_of_pyenv_stands_for_the_python_it_is_of(only_pyenv: Path) -> None:
    fake_python(only_pyenv / "3.98.0/bin/python3", '[[3, 98, 0], "/opt/python3.98", "", "", true]')
    fake_python(only_pyenv / "mine/bin/python3", '[[3, 98, 0], "/opt/python3.98", "", "", true]')
    assert [found.name for found in find()].count("3.98.0") == 1


# ── Choosing ──────────────────────────────────────────────────────────────────────────────────────


def test_of_each_version_the_oldest_release_is_tested() -> None:
    found = [python(3, 13, 5), python(3, 11, 7), python(3, 13, 0), python(3, 11, 2)]
    assert one_of_each(found) == [python(3, 11, 2), python(3, 13, 0)]


def test_free_threaded_new_and_old_pythons_are_left_out() -> None:
    found = [
        python(3, 10, 1, unfit="too old"),
        python(3, 13, 0, unfit="free-threaded"),
        python(3, 13, 4),
        python(3, 14, 0, untested="free-threaded"),
        python(3, 99, 0, untested="so new"),
    ]
    assert one_of_each(found) == [python(3, 13, 4)]


HERE = [
    python(3, 10, 13, unfit="Hubbub needs Python 3.11 or newer, and this is Python 3.10"),
    python(3, 13, 0, unfit="free-threaded"),
    python(3, 13, 1),
    python(3, 13, 5),
    python(3, 99, 0, untested="so new"),
]


@pytest.mark.parametrize(
    "wanted, name", [("3.13", "3.13.1"), ("3.13.5", "3.13.5"), ("3.99", "3.99.0")]
)
def test_a_version_stands_for_its_oldest_release_that_is_fit(wanted: str, name: str) -> None:
    assert choose(wanted, HERE).name == name


def test_a_path_and_a_command_stand_for_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    version = sys.version_info[:3]
    assert choose(sys.executable, []).version == version
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert choose("python", []).version == version


@pytest.mark.parametrize("wanted", ["3.12", "3.13.2", "3.1", "python3.77", "/nowhere/python"])
def test_a_python_that_is_not_here_is_said_to_be_missing(wanted: str) -> None:
    with pytest.raises(NoSuchPython) as error:
        choose(wanted, HERE)
    assert str(error.value) == (
        f"There is no Python {wanted} here that makes environments. "
        "There are: 3.13.1, 3.13.5, 3.99.0"
    )


def test_an_unfit_python_is_refused_with_the_reason() -> None:
    with pytest.raises(NoSuchPython, match=r"needs Python 3\.11 or newer, .* \(/opt/3\.10\.13/"):
        choose("3.10", HERE)


def test_the_python_of_the_check_has_the_usual_environment_and_each_other_its_own() -> None:
    ours = Python((3, 11, 7), base_python())
    assert Path(ours.environment.folder) == Path(ROOT, ".venv")
    other = python(3, 13, 0).environment
    assert Path(other.folder) == Path(ROOT, ".venv-3.13.0")
    assert Path(other.python).is_relative_to(other.folder)
