"""What `python check.py` says and how it ends."""

import sys
from pathlib import Path

import pytest

from tools import checks, system_packages
from tools.checks import Step


def saying(name: str, text: str, exit_code: int = 0) -> Step:
    return Step(name, (sys.executable, "-c", f"print({text!r}); raise SystemExit({exit_code})"))


@pytest.fixture
def nc_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, "install_missing", lambda: ["nc is missing"])


@pytest.mark.usefixtures("nc_missing")
async def test_the_last_line_says_how_many_tests_ran(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "READING", (saying("style", "all fine"),))
    assert await checks.check(saying("pytest", "....\n4 passed in 0.10s")) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[-2:] == ["Everything is in order.", "4 passed in 0.10s"]


@pytest.mark.usefixtures("nc_missing")
async def test_what_failed_is_shown_whole_and_what_did_not_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = (saying("style", "line 3 is too long", 1), saying("types", "no issues"))
    monkeypatch.setattr(checks, "READING", steps)
    assert await checks.check(saying("pytest", "4 passed in 0.10s")) == 1
    said = capsys.readouterr().out
    assert "line 3 is too long" in said
    assert "no issues" not in said
    assert said.splitlines()[-2:] == ["Failed: style", "4 passed in 0.10s"]


@pytest.mark.usefixtures("nc_missing")
async def test_tests_that_were_skipped_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "READING", ())
    output = "SKIPPED [2] tests/web/test_page.py:3: needs chromium\n4 passed, 2 skipped in 0.10s"
    await checks.check(saying("pytest", output))
    said = capsys.readouterr().out
    assert "nc is missing\n" in said
    assert "SKIPPED [2] tests/web/test_page.py:3: needs chromium\n" in said


@pytest.mark.parametrize(
    "output, summary",
    [
        ("..\n2 passed in 0.01s", "2 passed in 0.01s"),
        (
            "== 1 failed, 2 passed in 61.00s (0:01:01) ==\n",
            "1 failed, 2 passed in 61.00s (0:01:01)",
        ),
        ("no tests ran in 0.02s", "no tests ran in 0.02s"),
        ("ERROR: unknown option", "pytest ended without a summary (exit code 4)"),
    ],
)
def test_pytests_last_word_is_found(output: str, summary: str) -> None:
    assert checks.summary(checks.Result(saying("pytest", ""), 4, 1.0, output)) == summary


def test_what_follows_two_dashes_goes_to_pytest() -> None:
    options = checks.parse(["--fast", "--", "-k", "join", "tests/hub"])
    assert options.fast
    assert options.pytest_arguments == ["-k", "join", "tests/hub"]


def test_fast_leaves_out_the_slow_tests_and_long_asks_for_the_long_runs() -> None:
    step = checks.tests(fast=True, long=True, arguments=["tests/hub"])
    assert " ".join(step.command).endswith("-m not slow tests/hub")
    assert step.variables == {"HUBBUB_LONG": "1"}


# ── Programs that pip cannot install ──────────────────────────────────────────────────────────────


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def write_command(folder: Path, name: str, text: str = "") -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_a_missing_program_is_named_with_the_way_to_get_it(empty_path: Path) -> None:
    lines = system_packages.install_missing()
    assert lines[0] == (
        "chromium is missing: the web page's tests are skipped. "
        "To have them run: sudo apt install chromium"
    )
    assert len(lines) == len(system_packages.PROGRAMS)


EVERY_PROGRAM = {program.commands[0] for program in system_packages.PROGRAMS}


def test_what_is_missing_is_installed_by_apt_for_root(
    empty_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    for name in EVERY_PROGRAM - {"telnet"}:
        write_command(empty_path, name)
    log = empty_path / "log"
    telnet = empty_path / "telnet"
    write_command(empty_path, "apt-get", f'echo "$@" >>"{log}"; /bin/cp "$0" "{telnet}"')
    assert system_packages.install_missing() == []
    assert log.read_text().splitlines()[-1].endswith("--no-install-recommends telnet")


def test_nothing_is_installed_when_nothing_is_missing(empty_path: Path) -> None:
    for name in EVERY_PROGRAM:
        write_command(empty_path, name)
    assert system_packages.install_missing() == []
