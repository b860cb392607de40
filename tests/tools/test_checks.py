"""What `python check.py` says and how it ends."""

import sys
from pathlib import Path

import pytest

from tests.process import ROOT
from tools import checks, page_tools, pythons, system_packages
from tools.pythons import Python
from tools.steps import Result, Step
from tools.suites import ON_ONE_PYTHON, Pytest, Suite, run, summary


def saying(name: str, text: str, exit_code: int = 0) -> Step:
    return Step(name, (sys.executable, "-c", f"print({text!r}); raise SystemExit({exit_code})"))


NOT_WANTED = saying("not wanted", "this was not to be run", 9)


def suite(text: str, exit_code: int = 0, *, again: Step = NOT_WANTED, title: str = "") -> Suite:
    return Suite(saying("pytest", text, exit_code), again, title=title)


@pytest.fixture(autouse=True)
def page_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_tools, "install_missing", lambda: "")
    monkeypatch.setattr(checks, "READING_THE_PAGE", ())


@pytest.fixture
def nc_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, "install_missing", lambda: ["nc is missing"])


@pytest.mark.usefixtures("nc_missing")
async def test_the_last_line_says_how_many_tests_ran(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "READING", (saying("style", "all fine"),))
    assert await checks.check([suite("....\n4 passed in 0.10s")]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[-2:] == ["Everything is in order.", "4 passed in 0.10s"]


@pytest.mark.usefixtures("nc_missing")
async def test_what_failed_is_shown_whole_and_what_did_not_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = (saying("style", "line 3 is too long", 1), saying("types", "no issues"))
    monkeypatch.setattr(checks, "READING", steps)
    assert await checks.check([suite("4 passed in 0.10s")]) == 1
    said = capsys.readouterr().out
    assert "line 3 is too long" in said
    assert "no issues" not in said
    assert said.splitlines()[-2:] == ["Failed: style", "4 passed in 0.10s"]


@pytest.mark.usefixtures("nc_missing")
async def test_tests_that_were_skipped_are_named_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "READING", ())
    output = "SKIPPED [2] tests/web/test_page.py:3: needs chromium\n4 passed, 2 skipped in 0.10s"
    await checks.check([suite(output), suite(output)])
    said = capsys.readouterr().out
    assert "nc is missing\n" in said
    assert said.count("SKIPPED [2] tests/web/test_page.py:3: needs chromium\n") == 1


