"""Runs every check, two lanes at a time, and says what failed: `python check.py` ends up here."""

import argparse
import asyncio
import os
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from tools import page_tools, pythons, suites, system_packages
from tools.bootstrap import open_missing_streams
from tools.steps import Result, Step, run_and_say
from tools.suites import Pytest, Suite, Which


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
    Step("node --test", page_tools.tests("tests/page/**/*.test.js")),
)

PAGE_TOOLS = Step("npm ci", ())

READING_THE_PAGE = (
    Step("eslint", page_tools.eslint("src/hubbub/page", "tests/page")),
    Step("tsc", page_tools.tsc("tsconfig.json")),
    Step("tsc worker", page_tools.tsc("worker.json")),
)


async def read_the_code() -> list[Result]:
    return [await run_and_say(step) for step in READING] + await read_the_page()


async def read_the_page() -> list[Result]:
    """Without what it takes, this is left out, and said; in continuous integration that fails."""
    if missing := await asyncio.to_thread(page_tools.install_missing):
        return [Result(PAGE_TOOLS, 1 if os.environ.get("CI") else 0, 0.0, missing)]
    return [await run_and_say(step) for step in READING_THE_PAGE]


async def run_the_tests(tested_on: Sequence[Suite]) -> list[Result]:
    for line in await asyncio.to_thread(system_packages.install_missing):
        print(line, flush=True)
    # One after the other: each takes all processors.
    return [await suites.run(suite) for suite in tested_on]


async def check(tested_on: Sequence[Suite]) -> int:
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(read_the_code())
        testing = group.create_task(run_the_tests(tested_on))
    print()
    # A test that is skipped on each Python is named once.
    for line in dict.fromkeys(line for r in testing.result() for line in suites.skipped(r.output)):
        print(line)
    results = (*reading.result(), *testing.result())
    for result in results:
        if result.step is PAGE_TOOLS:
            print(result.output)
    failed = [result.step.name for result in results if result.failed]
    print("Failed: " + ", ".join(failed) if failed else "Everything is in order.")
    for suite, result in zip(tested_on, testing.result(), strict=True):
        if suite.title:
            print(f"{suite.title}:")
        print(suites.summary(result))
        for line in suites.looked_at_again(result.output):
            print(line)
    return 1 if failed else 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="check.py",
        description="Check the style, the types, the walls between the modules, and run the tests.",
        epilog="What follows -- goes to pytest: python check.py -- tests/hub -k join",
    )
    parser.add_argument("--fix", action="store_true", help="first mend what ruff can mend")
    parser.add_argument("--fast", action="store_true", help="leave out the tests marked slow")
    parser.add_argument("--long", action="store_true", help="run the long fault and load tests")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="PYTHON",
        help="run the tests on this Python instead: 3.13 (the oldest release of it that is here), "
        "3.13.0, a command or a path; may be given more than once",
    )
    which.add_argument(
        "--all-pythons",
        action="store_true",
        help="run all tests on the oldest Python that is here, on the newest those that depend on "
        "it, and those of the clients on each other one",
    )
    ours, theirs = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        ours, theirs = arguments[:cut], arguments[cut + 1 :]
    options = parser.parse_args(ours)
    options.pytest_arguments = theirs
    return options


def plan(options: argparse.Namespace) -> list[Suite]:
    """On which Pythons which tests run. Raises NoSuchPython."""
    pytest = Pytest(options.fast, options.long, options.pytest_arguments)
    if options.python:
        found = pythons.find()
        chosen = [pythons.choose(wanted, found) for wanted in options.python]
        return [pytest.on(python) for python in dict.fromkeys(chosen)]
    if options.all_pythons:
        each = pythons.one_of_each(pythons.find())
        if each:
            return [pytest.on(python, _which(python, each)) for python in each]
    return [pytest.here()]


def _which(python: pythons.Python, each: Sequence[pythons.Python]) -> Which:
    """The oldest runs all, the newest what depends on it, the others what does so most."""
    if python is each[0]:
        return Which.ALL
    return Which.WITHOUT if python is each[-1] else Which.DEPENDENT


def main(arguments: list[str]) -> int:
    open_missing_streams()
    options = parse(arguments)
    try:
        tested_on = plan(options)
    except pythons.NoSuchPython as error:
        print(error, file=sys.stderr)
        return 2
    for suite in tested_on:
        if suite.title:
            print(suite.title, flush=True)
    if options.fix:
        for step in FIXES:
            asyncio.run(run_and_say(step))
    try:
        return asyncio.run(check(tested_on))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
