"""The tests on one Python: its environment, pytest, and once more what failed."""

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from tools.pythons import Python
from tools.steps import Result, Step, run_and_say

SUMMARY = re.compile(r"\b(passed|failed|errors?|skipped|deselected|no tests ran)\b.* in [\d.]+s")

FAILED_EACH_TIME = "failed each time"
PASSED_ALONE = "passed alone only"

TESTS_FAILED = 1  # pytest's exit code for "some tests failed", and nothing worse

# What depends most on the Python: its asyncio, and what Textual makes of that.
MOST_DEPENDENT = ("tests/client", "tests/terminal")

ON_ONE_PYTHON = {
    "tests/web": "the page is JavaScript; what it asks of a server, tests/server asks on each",
    "tests/cluster": "PostgreSQL, NATS and kills are the system's; psycopg, tests/storage asks",
    "tests/faults": "disks, kills and clocks are the system's; SQLite is asked by tests/storage",
    "tests/simulation": "lives in virtual time, on a loop of its own",
    "tests/cost": "bars for the time that inputs take",
    "tests/fuzz": "bytes into codecs that are pure",
    "tests/benchmarks": "whether what measures works",
    "tests/test_hosting.py": "proxies before a server",
    "tests/test_expressions.py": "bars for the time that inputs take",
    "tests/scenarios/test_fresh_debian.py": "has a Python of its own",
}
"""What no Python changes, and why. It takes much of the time, and runs on the oldest only."""


def workers() -> int:
    """How many processes test at the same time: three for two processors.

    Tests of whole programs, which take the most of the time, wait for a third of it: for starts,
    terminals, browsers and deadlines. They are made for a machine that is busy with other things.
    """
    if hasattr(os, "sched_getaffinity"):  # a container may have fewer than the machine
        processors = len(os.sched_getaffinity(0))
    else:
        processors = os.cpu_count() or 1
    return processors + (processors + 1) // 2


class Which(Enum):
    """Which tests run on a Python."""

    ALL = "all tests"
    WITHOUT = "all tests but those that no Python changes"
    DEPENDENT = " ".join(MOST_DEPENDENT)


@dataclass(frozen=True)
class Suite:
    tests: Step
    again: Step  # what failed, alone
    set_up: Step | None = None
    title: str = ""  # which Python and which tests, where it does not go without saying


@dataclass(frozen=True)
class Pytest:
    """What all suites of a check have in common."""

    fast: bool = False
    long: bool = False
    arguments: Sequence[str] = ()

    def here(self) -> Suite:
        """On the Python that runs the check, in its environment."""
        return self._suite(sys.executable, "pytest", self.arguments)

    def on(self, python: Python, which: Which = Which.ALL) -> Suite:
        """On any Python. Arguments of the person who started the check say instead which tests."""
        environment = python.environment
        chosen: Sequence[str] = ()
        if which is Which.DEPENDENT:
            chosen = MOST_DEPENDENT
        elif which is Which.WITHOUT:
            chosen = [f"--ignore={path}" for path in ON_ONE_PYTHON]
        arguments = self.arguments or chosen
        what = " ".join(self.arguments) or which.value
        # What failed on one Python is not to be run again on another.
        cache = ("-o", f"cache_dir={environment.folder}/pytest_cache")
        return self._suite(
            environment.python,
            f"pytest {python.name}",
            (*cache, *arguments),
            again=cache,
            set_up=Step(
                f"set up {python.name}",
                (python.path, "-B", "-m", "tools.environment", environment.name),
            ),
            title=f"Python {python.name} ({python.path}), {what}",
        )

    def _suite(
        self,
        python: str,
        name: str,
        arguments: Sequence[str],
        *,
        again: Sequence[str] = (),
        set_up: Step | None = None,
        title: str = "",
    ) -> Suite:
        command = (python, "-m", "pytest", "-q", "-rfEs")
        # Who is done takes over from who is not.
        parallel = ("-n", str(workers()), "--dist", "worksteal")
        chosen = ("-m", "not slow") if self.fast else ()
        failed = ("--last-failed", "--last-failed-no-failures", "none")
        variables = {"HUBBUB_LONG": "1"} if self.long else {}
        return Suite(
            tests=Step(name, (*command, *parallel, *chosen, *arguments), variables),
            again=Step(f"{name} again", (*command, *failed, *again), variables),
            set_up=set_up,
            title=title,
        )


async def run(suite: Suite) -> Result:
    if suite.set_up:
        set_up = await run_and_say(suite.set_up)
        if set_up.failed:
            return set_up
    tested = await run_and_say(suite.tests)
    return await look_again(suite, tested) if tested.exit_code == TESTS_FAILED else tested


async def look_again(suite: Suite, tested: Result) -> Result:
    """Runs what failed once more, alone, and what fails then another time.

    Tests of terminals and of killed servers wait for other processes, with deadlines that a
    machine with everything on it at once can miss. The result says what became of each.
    """
    again = await run_and_say(suite.again)
    if again.exit_code == TESTS_FAILED:
        again = await run_and_say(suite.again)
    still = _failed(again.output) if again.failed else {}
    told = [
        f"{FAILED_EACH_TIME if name in still else PASSED_ALONE}: {line}"
        for name, line in _failed(tested.output).items()
    ]
    return replace(
        tested, exit_code=again.exit_code, output="\n".join((tested.output.rstrip(), *told))
    )


def _failed(output: str) -> dict[str, str]:
    """The lines of pytest's summary about tests that have failed, by the tests."""
    lines = (line for line in output.splitlines() if line.startswith(("FAILED ", "ERROR ")))
    return {line.split(" - ")[0]: line for line in lines}


def skipped(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("SKIPPED")]


def looked_at_again(output: str) -> list[str]:
    """Which tests have failed at first, and what became of them."""
    lines = output.splitlines()
    return [line for line in lines if line.startswith((FAILED_EACH_TIME, PASSED_ALONE))]


def summary(tested: Result) -> str:
    """pytest's own last word, such as `123 passed in 45.01s`."""
    for line in reversed(tested.output.splitlines()):
        if SUMMARY.search(line):
            return line.strip("= ")
    return f"{tested.step.name} ended without a summary (exit code {tested.exit_code})"
