"""Runs every check, two lanes at a time, and says what failed: `python check.py` ends up here."""

import argparse
import asyncio
import os
import re
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools import system_packages
from tools.bootstrap import open_missing_streams

SUMMARY = re.compile(r"\b(passed|failed|errors?|skipped|deselected|no tests ran)\b.* in [\d.]+s")


@dataclass(frozen=True)
class Step:
    name: str
    command: Sequence[str]
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    step: Step
    exit_code: int
    seconds: float
    output: str

    @property
    def failed(self) -> bool:
        return self.exit_code != 0


def python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


LINT_IMPORTS = str(Path(sysconfig.get_path("scripts"), "lint-imports"))

FIXES = (
    Step("ruff check --fix", python("ruff", "check", "--fix", "--exit-zero", "--quiet")),
    Step("ruff format", python("ruff", "format", "--quiet")),
)

READING = (
    Step("ruff format", python("ruff", "format", "--check")),
    Step("ruff check", python("ruff", "check")),
    Step("lint-imports", (LINT_IMPORTS, "--no-cache")),
    Step("mypy", python("mypy")),
)


def tests(*, fast: bool, long: bool, arguments: Sequence[str]) -> Step:
    # One process for each processor, and who is done takes over from who is not.
    command = python("pytest", "-q", "-rfEs", "-n", "auto", "--dist", "worksteal")
    if fast:
        command += ("-m", "not slow")
    return Step("pytest", (*command, *arguments), {"HUBBUB_LONG": "1"} if long else {})


async def run(step: Step) -> Result:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *step.command,
        env={**os.environ, **step.variables},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    exit_code = process.returncode or 0
    return Result(step, exit_code, time.monotonic() - began, output.decode(errors="replace"))


TESTS_FAILED = 1  # pytest's exit code for "some tests failed", and nothing worse


async def run_and_say(step: Step) -> Result:
    result = await run(step)
    outcome = "FAILED" if result.failed else "ok"
    print(f"{step.name:<16} {outcome:<6} {result.seconds:6.1f} s", flush=True)
    if result.failed:
        print(f"\n{result.output.rstrip()}\n", flush=True)
    return result


async def read_the_code() -> list[Result]:
    return [await run_and_say(step) for step in READING]


async def run_the_tests(step: Step) -> Result:
    for line in await asyncio.to_thread(system_packages.install_missing):
        print(line, flush=True)
    tested = await run_and_say(step)
    return await look_again(step, tested) if tested.exit_code == TESTS_FAILED else tested


async def look_again(step: Step, tested: Result) -> Result:
    """Runs what failed once more, alone.

    Tests of terminals and of killed servers wait for other processes, with deadlines that a
    machine with everything on it at once can miss. Each such test is told by name.
    """
    command = python("pytest", "-q", "-rfEs", "--last-failed", "--last-failed-no-failures", "none")
    again = await run_and_say(Step("pytest again", command, step.variables))
    if again.failed:
        return tested
    for line in tested.output.splitlines():
        if line.startswith(("FAILED", "ERROR")):
            print(f"passed alone only: {line}", flush=True)
    return again


async def check(test_step: Step) -> int:
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(read_the_code())
        testing = group.create_task(run_the_tests(test_step))
    tested = testing.result()
    print()
    for line in skipped(tested.output):
        print(line)
    failed = [result.step.name for result in (*reading.result(), tested) if result.failed]
    print("Failed: " + ", ".join(failed) if failed else "Everything is in order.")
    print(summary(tested))
    return 1 if failed else 0


def skipped(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("SKIPPED")]


def summary(tested: Result) -> str:
    """pytest's own last word, such as `123 passed in 45.01s`."""
    for line in reversed(tested.output.splitlines()):
        if SUMMARY.search(line):
            return line.strip("= ")
    return f"pytest ended without a summary (exit code {tested.exit_code})"


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="check.py",
        description="Check the style, the types, the walls between the modules, and run the tests.",
        epilog="What follows -- goes to pytest: python check.py -- tests/hub -k join",
    )
    parser.add_argument("--fix", action="store_true", help="first mend what ruff can mend")
    parser.add_argument("--fast", action="store_true", help="leave out the tests marked slow")
    parser.add_argument("--long", action="store_true", help="run the long fault and load tests")
    ours, theirs = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        ours, theirs = arguments[:cut], arguments[cut + 1 :]
    options = parser.parse_args(ours)
    options.pytest_arguments = theirs
    return options


def main(arguments: list[str]) -> int:
    open_missing_streams()
    options = parse(arguments)
    if options.fix:
        for step in FIXES:
            asyncio.run(run_and_say(step))
    step = tests(fast=options.fast, long=options.long, arguments=options.pytest_arguments)
    try:
        return asyncio.run(check(step))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