@pytest.mark.usefixtures("nc_missing")
@pytest.mark.parametrize("ci, exit_code", [("", 0), ("true", 1)])
async def test_a_page_that_could_not_be_checked_is_said_and_fails_in_continuous_integration(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str, exit_code: int
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(checks, "READING", ())
    monkeypatch.setattr(checks, "READING_THE_PAGE", (NOT_WANTED,))
    monkeypatch.setattr(page_tools, "install_missing", lambda: "no answer from the registry")
    assert await checks.check([suite("4 passed in 0.10s")]) == exit_code
    said = capsys.readouterr().out
    assert "no answer from the registry" in said
    assert ("Failed: npm ci" in said) == bool(exit_code)


@pytest.mark.parametrize(
    "output, last_word",
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
def test_pytests_last_word_is_found(output: str, last_word: str) -> None:
    assert summary(Result(saying("pytest", ""), 4, 1.0, output)) == last_word


def test_what_follows_two_dashes_goes_to_pytest() -> None:
    options = checks.parse(["--fast", "--", "-k", "join", "tests/hub"])
    assert options.fast
    assert options.pytest_arguments == ["-k", "join", "tests/hub"]


def test_fast_leaves_out_the_slow_tests_and_long_asks_for_the_long_runs() -> None:
    step = Pytest(fast=True, long=True, arguments=["tests/hub"]).here().tests
    assert " ".join(step.command).endswith("-m not slow tests/hub")
    assert step.variables == {"HUBBUB_LONG": "1"}


# ── What failed is run again ──────────────────────────────────────────────────────────────────────


async def test_what_fails_three_times_has_failed(capsys: pytest.CaptureFixture[str]) -> None:
    failing = suite("1 failed in 0.10s", 1, again=saying("pytest again", "1 failed in 0.01s", 1))
    tested = await run(failing)
    assert tested.failed
    assert tested.step.name == "pytest"
    assert capsys.readouterr().out.count("1 failed in 0.01s") == 2


async def test_what_passes_the_third_time_has_passed(tmp_path: Path) -> None:
    once = f"""
from pathlib import Path
tried = Path({str(tmp_path / "tried")!r})
code = 0 if tried.exists() else 1
tried.touch()
raise SystemExit(code)
"""
    again = Step("pytest again", (sys.executable, "-c", once))
    assert not (await run(suite("FAILED tests/test_a.py::test_a", 1, again=again))).failed


@pytest.mark.usefixtures("nc_missing")
async def test_what_passes_alone_has_passed_and_is_named_in_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "READING", ())
    output = "FAILED tests/test_a.py::test_a - late\n1 failed, 3 passed in 0.10s"
    again = saying("pytest again", "1 passed in 0.01s")
    assert await checks.check([suite(output, 1, again=again)]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "Everything is in order.",
        "1 failed, 3 passed in 0.10s",
        "passed alone only: FAILED tests/test_a.py::test_a - late",
    ]


@pytest.mark.usefixtures("nc_missing")
async def test_what_has_passed_alone_is_told_from_what_has_failed_three_times(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "READING", ())
    first = (
        "FAILED tests/test_a.py::test_a - late\nFAILED tests/test_a.py::test_b - 1\n2 failed in 1s"
    )
    again = saying("pytest again", "FAILED tests/test_a.py::test_b - 2\n1 failed in 1s", 1)
    assert await checks.check([suite(first, 1, again=again)]) == 1
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "Failed: pytest",
        "2 failed in 1s",
        "passed alone only: FAILED tests/test_a.py::test_a - late",
        "failed each time: FAILED tests/test_a.py::test_b - 1",
    ]


async def test_a_broken_run_is_not_run_again() -> None:
    tested = await run(suite("ERROR: unknown option", 4))
    assert (tested.step.name, tested.exit_code) == ("pytest", 4)


# ── On which Pythons ──────────────────────────────────────────────────────────────────────────────

CLIENTS_ONLY = ("tests/client", "tests/terminal")


def python(*version: int, untested: str = "") -> Python:
    major, minor, patch = version
    return Python((major, minor, patch), f"/opt/{major}.{minor}.{patch}/python", "", untested)


@pytest.fixture
def four_pythons(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [python(3, minor, 1) for minor in (11, 12, 13, 14)]
    monkeypatch.setattr(pythons, "find", lambda: found)


def planned(*arguments: str) -> list[Suite]:
    return checks.plan(checks.parse(list(arguments)))


def test_without_a_word_the_tests_run_on_the_python_that_runs_the_check() -> None:
    [suite] = planned()
    assert suite.tests.command[0] == sys.executable
    assert suite.set_up is None
    assert suite.title == ""


@pytest.mark.usefixtures("four_pythons")
def test_the_oldest_python_runs_all_tests_and_the_others_what_depends_on_them() -> None:
    suites = planned("--all-pythons")
    assert [suite.tests.name for suite in suites] == [
        *("pytest 3.11.1", "pytest 3.12.1", "pytest 3.13.1", "pytest 3.14.1")
    ]
    partial = [suite.tests.command[-2:] == CLIENTS_ONLY for suite in suites]
    assert partial == [False, True, True, False]
    left_out = [sum(word.startswith("--ignore") for word in one.tests.command) for one in suites]
    assert left_out == [0, 0, 0, len(ON_ONE_PYTHON)]
    assert suites[0].title.endswith("all tests")
    assert suites[-1].title.endswith("all tests but those that no Python changes")


@pytest.mark.parametrize("processors, processes", [(1, 2), (2, 3), (4, 6)])
def test_while_some_tests_wait_others_run(
    processors: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(processors), raising=False)
    command = list(Pytest().here().tests.command)
    assert command[command.index("-n") + 1] == str(processes)


def test_what_runs_on_one_python_only_is_there() -> None:
    for path in ON_ONE_PYTHON:
        assert (ROOT / path).exists(), path
        assert not path.startswith(("tests/client", "tests/terminal", "tests/server"))


@pytest.mark.usefixtures("four_pythons")
def test_one_python_alone_runs_all_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pythons, "find", lambda: [python(3, 13, 0)])
    [suite] = planned("--all-pythons")
    assert not any(word.startswith("--ignore") for word in suite.tests.command)


@pytest.mark.usefixtures("four_pythons")
def test_tests_that_are_asked_for_are_the_same_on_all_pythons() -> None:
    for suite in planned("--all-pythons", "--", "tests/hub"):
        assert suite.tests.command[-1] == "tests/hub"
        assert "tests/client" not in suite.tests.command


@pytest.mark.usefixtures("four_pythons")
def test_any_pythons_can_be_named_and_run_all_tests() -> None:
    suites = planned("--python", "3.13", "--python=3.12.1", "--python", "3.13.1")
    assert [suite.tests.name for suite in suites] == ["pytest 3.13.1", "pytest 3.12.1"]
    assert not any(set(CLIENTS_ONLY) & set(suite.tests.command) for suite in suites)


def test_where_only_untested_pythons_are_the_check_still_tests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pythons, "find", lambda: [python(3, 99, 0, untested="so new")])
    [suite] = planned("--all-pythons")
    assert suite.tests.command[0] == sys.executable


@pytest.mark.usefixtures("four_pythons")
def test_each_python_has_an_environment_and_failures_of_its_own() -> None:
    first, second = planned("--python", "3.12", "--python", "3.13")
    assert first.set_up is not None
    assert first.set_up.command[0] == "/opt/3.12.1/python"
    assert first.set_up.command[-1] == ".venv-3.12.1"
    for suite, folder in ((first, "/.venv-3.12.1/"), (second, "/.venv-3.13.1/")):
        for step in (suite.tests, suite.again):
            assert folder in step.command[0]
            assert any(word.startswith("cache_dir=") and folder in word for word in step.command)


@pytest.mark.usefixtures("four_pythons")
def test_a_python_that_is_not_there_ends_the_check_with_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert checks.main(["--python", "3.15"]) == 2
    assert capsys.readouterr().err == (
        "There is no Python 3.15 here that makes environments. "
        "There are: 3.11.1, 3.12.1, 3.13.1, 3.14.1\n"
    )


@pytest.mark.usefixtures("nc_missing")
async def test_the_last_lines_say_how_many_tests_ran_on_which_python(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "READING", ())
    first = suite("4 passed in 0.10s", title="Python 3.12.1 (/usr/bin/python3), all tests")
    second = suite("3 passed in 0.20s", title="Python 3.13.0 (/opt/python), all tests")
    assert await checks.check([first, second]) == 0
    assert capsys.readouterr().out.splitlines()[-5:] == [
        "Everything is in order.",
        "Python 3.12.1 (/usr/bin/python3), all tests:",
        "4 passed in 0.10s",
        "Python 3.13.0 (/opt/python), all tests:",
        "3 passed in 0.20s",
    ]


@pytest.mark.usefixtures("nc_missing")
async def test_an_environment_that_cannot_be_made_fails_the_check_but_not_the_other_tests(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "READING", ())
    broken = Suite(NOT_WANTED, NOT_WANTED, saying("set up 3.14.0", "no space left", 1), "Python")
    assert await checks.check([broken, suite("4 passed in 0.10s")]) == 1
    said = capsys.readouterr().out
    assert "no space left" in said
    assert said.splitlines()[-4:] == [
        "Failed: set up 3.14.0",
        "Python:",
        "set up 3.14.0 ended without a summary (exit code 1)",
        "4 passed in 0.10s",
    ]


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
